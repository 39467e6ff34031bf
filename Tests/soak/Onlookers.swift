import Glibc
import GopmTestSupport

/// Those who look on all the time: `gopm watch`, `gopm gui` and `gopm logs all -f` in terminals, and a client of gopm-mcp.
struct Onlookers {
    private let daemon: DaemonFixture
    private let watch: Tmux
    private let gui: Tmux
    private let logs: Tmux
    private let client: RunningCommand
    private let changes: String
    /// By name; none of them is ever replaced.
    let pids: [String: pid_t]

    init(_ daemon: DaemonFixture, mcpPort: UInt16) throws {
        self.daemon = daemon
        watch = try Tmux(daemon, columns: 120, rows: 50)
        gui = try Tmux(daemon, columns: 121, rows: 50)
        logs = try Tmux(daemon, columns: 160, rows: 50)
        changes = "\(daemon.folder)/changes"
        try watch.type("gopm watch\n")
        try gui.type("gopm gui\n")
        try logs.type("gopm logs all -f\n")
        try TestFiles.write("", to: changes)
        let told = getenv("GOPM_TEST_MCP_PYTHON").map { String(cString: $0) }
        let resources = ["gopm://processes", "gopm://process/\(Fleet.first)", "gopm://process/\(Fleet.crasher)"]
        client = try RunningCommand(
            told ?? "\(TestFiles.root)/.build-mcp/bin/python",
            [
                "-B", "-W", "ignore", "\(TestFiles.root)/Tests/mcp/subscriber.py", "http://127.0.0.1:\(mcpPort)/mcp",
                changes,
            ]
                + resources,
            environment: daemon.environment,
            folder: daemon.folder
        )
        guard watch.shows(Fleet.first), gui.shows("▸   0 "), logs.shows("xxxxx") else {
            throw TestFailure("a terminal shows nothing:\n\(watch.text)\n\(gui.text)\n\(logs.text)")
        }
        let changes = changes
        guard eventually(timeout: .seconds(20), { !LogText.lines(of: changes).isEmpty }) else {
            client.signal(SIGKILL)
            throw TestFailure("no subscription: \(try client.finish())")
        }
        pids = [
            "watch": try watch.program("watch"), "gui": try gui.program("gui"), "logs": try logs.program("logs"),
        ]
    }

    func end() {
        client.signal(SIGKILL)
        _ = try? client.finish()
    }

    /// How long the gui takes from a key to its effect on the screen, in milliseconds; a look takes some of them.
    func keyLatency() throws -> Double {
        let isFirst = gui.text.contains("▸   0 ")
        let begin = Deadline.now
        try gui.press(isFirst ? "Down" : "Up")
        let deadline = Deadline(.seconds(10))
        while !gui.text.contains(isFirst ? "▸   1 " : "▸   0 ") {
            guard !deadline.hasPassed else { throw TestFailure("gui does not react:\n\(gui.text)") }
        }
        return Double(Deadline.now - begin) / 1e6
    }

    /// All of them show what is so now, when the first program has been restarted.
    func check(_ fleet: inout Fleet) throws {
        for (name, pid) in pids where !ProcessTable.isAlive(pid) { throw TestFailure("\(name) has ended") }
        let told = count("gopm://process/\(Fleet.first)")
        let pid = try fleet.restartFirst()
        guard watch.shows("\(pid)") else { throw TestFailure("watch does not show \(pid):\n\(watch.text)") }
        guard gui.shows("\(pid)", "daemon PID: \(daemon.daemonPID ?? 0)") else {
            throw TestFailure("gui does not show \(pid) and \(daemon.daemonPID ?? 0):\n\(gui.text)")
        }
        guard eventually({ count("gopm://process/\(Fleet.first)") > told }) else {
            throw TestFailure("the MCP client is not told of a restart: \(LogText.lines(of: changes).suffix(5))")
        }
        guard eventually({ showsTheLastSeconds(logs.text) }) else { throw TestFailure("logs are late:\n\(logs.text)") }
    }

    private func count(_ resource: String) -> Int { LogText.lines(of: changes).count { $0 == resource } }

    var changesTold: Int { LogText.lines(of: changes).count - 1 }

    /// Whether a stamp of the last three seconds is in a text.
    private func showsTheLastSeconds(_ text: String) -> Bool {
        (0..<3).contains { ago in
            var (seconds, parts) = (time(nil) - ago, tm())
            localtime_r(&seconds, &parts)
            func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
            return text.contains("T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).")
        }
    }
}
