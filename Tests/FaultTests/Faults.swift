import CLinux
import Glibc
import GopmJSON
import GopmTestSupport

/// What the fault tests do to gopmd and its keeper, always by pid, and how they count.
extension DaemonFixture {
    /// The living keepers of this home.
    var keepers: [pid_t] {
        processes.filter { pid in
            TestFiles.target(of: "/proc/\(pid)/exe") == Programs.gopmd
                && ProcessTable.commandLine(pid).contains("--keeper")
        }
    }

    /// Waits for the one keeper of this home.
    func theKeeper() throws -> pid_t {
        guard let keeper = firstValue({ keepers.count == 1 ? keepers[0] : nil }) else {
            throw TestFailure("keepers: \(keepers)")
        }
        return keeper
    }

    /// Waits until a gopmd other than this one serves.
    func newDaemon(after old: pid_t) throws -> pid_t {
        let found = firstValue { () -> pid_t? in
            guard let pid = daemonPID, pid != old, ProcessTable.isAlive(pid) else { return nil }
            return pid
        }
        guard let found else { throw TestFailure("no gopmd comes after \(old)") }
        return found
    }

    /// Starts testapp with a mark that only this program bears.
    @discardableResult
    func begin(_ name: String, flags: [String] = [], _ arguments: [String]) throws -> CommandResult {
        try run(
            ["start", Programs.testapp, "--name", name, "--json"] + flags + ["--", "--marker", mark(name)] + arguments
        )
    }

    func mark(_ name: String) -> String { "\(folder)/\(name)/" }

    /// The living processes with a program's mark, whoever their parent is.
    func copies(_ name: String) -> [pid_t] {
        let mark = mark(name)
        return ProcessTable.pids.filter { pid in
            TestFiles.target(of: "/proc/\(pid)/exe") == Programs.testapp
                && ProcessTable.commandLine(pid).contains(mark) && ProcessTable.isAlive(pid)
        }
    }

    /// Kills the keeper and gopmd, so that nobody brings either back.
    func killBoth() throws {
        let (keeper, daemon) = (try theKeeper(), daemonPID)
        kill(keeper, SIGSTOP)
        if let daemon { killed(daemon) }
        killed(keeper)
    }

    /// Kills a process and waits until it is gone.
    func killed(_ pid: pid_t) {
        guard pid > 1 else { return }
        kill(pid, SIGKILL)
        _ = eventually { !ProcessTable.isAlive(pid) }
    }

    /// What of the list is not so in `/proc`: a process that is online has exactly one copy, any other none.
    ///
    /// `names`: All that were ever started by ``begin(_:flags:_:)``, so that those that are deleted count too.
    func disorder(_ names: [String]) throws -> String? {
        let list = try list()
        for name in names {
            let copies = copies(name)
            guard let entry = list.first(where: { $0.text("name") == name }) else {
                if copies.isEmpty { continue }
                return "\(name) is not in the list and runs as \(copies)"
            }
            let state = entry.text("state")
            if state == "running", copies == [entry.pid] { continue }
            if state == "stopped" || state == "errored", copies.isEmpty, entry.text("wanted") != "up" { continue }
            return "\(name) is \(state), wanted \(entry.text("wanted")), PID \(entry.pid), and runs as \(copies)"
        }
        return nil
    }

    /// Zombies that are children of a gopmd of this home.
    var zombies: [pid_t] {
        let daemons = Set(daemons)
        return ProcessTable.pids.filter {
            ProcessTable.state($0) == "Z" && daemons.contains(ProcessTable.parent($0) ?? 0)
        }
    }

    /// Waits for order; throws with what is wrong with it in the end.
    func settles(_ names: [String], timeout: Duration = .seconds(10)) throws {
        var trouble: String?
        let isOrderly = try eventually(timeout: timeout) {
            trouble = try disorder(names)
            return trouble == nil && zombies.isEmpty
        }
        guard !isOrderly else { return }
        throw TestFailure(trouble ?? "zombies of gopmd: \(zombies)")
    }
}

/// Calls that Swift's Glibc module lacks.
enum SystemCalls {
    /// prlimit(2): sets the soft `RLIMIT_NOFILE` of a process, at most to the hard one, which stays.
    static func limitOpenFiles(of pid: pid_t, to soft: Int) throws {
        typealias Call = @convention(c) (pid_t, Int32, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Int32
        guard let function = dlsym(nil, "prlimit64") else { throw TestFailure("no prlimit64") }
        let call = unsafeBitCast(function, to: Call.self)
        var limit: [UInt64] = [0, 0]
        guard call(pid, 7, nil, &limit) == 0 else { throw TestFailure("prlimit: \(String(cString: strerror(errno)))") }
        limit[0] = min(UInt64(soft), limit[1])
        guard call(pid, 7, limit, nil) == 0 else { throw TestFailure("prlimit: \(String(cString: strerror(errno)))") }
    }

    /// Raises our own soft limit of open files, for tests that connect a thousand times.
    static func raiseOwnLimit() {
        var hard: UInt64 = 0
        _ = gopm_open_files_limit(&hard)
        _ = gopm_set_open_files_limit(min(hard, 65_536))
    }

    /// User and system time in clock ticks of 10 ms, all threads.
    static func cpuTicks(of pid: pid_t) -> Int {
        Int(gopm_cpu_time_of(pid) / 10_000_000)
    }
}

extension StringProtocol {
    /// The whole numbers in a text, in order.
    var numbers: [Int] {
        split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    }
}
