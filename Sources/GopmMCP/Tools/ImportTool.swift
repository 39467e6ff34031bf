import GopmJSON
import GopmModel
import GopmSystem
import GopmWire

extension Toolbox {
    var importTool: Tool {
        Tool(
            name: "gopm_import",
            title: "Import processes",
            description: """
                Start the apps of an ecosystem file, given as the list "apps" (as gopm_export shows them), except those \
                that exist: one with the same command and working directory is skipped. The list is checked as a whole \
                first; a fault in one app starts nothing. An app whose export named variables in "env_masked" needs \
                their values in "env".
                """,
            group: .start,
            effects: .init(isIdempotent: true),
            input: .arguments(
                .init(
                    "apps",
                    .array(of: .map(of: .anything)),
                    "apps of an ecosystem file: name and command, and what else is wanted",
                    isRequired: true
                )
            ),
            output: .result(
                .init("started", .array(of: ProcessSchema.full), "", isRequired: true),
                .init(
                    "skipped",
                    .array(of: .map(of: .anything)),
                    "name, and the process that matches",
                    isRequired: true
                ),
                .init("failed", .array(of: .map(of: .anything)), "name and error", isRequired: true)
            ),
            isSlow: true
        ) { [daemon, settings] call async throws(ToolFailure) in
            let apps = try ImportedApps(call.arguments["apps"]?.arrayValue ?? [], settings).apps
            return try await ImportRun(daemon: daemon, caller: call.caller, apps: apps).output()
        }
    }
}

/// The apps of a call, checked as a whole.
struct ImportedApps {
    private(set) var apps: [StartRequest] = []

    init(_ values: [JSONValue], _ settings: Toolbox.Settings) throws(ToolFailure) {
        // Not a field of ecosystem files: it says what is missing from this one.
        let masked = values.map { $0["env_masked"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        let plain = values.map { value in
            value.objectValue.map { JSONValue.object(JSONObject($0.members.filter { $0.key != "env_masked" })) }
                ?? value
        }
        let file: JSONValue = ["apps": .array(plain)]
        do throws(EcosystemError) {
            apps = try EcosystemFile(parsing: file.encoded).apps
        } catch {
            throw ToolFailure(error.lines.joined(separator: "\n"))
        }
        var faults: [String] = []
        for (index, app) in apps.enumerated() {
            let path = "apps[\(index)]"
            faults += Toolbox.maskedValues(in: app.env, at: "\(path).env")
            for name in masked[index] where app.env[name] == nil {
                faults.append(
                    "\(path).env: \(name) was masked in the export; give its value, or take it out of env_masked"
                )
            }
            if let cwd = app.cwd, !cwd.hasPrefix("/") {
                faults.append("\(path).cwd: \"\(cwd)\" is not an absolute path")
            }
            apps[index].cwd = app.cwd.map { PathText.normalized($0, relativeTo: "/") } ?? settings.userFolder
            apps[index].searchPath = app.searchPath ?? settings.searchPath
        }
        guard faults.isEmpty else { throw ToolFailure(faults.joined(separator: "\n")) }
    }
}

/// Starts apps one after the other and keeps what became of each.
struct ImportRun {
    let daemon: DaemonCalls
    let caller: Caller
    let apps: [StartRequest]
    private var started: [JSONValue] = []
    private var skipped: [JSONValue] = []
    private var failed: [JSONValue] = []

    init(daemon: DaemonCalls, caller: Caller, apps: [StartRequest]) {
        self.daemon = daemon
        self.caller = caller
        self.apps = apps
    }

    consuming func output() async throws(ToolFailure) -> ToolOutput {
        var known = try await daemon.records().map { ($0.spec.name, $0.spec.command, $0.spec.cwd) }
        for (index, app) in apps.enumerated() {
            // What was started stays; a client that has gone wants no more.
            guard !Task.isCancelled else { throw ToolFailure("cancelled after \(index) of \(apps.count) apps") }
            let name = app.name ?? ""
            await caller.report(Double(index), of: Double(apps.count), "starting \(name)")
            let command = ImportRun.resolved(app)
            if let match = known.first(where: { $0.1 == command && $0.2 == app.cwd }) {
                skipped.append(["name": .string(name), "matches": .string(match.0)])
                continue
            }
            let client = caller.client
            let outcome = await attempt { () async throws(ToolFailure) in
                try await daemon.value(.start, client: client) { app.encodeMembers(into: &$0) }
            }
            switch outcome {
            case .success(let process):
                started.append(SecretMask.masked(process))
                known.append((name, command, app.cwd ?? "/"))
            case .failure(let failure):
                failed.append(["name": .string(name), "error": .string(failure.message)])
            }
        }
        return summary()
    }

    private func summary() -> ToolOutput {
        var lines = started.map { ProcessText.line("started", $0) }
        lines += skipped.map { "skipped \(text($0, "name")): it matches \(text($0, "matches"))" }
        lines += failed.map { "failed \(text($0, "name")): \(text($0, "error"))" }
        lines.append("started \(started.count) of \(apps.count)")
        let result: JSONValue = ["started": .array(started), "skipped": .array(skipped), "failed": .array(failed)]
        var output = ToolOutput(lines.joined(separator: "\n"), structured: result.encoded)
        output.isError = !failed.isEmpty
        return output
    }

    private func text(_ value: JSONValue, _ key: String) -> String { ProcessText.safe(value[key]?.stringValue ?? "") }

    /// The path under which gopmd knows a command; the command itself if it is not to be found, which gopmd then says.
    private static func resolved(_ app: StartRequest) -> String {
        let path = try? Program.resolve(
            app.command,
            baseFolder: app.cwd ?? "/",
            searchPath: app.env["PATH"] ?? app.searchPath ?? "",
            isScript: app.interpreter != nil
        )
        return path ?? app.command
    }
}
