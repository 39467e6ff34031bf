import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmSystem
import GopmTerminal
import GopmWire

#if canImport(Glibc)
    import Glibc
#endif

/// `gopm start ecosystem.json`: all apps at once, one line for each.
struct EcosystemStart {
    let global: GlobalOptions
    let path: String
    let waits: Bool

    func run() throws(CommandFailure) {
        let file = try EcosystemLoading.load(path)
        let connection = try global.connect()
        connection.setTimeout(seconds: 4000)
        var outcomes: [AppOutcome] = file.apps.map { AppOutcome(name: $0.name ?? "") }
        var sent: [Int: Int] = [:]
        for (index, app) in file.apps.enumerated() {
            do throws(CommandFailure) {
                let request = try EcosystemLoading.resolved(app, in: file.folder)
                let id = try reporting { () throws(ClientError) in
                    try connection.send(.start) { json in
                        request.encodeMembers(into: &json)
                        json.member("if_exists", "same")
                        json.member("wait", waits)
                    }
                }
                sent[id] = index
            } catch {
                outcomes[index].failure = error.lines.joined(separator: "; ")
            }
        }
        try collect(connection, sent, &outcomes)
        try tell(outcomes)
    }

    private func collect(
        _ connection: ControlConnection,
        _ sent: [Int: Int],
        _ outcomes: inout [AppOutcome]
    ) throws(CommandFailure) {
        var sent = sent
        while !sent.isEmpty {
            let reply = try reporting { () throws(ClientError) in try connection.receive() }
            guard let id = reply.id, let index = sent.removeValue(forKey: id) else { continue }
            switch reply.result {
            case .success(let data): outcomes[index].data = data
            case .failure(let error): outcomes[index].failure = error.message
            }
        }
    }

    private func tell(_ outcomes: [AppOutcome]) throws(CommandFailure) {
        let failed = outcomes.count { $0.failure != nil }
        if global.json {
            let text = AppOutcome.json(outcomes)
            guard failed == 0 else { throw CommandFailure(.failed, [], json: text) }
            return Console.json(text)
        }
        for outcome in outcomes { try outcome.tell() }
        Console.out("Started \(outcomes.count - failed)/\(outcomes.count) processes")
        if failed > 0 { throw CommandFailure.silent(.failed) }
    }
}

/// What became of one app of a file.
struct AppOutcome {
    var name: String
    /// The process object.
    var data: [UInt8] = []
    var failure: String?

    func tell() throws(CommandFailure) {
        let shownName = DisplayText.sanitized(name)
        if let failure {
            Console.out("\(Console.styled("FAIL", .red)) \(shownName) (\(DisplayText.sanitized(failure)))")
            return
        }
        let record = try RecordReading.first(data)
        if isAlreadyRunning {
            Console.out("\(Console.styled("SKIP", .yellow)) \(shownName) (already running, PID: \(record.pid))")
        } else {
            Console.out("\(Console.styled("OK", .green)) \(shownName) (PID: \(record.pid))")
        }
    }

    private var isAlreadyRunning: Bool {
        (try? JSONValue.parse(data))?["already_running"]?.boolValue == true
    }

    /// The process objects, and for failures `{"name","error"}`.
    static func json(_ outcomes: [AppOutcome]) -> [UInt8] {
        var json = JSONWriter()
        json.array { json in
            for outcome in outcomes {
                guard let failure = outcome.failure else {
                    json.raw(outcome.data)
                    continue
                }
                json.object { json in
                    json.member("name", outcome.name)
                    json.member("error", failure)
                }
            }
        }
        return json.bytes
    }
}

/// Reads ecosystem files and makes their relative paths absolute.
enum EcosystemLoading {
    struct Loaded {
        var apps: [StartRequest]
        /// Where its relative paths begin.
        var folder: String
    }

    static func load(_ path: String) throws(CommandFailure) -> Loaded {
        let full = PathText.normalized(path, relativeTo: FileSystem.currentFolder)
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileSystem.read(full)
        } catch {
            throw CommandFailure("\(path): \(error.errno.words)")
        }
        do throws(EcosystemError) {
            return Loaded(apps: try EcosystemFile(parsing: bytes).apps, folder: PathText.folder(full))
        } catch {
            throw CommandFailure(.failed, error.lines.map { "\(path): \($0)" })
        }
    }

    /// An app as the daemon gets it: its own folder, this shell's search path, absolute paths.
    static func resolved(_ app: StartRequest, in folder: String) throws(CommandFailure) -> StartRequest {
        var request = app
        let cwd = PathText.normalized(app.cwd ?? folder, relativeTo: folder)
        request.cwd = cwd
        request.searchPath = app.searchPath ?? getenv("PATH").map { String(cString: $0) }
        request.command = try StartResolution.command(
            app.command,
            baseFolder: cwd,
            searchPath: app.env["PATH"] ?? request.searchPath,
            isScript: app.interpreter != nil
        )
        request.interpreter = app.interpreter.map { $0.contains("/") ? PathText.normalized($0, relativeTo: cwd) : $0 }
        request.logOut = app.logOut.map { PathText.normalized($0, relativeTo: folder) }
        request.logErr = app.logErr.map { PathText.normalized($0, relativeTo: folder) }
        return request
    }
}
