import GopmJSON
package import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// PM2 through its own command line: what it has, and what it is to do.
package final class PM2Side {
    package let home: String
    /// Inherited by every command that changes something, so that one which outlives us keeps the next run waiting.
    package var lock: LockFile?
    private let tool: Tool?
    private var known: [PM2Process]?

    /// The program, and words before its arguments.
    private struct Tool {
        var program: String
        var words: [String]
    }

    package init(home: String, searchPath: String) {
        self.home = home
        if let pm2 = Program.find("pm2", on: searchPath) {
            tool = Tool(program: pm2, words: [])
        } else if let node = PM2Daemon.look(home).executable,
            FileSystem.exists("\(PathText.folder(node))/pm2")
        {
            tool = Tool(program: node, words: ["\(PathText.folder(node))/pm2"])
        } else {
            tool = nil
        }
    }

    var isInstalled: Bool { tool != nil }

    /// The script that `pm2` is, for what is installed beside it.
    var program: String? { tool.map { $0.words.first ?? $0.program } }

    /// Whether there is a daemon to talk to.
    package func isRunning() throws(PM2Error) -> Bool {
        switch PM2Daemon.look(home) {
        case .running: return true
        case .none: return false
        case .unreachable(let pid):
            throw PM2Error(
                "PM2's daemon (PID \(pid)) lives, but does not answer at \(home)/rpc.sock; pm2 update mends that"
            )
        }
    }

    /// What PM2 lists now; only while its daemon runs.
    package func list() throws(PM2Error) -> [PM2Process] {
        if let known { return known }
        let run = try self.run(["jlist"], deadline: .seconds(60), isChange: false)
        guard !run.isCut else { throw PM2Error("pm2 jlist printed over \(PM2Side.limit >> 20) MB") }
        guard let list = PM2List.parse(output: Array(run.output.utf8)) else {
            throw PM2Error("pm2 jlist printed no list of processes\(PM2Side.words(of: run))")
        }
        known = list
        return list
    }

    /// Has the list be asked for anew, as others may have changed it.
    func forgetList() {
        known = nil
    }

    /// Those of PM2's list that are one of these.
    func entries(of processes: [PM2Process]) throws(PM2Error) -> [PM2Process] {
        try list().filter { entry in processes.contains { $0.isSame(as: entry) } }
    }

    func stop(_ ids: [Int], killTimeout: Duration) throws(PM2Error) {
        try change("stop", ids, deadline: .seconds(30) + killTimeout * ids.count)
    }

    func restart(_ ids: [Int]) throws(PM2Error) {
        try change("restart", ids, deadline: .seconds(60))
    }

    func delete(_ ids: [Int], killTimeout: Duration) throws(PM2Error) {
        try change("delete", ids, deadline: .seconds(30) + killTimeout * ids.count)
    }

    /// Has PM2 take in entries that it no longer has, exactly as they were: PM2 reads a dump of another place when
    /// PM2_DUMP_FILE_PATH names one (its `paths.js`).
    func resurrect(_ elements: [JSONValue], through file: String) throws(PM2Error) {
        // A daemon that is started by it would keep those places for its own dumps.
        if try !isRunning() { try run(["ping"], deadline: .seconds(60), isChange: true) }
        do throws(SystemError) {
            try FileSystem.replace(file, with: JSONValue.array(elements).encoded, isDurable: false)
        } catch {
            throw PM2Error("\(error)")
        }
        setenv("PM2_DUMP_FILE_PATH", file, 1)
        // It would save what it took in over the real dump's backup.
        setenv("PM2_DUMP_BACKUP_FILE_PATH", file + ".bak", 1)
        defer {
            unsetenv("PM2_DUMP_FILE_PATH")
            unsetenv("PM2_DUMP_BACKUP_FILE_PATH")
            unlink(file)
        }
        try run(["resurrect"], deadline: .seconds(90), isChange: true)
    }

    private func change(_ command: String, _ ids: [Int], deadline: Duration) throws(PM2Error) {
        guard !ids.isEmpty else { return }
        try run([command] + ids.map(String.init), deadline: deadline, isChange: true)
    }

    private static let limit = 64 << 20

    @discardableResult
    private func run(_ arguments: [String], deadline: Duration, isChange: Bool) throws(PM2Error) -> CommandRun {
        guard let tool else { throw PM2Error("pm2 is not on PATH") }
        setenv("PM2_HOME", home, 1)
        if isChange { known = nil }
        let run: CommandRun
        do throws(SystemError) {
            run = try CommandRun.run(
                tool.program,
                tool.words + arguments,
                deadline: deadline,
                limit: PM2Side.limit,
                hasOwnSession: true,
                inherited: isChange ? lock?.descriptor : nil
            )
        } catch {
            let what = "pm2 \(arguments.joined(separator: " "))"
            throw PM2Error(error.errno == .timedOut ? "\(what) did not end within \(deadline)" : "\(what): \(error)")
        }
        guard run.status == 0 else {
            throw PM2Error("pm2 \(arguments.joined(separator: " ")) failed\(PM2Side.words(of: run))")
        }
        return run
    }

    /// The last line of what it said.
    private static func words(of run: CommandRun) -> String {
        let lines = [run.standardError, run.output].flatMap { $0.suffix(4096).split(whereSeparator: \.isNewline) }
        guard let line = lines.last(where: { !$0.allSatisfy(\.isWhitespace) }) else { return "" }
        return ": \(line.prefix(300))"
    }
}
