import Glibc
import GopmJSON
import GopmTestSupport

/// 200 programs: 10 that write steadily, 10 that write and crash, one that floods, the rest quiet.
struct Fleet {
    static let count = 200
    /// Of each of the ten that write.
    static let writerRate = 50
    /// Of each of the ten that crash: a life of ten seconds, and one second until the next.
    static let (crasherRate, crasherLines) = (20, 200)
    static let floodRate = 2000

    /// The first in every list: quiet, and restarted in the end to see who notices.
    static let first = "first"
    /// Of gopmd, which has fewer while those that crash are down: five each, and some connections.
    static let mostDescriptorsDown = 55

    /// One that crashes every eleven seconds.
    static let crasher = "crash0"
    static let quiet = "quiet100"

    static let rates = """
        10 write \(writerRate) lines/s, 10 write \(crasherRate) lines/s and crash after \(crasherLines), one writes \
        \(floodRate) lines/s, \(count - 21) are quiet; logs are rotated at 64 KiB, the flooded one at 512 KiB
        """

    private let daemon: DaemonFixture
    private(set) var logs: [NumberedLog] = []
    /// Of those that never end.
    private var pids: [String: Int32] = [:]

    init(_ daemon: DaemonFixture) throws {
        self.daemon = daemon
        var apps = [app(Self.first, [])]
        add("flood", rate: Self.floodRate, to: &apps)
        for index in 0..<10 {
            add("write\(index)", rate: Self.writerRate, to: &apps)
            add("crash\(index)", rate: Self.crasherRate, lines: Self.crasherLines, to: &apps)
        }
        for index in apps.count..<Self.count { apps.append(app("quiet\(index)", [])) }
        let path = try daemon.write("{\"apps\":[\(apps.joined(separator: ","))]}", to: "apps.json")
        try daemon.run("start", path).check()
        for entry in try daemon.list() where !entry.text("name").hasPrefix("crash") {
            pids[entry.text("name")] = entry.pid
        }
    }

    private mutating func add(_ name: String, rate: Int, lines: Int? = nil, to apps: inout [String]) {
        let ending = lines == nil ? [] : ["--exit", "1"]
        apps.append(app(name, ["--rate", "\(rate)", "--lines", "\(lines ?? 1_000_000_000)"] + ending))
        logs.append(NumberedLog("\(daemon.home)/logs/\(name)-out.log", linesOfALife: lines))
    }

    private func app(_ name: String, _ arguments: [String]) -> String {
        let arguments = ["--marker", mark(name)] + (arguments.isEmpty ? ["--run-forever"] : arguments)
        let args = arguments.map { "\"\($0)\"" }.joined(separator: ",")
        let size = name == "flood" ? "512K" : "64K"
        return """
            {"name":"\(name)","command":"\(Programs.testapp)","args":[\(args)],"restart_delay":"1s","max_log_size":"\(size)"}
            """
    }

    private func mark(_ name: String) -> String { "\(daemon.folder)/\(name)/" }

    /// No line is lost, doubled or torn so far.
    mutating func checkLogs() throws {
        for index in logs.indices { try logs[index].check() }
    }

    /// No program runs twice, and none that does not end has been started again.
    func checkProcesses() throws {
        var running: [Substring: [pid_t]] = [:]
        for pid in ProcessTable.pids {
            let words = ProcessTable.commandLine(pid).split(separator: " ")
            guard words.count > 2, words[0] == Programs.testapp, words[2].hasPrefix(daemon.folder),
                ProcessTable.isAlive(pid)
            else { continue }
            running[words[2].dropFirst(daemon.folder.utf8.count + 1).dropLast(), default: []].append(pid)
        }
        if let (name, pids) = running.first(where: { $0.value.count > 1 }) {
            throw TestFailure("\(name) runs as \(pids)")
        }
        for (name, pid) in pids where running[Substring(name)] != [pid] {
            throw TestFailure("\(name), PID \(pid) in the beginning, is now \(running[Substring(name)] ?? [])")
        }
    }

    /// Restarts the first one.
    ///
    /// - Returns: Its new PID.
    mutating func restartFirst() throws -> Int32 {
        try daemon.run("restart", Self.first).check()
        let pid = try daemon.pid(Self.first)
        pids[Self.first] = pid
        return pid
    }

    /// What was written is in the logs, to the last line that was asked for.
    func checkAmount(in seconds: Int) throws {
        for log in logs {
            let steady = log.path.contains("/flood-") ? Self.floodRate : Self.writerRate
            let rate = log.linesOfALife == nil ? steady : Self.crasherRate
            // A machine that is busy makes a program late, never by half.
            guard log.lines > rate * seconds / 2 else { throw TestFailure("\(log.path): only \(log.lines) lines") }
        }
    }

    var text: String {
        let (lines, lives) = logs.reduce((0, 0)) { ($0.0 + $1.lines, $0.1 + $1.lives) }
        return "\(lines) lines of \(lives) lives read"
    }
}
