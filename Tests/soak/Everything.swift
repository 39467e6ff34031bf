import Glibc
import GopmTestSupport
import SeededRandom

/// Everything at once under a systemd of its own: many programs, databases, onlookers, commands, and a gopmd that is killed
/// every few seconds.
///
/// Nothing is lost, nobody waits long, and whoever stays holds in the end what it held in the beginning.
struct Everything {
    private let daemon: DaemonFixture
    private let duration: Duration
    private var random: SeededGenerator
    private var outages: [ListCalls.Outage] = []
    private var keys = Latencies()
    private var trends: [String: Trend] = [:]

    /// Milliseconds that 99 of 100 calls of `gopm list` may take, when they meet no kill of gopmd and when they do.
    private static let (mostQuiet, mostDisturbed) = (30.0, 500.0)
    private static let secondsBetweenKills = 3.0...6.0

    /// Boots a systemd and runs this program there.
    static func boot(_ seconds: Int, _ seed: UInt64) throws -> CommandResult {
        try SystemdContainer.with(folders: [TestFiles.root, Programs.product]) { system in
            let names = ["GOPM_TEST_PROGRAMS", "GOPM_TEST_TIMEOUT", "GOPM_TEST_MCP_PYTHON"]
            let variables = names.compactMap { (name: String) -> String? in
                getenv(name).map { "\(name)=\(String(cString: $0))" }
            }
            let words = ["--everything", "--booted", "--seconds", "\(seconds)", "--seed", "\(seed)"]
            let soak = try system.begin(["/usr/bin/env"] + variables + ["\(Programs.folder)/soak"] + words)
            return try soak.finish(timeout: .seconds(seconds + 300))
        }
    }

    /// - Returns: What was done and measured, in lines.
    static func run(_ seconds: Int, _ seed: UInt64) throws -> [String] {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let databases = try Databases(for: daemon)
            defer { databases.stop() }
            let mcpPort = LocalPort.free()
            mkdir(daemon.home, 0o700)
            let config = """
                {"logs": {"max_files": 100}, "mcpserver": {"port": \(mcpPort)}, \
                "telemetry": {"telegraf": {"udp": "127.0.0.1:\(databases.relay.port)"}}}
                """
            try TestFiles.write(config, to: "\(daemon.home)/gopm.config.json")
            try daemon.run("install").check()
            try systemctl("start", "gopm-mcp")
            defer { _ = try? systemctl("stop", "gopm-mcp") }
            var fleet = try Fleet(daemon)
            let onlookers = try Onlookers(daemon, mcpPort: mcpPort)
            defer { onlookers.end() }
            var everything = Everything(daemon, seconds, seed)
            let calls = ListCalls(daemon)
            let relay = databases.relay
            let beside = try [Beside { calls.run() }, Beside { relay.run() }]
            let result = Result {
                try everything.work(&fleet, onlookers, calls)
                calls.end()
                try onlookers.check(&fleet)
                try databases.checkTheyAreFed()
            }
            calls.end()
            relay.end()
            for thread in beside { thread.join() }
            try daemon.run("stop", "all").check()
            let judged = Result {
                try result.get()
                try fleet.checkLogs()
                try fleet.checkAmount(in: seconds)
            }
            let lines = everything.lines(fleet, onlookers, calls) + [try databases.text()]
            do {
                try judged.get()
                try everything.judge(calls)
            } catch {
                throw TestFailure("\(error)\n\(lines.joined(separator: "\n"))")
            }
            return lines
        }
    }

    private init(_ daemon: DaemonFixture, _ seconds: Int, _ seed: UInt64) {
        self.daemon = daemon
        duration = .seconds(seconds)
        random = SeededGenerator(seed: seed)
    }

    @discardableResult
    private static func systemctl(_ words: String...) throws -> CommandResult {
        try RunningCommand("/usr/bin/systemctl", words, environment: ["PATH": "/usr/bin:/bin"], folder: "/").finish()
            .check()
    }

    private mutating func work(_ fleet: inout Fleet, _ onlookers: Onlookers, _ calls: ListCalls) throws {
        var pids = onlookers.pids
        pids["gopm-mcp"] = pid_t(
            try Self.systemctl("show", "gopm-mcp", "--value", "--property=MainPID").stdout.filter(\.isNumber)
        )
        let deadline = Deadline(duration)
        var (nextKill, nextLook) = (Deadline.now + 5_000_000_000, Deadline.now)
        while !deadline.hasPassed {
            if Deadline.now >= nextKill {
                try look(at: pids)
                try killDaemon()
                nextKill = Deadline.now + Int64(Double.random(in: Self.secondsBetweenKills, using: &random) * 1e9)
            }
            if Deadline.now >= nextLook {
                try fleet.checkLogs()
                try fleet.checkProcesses()
                keys.add(try onlookers.keyLatency())
                nextLook = Deadline.now + 2_000_000_000
            }
            if let failure = calls.failure { throw TestFailure("gopm list: \(failure)") }
            pause(.milliseconds(50))
        }
        for (name, pid) in pids where !ProcessTable.isAlive(pid) { throw TestFailure("\(name) has ended") }
    }

    private mutating func look(at pids: [String: pid_t]) throws {
        guard let pid = daemon.daemonPID else { throw TestFailure("no gopmd") }
        trends["gopmd", default: Trend(mostDescriptors: Fleet.mostDescriptorsDown)].look(at: pid)
        for (name, pid) in pids { trends[name, default: Trend()].look(at: pid) }
    }

    /// Kills gopmd and waits until another one answers.
    private mutating func killDaemon() throws {
        guard let pid = daemon.daemonPID else { throw TestFailure("no gopmd") }
        let begin = Deadline.now
        kill(pid, SIGKILL)
        let deadline = Deadline(.seconds(20))
        while (try? answer()) == nil {
            guard !deadline.hasPassed else { throw TestFailure("no gopmd after \(pid)") }
            pause(.milliseconds(2))
        }
        outages.append(.init(begin: begin, end: Deadline.now))
    }

    private func answer() throws {
        let client = try RawClient(daemon)
        try client.send("{\"method\":\"ping\"}\n")
        _ = try client.reply()
    }

    private func lines(_ fleet: Fleet, _ onlookers: Onlookers, _ calls: ListCalls) -> [String] {
        let (quiet, disturbed) = calls.judge(outages)
        var gone = Latencies()
        for outage in outages { gone.add(Double(outage.end - outage.begin) / 1e6) }
        let load = TestFiles.text("/proc/loadavg").split(separator: " ").prefix(3).joined(separator: " ")
        return [
            "programs: \(Fleet.rates)", fleet.text, "kills of gopmd until the next one answers: \(gone.text)",
            "gopm list beside no kill: \(quiet.text)", "gopm list beside a kill: \(disturbed.text)",
            "gui from a key to its effect: \(keys.text)", "changes told to the MCP client: \(onlookers.changesTold)",
        ] + trends.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" } + ["load average: \(load)"]
    }

    private func judge(_ calls: ListCalls) throws {
        let (quiet, disturbed) = calls.judge(outages)
        var faults: [String] = trends.sorted { $0.key < $1.key }.compactMap { name, trend in
            trend.fault.map { "\(name): \($0)" }
        }
        if quiet.percentile(0.99) > Self.mostQuiet { faults.append("gopm list beside no kill: \(quiet.text)") }
        if disturbed.percentile(0.99) > Self.mostDisturbed {
            faults.append("gopm list beside a kill: \(disturbed.text)")
        }
        guard faults.isEmpty else { throw TestFailure(faults.joined(separator: "\n")) }
    }
}
