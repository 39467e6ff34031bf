import CLinux
import GopmJSON
import GopmModel
import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Where PM2's processes are read from: its daemon, its dump, or a file that was named.
package struct PM2Source {
    package var processes: [PM2Process]
    /// For people: where they are from.
    package var description: String
    /// What is in the file besides apps (`deploy`).
    package var otherSections: [String] = []

    /// What PM2 itself has here.
    ///
    /// `onlyLooks`: Whether nothing will be moved, so that a dump serves also where PM2 can't be called.
    package static func own(_ pm2: PM2Side, onlyLooks: Bool) throws(PM2Error) -> PM2Source {
        let isRunning = try pm2.isRunning()
        if isRunning {
            if pm2.isInstalled { return PM2Source(processes: try pm2.list(), description: "PM2") }
            guard onlyLooks else {
                throw PM2Error("PM2 runs, but pm2 is not on PATH, so nothing can be stopped in it; add it to PATH")
            }
        }
        let path = "\(pm2.home)/dump.pm2"
        guard FileSystem.exists(path) else {
            let others = PM2Daemon.homes().filter { $0 != pm2.home }
            let hint = others.isEmpty ? "" : "; PM2 runs with another home: gopm pm2 --pm2-home \(others[0])"
            throw PM2Error("PM2 does not run in \(pm2.home), and there is no dump.pm2 of it\(hint)")
        }
        return try dump(path, origin: isRunning ? .live : .dump)
    }

    /// What a file holds: a dump, or an ecosystem file of any kind that PM2 takes.
    package static func file(_ path: String, _ pm2: PM2Side, place: PM2App.Surroundings) throws(PM2Error) -> PM2Source {
        let name = PathText.lastPart(path)
        let endings = name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().map(String.init)
        let node = NodeReading(searchPath: place.searchPath, pm2Program: pm2.program)
        let document: JSONValue
        switch endings.last {
        case "js", "cjs", "mjs": document = try node.module(path)
        case "yml", "yaml": document = try node.yaml(path)
        default:
            document = try json(path)
            if let first = document.arrayValue?.first, PM2Process(first, origin: .dump) != nil {
                // With a daemon of PM2 that runs, its list counts, and a dump is only text.
                return try dump(path, origin: PM2Daemon.look(pm2.home) == .none ? .dump : .file)
            }
        }
        do throws(PM2Error) {
            let file = try PM2EcosystemFile(document)
            let processes = file.apps.compactMap { PM2App($0).process(in: place) }
            return PM2Source(processes: processes, description: path, otherSections: file.otherSections)
        } catch {
            throw PM2Error("\(path): \(error)")
        }
    }

    private static func dump(_ path: String, origin: PM2Process.Origin) throws(PM2Error) -> PM2Source {
        guard let list = try json(path).arrayValue else { throw PM2Error("\(path): expected a list of processes") }
        let processes = list.compactMap { PM2Process($0, origin: origin) }
        if processes.count < list.count { throw PM2Error("\(path): not everything in it is a process of PM2") }
        return PM2Source(processes: processes, description: path)
    }

    private static func json(_ path: String) throws(PM2Error) -> JSONValue {
        do {
            return try JSONValue.parse(try FileSystem.read(path))
        } catch let error as SystemError {
            throw PM2Error("\(error)")
        } catch {
            throw PM2Error("\(path): \(error)")
        }
    }
}

/// Looks for what would keep a process from being moved, before anything is changed.
package struct MoveCheck {
    package let pm2: PM2Side
    package let uid: UInt32

    package init(pm2: PM2Side, uid: UInt32) {
        self.pm2 = pm2
        self.uid = uid
    }

    /// - Returns: The obstacle in one line, `nil` if there is none.
    package func obstacle(to plan: ImportPlan) -> String? {
        plan.obstacle ?? programProblem(plan.request) ?? managerProblem(plan)
    }

    private func programProblem(_ request: StartRequest) -> String? {
        let cwd = request.cwd ?? "/"
        let path = request.searchPath ?? ProcessDefaults.searchPath
        do throws(ProgramError) {
            _ = try Program.resolve(
                request.command,
                baseFolder: cwd,
                searchPath: path,
                isScript: request.interpreter != nil
            )
            if let name = request.interpreter {
                _ = try Program.interpreter(name, baseFolder: cwd, searchPath: path)
            }
            guard FileSystem.isFolder(cwd) else { throw ProgramError(code: .workingDirectory, path: cwd) }
            return nil
        } catch {
            return error.description
        }
    }

    private func managerProblem(_ plan: ImportPlan) -> String? {
        if ProcessTraces.isInside(plan.processes) {
            return "this command itself runs inside of it; call it from a terminal that PM2 did not start"
        }
        switch plan.first.origin {
        case .live: return ownerProblem()
        case .dump:
            let left = ProcessTraces(of: plan.processes).living()
            guard let first = left.first, plan.wantsUp else { return ownerProblem() }
            return "PM2's daemon has died and left it running as PID \(first.pid); end that first (kill \(first.pid))"
        case .file:
            guard (try? pm2.isRunning()) == true else { return nil }
            guard let list = try? pm2.list() else { return "PM2 runs, and whether it has this one cannot be asked" }
            let other = list.first { entry in
                entry.isUp && (entry.name == plan.first.name || plan.processes.contains { $0.isSame(as: entry) })
            }
            return other.map { "PM2 runs it (id \($0.id ?? -1)); to move that one: gopm pm2 \($0.name)" }
        }
    }

    /// What another user's PM2 runs would become programs of this user.
    private func ownerProblem() -> String? {
        var info = stat()
        guard stat(pm2.home, &info) == 0, info.st_uid != uid else { return nil }
        let owner = UserAccount.find(uid: info.st_uid)?.name ?? String(info.st_uid)
        return "\(pm2.home) belongs to \(owner), and its programs would run as another user; call gopm pm2 as \(owner)"
    }
}
