import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmSystem
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
        var fates: [AppOutcome.Fate] = file.apps.map { _ in .failed("the daemon did not answer") }
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
                fates[index] = .failed(error.lines.joined(separator: "; "))
            }
        }
        while !sent.isEmpty {
            let reply = try reporting { () throws(ClientError) in try connection.receive() }
            guard let id = reply.id, let index = sent.removeValue(forKey: id) else { continue }
            switch reply.result {
            case .success(let data): fates[index] = wasRunning(data) ? .alreadyRunning(data) : .started(data)
            case .failure(let error): fates[index] = .failed(error.message)
            }
        }
        let outcomes = zip(file.apps, fates).map { AppOutcome($0, $1) }
        try AppOutcome.tell(outcomes, verb: "Started", json: global.json)
    }

    private func wasRunning(_ data: [UInt8]) -> Bool {
        (try? JSONValue.parse(data))?["already_running"]?.boolValue == true
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
            throw CommandFailure("cannot read \(path): \(error.errno.words)")
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
        request.searchPath = app.searchPath ?? Environment.value("PATH")
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
