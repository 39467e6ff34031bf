import GopmJSON
import GopmModel
import GopmWire

/// What clients can read: the processes, their logs, the daemon.
struct Resources: Sendable {
    let daemon: DaemonCalls

    /// Processes whose resources make one page of the list.
    private static let pageSize = 100
    /// Lines of a log that a resource has.
    private static let logLines = 100

    /// One entry of a list, of a resource or of a template.
    struct Entry {
        var uri: String
        var name: String
        var title: String
        var description: String
        var mimeType: String

        func encode(into json: inout JSONWriter, for revision: Revision, uriKey: String) {
            json.object { json in
                json.member(uriKey, uri)
                json.member("name", name)
                if revision.hasTitlesAndStructure { json.member("title", title) }
                json.member("description", description)
                json.member("mimeType", mimeType)
            }
        }
    }

    static let templates = [
        Entry(
            uri: "gopm://process/{name}",
            name: "process",
            title: "A process",
            description:
                "Everything about one process: settings, state, counters, living processes. Secrets in the environment are masked.",
            mimeType: "application/json"
        ),
        Entry(
            uri: "gopm://logs/{name}/stdout",
            name: "stdout",
            title: "Standard output of a process",
            description: "The last 100 lines that a process wrote to its standard output.",
            mimeType: "text/plain"
        ),
        Entry(
            uri: "gopm://logs/{name}/stderr",
            name: "stderr",
            title: "Standard error of a process",
            description: "The last 100 lines of standard error, and what gopm did to the process.",
            mimeType: "text/plain"
        ),
    ]

    private static let fixed = [
        Entry(
            uri: ResourceURI.processes.text,
            name: "processes",
            title: "All processes",
            description: "All processes of gopm, with settings and state. Secrets in their environments are masked.",
            mimeType: "application/json"
        ),
        Entry(
            uri: ResourceURI.status.text,
            name: "status",
            title: "The gopm daemon",
            description: "PID, uptime, version and config file of the daemon.",
            mimeType: "application/json"
        ),
    ]

    /// The fixed ones, then those of each process; a daemon that cannot be reached has no processes.
    func list(_ params: JSONObject, _ revision: Revision) async throws(RPCError) -> [UInt8] {
        let records = (try? await daemon.records()) ?? []
        let start = try Resources.start(params["cursor"], count: records.count)
        let page = records[start...].prefix(Resources.pageSize)
        let entries = (start == 0 ? Resources.fixed : []) + page.flatMap { Resources.entries(of: $0.spec.name) }
        return ResultText.encode(revision, freshFor: 0) { json in
            json.member("resources") { json in
                json.array { json in for entry in entries { entry.encode(into: &json, for: revision, uriKey: "uri") } }
            }
            if page.endIndex < records.count { json.member("nextCursor", "\(page.endIndex)") }
        }
    }

    private static func start(_ cursor: JSONValue?, count: Int) throws(RPCError) -> Int {
        guard let cursor, cursor != .null else { return 0 }
        guard let text = cursor.stringValue, let start = Int(text), start > 0, start.isMultiple(of: pageSize) else {
            throw RPCError(.invalidParameters, "params.cursor is none that was given out")
        }
        return min(start, count)
    }

    private static func entries(of name: String) -> [Entry] {
        templates.map { template in
            var entry = template
            entry.uri = template.uri.replacing("{name}", with: name)
            entry.name = template.name == "process" ? name : "\(name) \(template.name)"
            entry.title = template.name == "process" ? "Process \(name)" : "\(template.name) of \(name)"
            return entry
        }
    }

    func templates(_ revision: Revision) -> [UInt8] {
        ResultText.encode(revision, freshFor: 60_000) { json in
            json.member("resourceTemplates") { json in
                json.array { json in
                    for template in Resources.templates {
                        template.encode(into: &json, for: revision, uriKey: "uriTemplate")
                    }
                }
            }
        }
    }

    func read(_ params: JSONObject, _ revision: Revision) async throws(RPCError) -> [UInt8] {
        guard let text = params["uri"]?.stringValue else {
            throw RPCError(.invalidParameters, "params.uri is missing or not a string")
        }
        let content = try await content(of: text, revision)
        return ResultText.encode(revision, freshFor: 0) { json in
            json.member("contents") { json in json.array { content.encode(into: &$0) } }
        }
    }

    /// The text of a resource.
    struct Content: Sendable {
        var uri: String
        var mimeType: String
        var text: String

        func encode(into json: inout JSONWriter) {
            json.object { json in
                json.member("uri", uri)
                json.member("mimeType", mimeType)
                json.member("text", text)
            }
        }
    }

    func content(of text: String, _ revision: Revision) async throws(RPCError) -> Content {
        guard let uri = ResourceURI(text) else { throw Resources.notFound(text, "no such resource", revision) }
        let result = await attempt { () async throws(ToolFailure) in try await self.text(of: uri) }
        switch result {
        case .success(let (mimeType, content)): return Content(uri: text, mimeType: mimeType, text: content)
        case .failure(let failure): throw Resources.notFound(text, failure.message, revision)
        }
    }

    private func text(of uri: ResourceURI) async throws(ToolFailure) -> (mimeType: String, String) {
        let value: JSONValue
        switch uri {
        case .processes: value = try await daemon.value(.list)
        case .status: value = try await daemon.value(.ping)
        case .process(let name): value = try await daemon.value(.describe) { $0.member("target", name) }
        case .log(let name, let isError): return ("text/plain", try await log(name, isError: isError))
        }
        return ("application/json", String(decoding: SecretMask.masked(value).encoded, as: UTF8.self))
    }

    private func log(_ name: String, isError: Bool) async throws(ToolFailure) -> String {
        let record = try await daemon.record(name)
        let all = LogSelection.sources(of: record, errorsOnly: false)
        // One file for both streams is the log of either.
        let sources = isError || all.count == 1 ? Array(all.prefix(1)) : Array(all.suffix(1))
        return await daemon.work.run { LogSelection(lines: Resources.logLines).read(sources).text() }
    }

    /// The code for it was given up in the stateless revision.
    private static func notFound(_ uri: String, _ reason: String, _ revision: Revision) -> RPCError {
        RPCError(revision.isStateless ? .invalidParameters : .resourceNotFound, reason, data: ["uri": .string(uri)])
    }
}
