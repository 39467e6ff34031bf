import GopmModel
import GopmSystem
import GopmWire

/// From a wish to a spec: defaults, resolved paths, and what must not be shared.
extension Supervisor {
    func makeSpec(of request: StartRequest) throws(RequestError) -> ProcessSpec {
        let cwd = PathText.normalized(request.cwd ?? environment.home ?? "/", relativeTo: "/")
        let searchPath = request.env["PATH"] ?? request.searchPath ?? environment.path
        let command: String
        do throws(ProgramError) {
            command = try Program.resolve(
                request.command,
                baseFolder: cwd,
                searchPath: searchPath,
                isScript: request.interpreter != nil
            )
            if let interpreter = request.interpreter {
                _ = try Program.interpreter(interpreter, baseFolder: cwd, searchPath: searchPath)
            }
            guard FileSystem.isFolder(cwd) else { throw ProgramError(code: .workingDirectory, path: cwd) }
        } catch {
            throw RequestError(.startFailed, "cannot start: \(error)")
        }
        let name = request.name ?? ProcessName.nearestValid(to: PathText.lastPart(command))
        guard ProcessName.isValid(name) else {
            throw RequestError(.invalidValue, "\"\(name)\" is not \(ProcessName.rule)")
        }
        var spec = ProcessSpec(name: name, command: command, cwd: cwd)
        spec.args = request.args
        spec.env = request.env
        spec.interpreter = request.interpreter
        spec.searchPath = request.searchPath
        spec.policy = request.policy
        spec.logOut = request.logOut.map { PathText.normalized($0, relativeTo: cwd) } ?? logPath(of: name, "out")
        spec.logErr = request.logErr.map { PathText.normalized($0, relativeTo: cwd) } ?? logPath(of: name, "err")
        spec.maxLogSize = request.maxLogSize ?? config.logs.maxSize
        return spec
    }

    /// Where a stream goes that names no path of its own.
    func logPath(of name: String, _ stream: String) -> String {
        "\(config.logFolder(home: home, userDirectory: environment.home))/\(name)-\(stream).log"
    }

    /// Two processes never write one file: lines would be torn and rotations doubled.
    func refuseSharedLogs(of spec: ProcessSpec) throws(RequestError) {
        for path in [spec.logOut, spec.logErr] where !path.hasPrefix("/dev/") {
            guard let owner = owner(ofLog: path) else { continue }
            throw RequestError(.invalidValue, "log file \(path) is already used by process \"\(owner.name)\"")
        }
    }
}
