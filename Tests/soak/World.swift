import Glibc
import GopmJSON
import GopmTestSupport
import SeededRandom

/// What is wanted of each program, what is done to them, and whether reality agrees.
final class World {
    enum Wish: String {
        case absent, up, down
    }

    enum Command: String, CaseIterable {
        case start, stop, restart, delete, flush, reboot
    }

    private let daemon: DaemonFixture
    private var random: SeededGenerator
    private let names = (0..<6).map { "s\($0)" }
    /// Its log is emptied now and then, so its numbers may begin anywhere.
    private let flushed = "s5"
    private var wishes: [String: Wish] = [:]
    private var events: [String] = []
    private var counts: [String: Int] = [:]
    /// The fewest descriptors that gopmd had in a quiet moment, by what runs and what is listed.
    private var descriptors: [String: Int] = [:]
    private let begin = Deadline.now
    private var lastDaemonKill: Int64 = -2_000_000_000
    private var lastKeeperKill: Int64 = -2_000_000_000
    /// How often gopmd and its keeper were killed within one second.
    private var doubleFaults = 0

    init(_ daemon: DaemonFixture, seed: UInt64) {
        self.daemon = daemon
        random = SeededGenerator(seed: seed)
        for name in names { wishes[name] = .absent }
    }

    /// The last things that were done.
    var story: String { events.suffix(300).joined(separator: "\n") }

    var figures: String { counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ") }

    func run(for duration: Duration) throws {
        let deadline = Deadline(duration)
        for name in names { try command(.start, name, kills: false) }
        while !deadline.hasPassed {
            for _ in 0..<Int.random(in: 3...10, using: &random) where !deadline.hasPassed {
                try act()
                try checkNoSecondCopy()
            }
            try checkQuiet()
        }
        try checkQuiet()
        // Files that are rotated while they are read would be read in a wrong order.
        try daemon.run("stop", "all").check()
        for name in names { try checkLines(name) }
        try end()
    }

    private func note(_ text: String) {
        events.append("\((Deadline.now - begin) / 1_000_000) ms: \(text)")
    }

    private func count(_ what: String, _ number: Int = 1) {
        counts[what, default: 0] += number
    }
}

// MARK: - What is done

extension World {
    private func act() throws {
        let name = names[Int.random(in: 0..<names.count, using: &random)]
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<7: try command(randomCommand(), name, kills: false)
        case 7..<12: try command(randomCommand(), name, kills: true)
        case 12..<15: crash(name)
        case 15, 16: killDaemon()
        case 17: killKeeper()
        case 18: killBoth()
        default: pauseALittle(400)
        }
    }

    private func randomCommand() -> Command {
        Command.allCases[Int.random(in: 0..<Command.allCases.count, using: &random)]
    }

    private func pauseALittle(_ most: Int) {
        // A random instant of whatever is going on.
        pause(.milliseconds(Int.random(in: 0...most, using: &random)))
    }

    private func crash(_ name: String) {
        for pid in mains(name) {
            note("kill -9 of \(name), PID \(pid)")
            kill(pid, SIGKILL)
            count("crashes")
        }
    }

    /// Output that nobody has read is gone when gopmd, its keeper and the program end within the same moment: a pipe
    /// that nobody holds is no pipe any more.
    private func noteKill(of other: inout Int64, _ own: inout Int64) {
        own = Deadline.now
        if own - other < 1_000_000_000 { doubleFaults += 1 }
    }

    private func killDaemon() {
        guard let pid = daemon.daemonPID else { return }
        noteKill(of: &lastKeeperKill, &lastDaemonKill)
        note("kill -9 of gopmd, PID \(pid)")
        kill(pid, SIGKILL)
        count("kills of gopmd")
    }

    private func killKeeper() {
        for pid in keepers {
            noteKill(of: &lastDaemonKill, &lastKeeperKill)
            note("kill -9 of the keeper, PID \(pid)")
            kill(pid, SIGKILL)
            count("kills of the keeper")
        }
    }

    private func killBoth() {
        if Bool.random(using: &random) {
            killKeeper()
            killDaemon()
        } else {
            killDaemon()
            killKeeper()
        }
    }

    /// Runs a command; with `kills` gopmd is killed somewhere in the middle of it.
    private func command(_ command: Command, _ name: String, kills: Bool) throws {
        let name = command == .flush ? flushed : name
        let wish = wishes[name] ?? .absent
        if wish == .absent, command != .start, command != .reboot { return }
        let words: [String]
        var wanted = wish
        switch command {
        case .start:
            words = wish == .absent ? firstStart(name) : ["start", name]
            wanted = .up
        case .stop:
            words = ["stop", name]
            wanted = .down
        case .restart:
            words = ["restart", name]
            wanted = .up
        case .delete:
            words = ["delete", name]
            wanted = .absent
        case .flush: words = ["flush", name]
        case .reboot: words = ["reboot"]
        }
        if command == .reboot { _ = try daemon.run("ping") }
        note("\(words.prefix(4).joined(separator: " "))\(kills ? ", and gopmd is killed" : "")")
        let running = try daemon.begin(words)
        if kills {
            pauseALittle(150)
            killDaemon()
        }
        let result = try running.finish(timeout: .seconds(30))
        count("commands")
        note("  → \(result.status) \(result.stderr.split(separator: "\n").last ?? "")")
        if result.status == 0 {
            wishes[name] = wanted
            return
        }
        guard kills || command == .reboot || daemonIsYoung else { throw TestFailure("refused: \(result)") }
        count("commands cut off")
        // It may have been heard or not; which of the two is in the list.
        let entry = try list().first { $0.text("name") == name }
        let now: Wish = entry.map { $0.text("wanted") == "up" ? .up : .down } ?? .absent
        guard now == wish || now == wanted || (command == .delete && now == .down) else {
            throw TestFailure("after \(words.prefix(2)) of \(wish) it is \(now): \(result)")
        }
        note("  \(name) is \(now)")
        wishes[name] = now
    }

    /// A kill just before may have met this command, too.
    private var daemonIsYoung: Bool {
        events.suffix(6).contains { $0.contains("kill -9 of gopmd") || $0.contains("kill -9 of the keeper") }
    }

    private func firstStart(_ name: String) -> [String] {
        [
            "start", Programs.testapp, "--name", name, "--restart-delay", "30ms", "--kill-timeout", "300ms",
            "--max-log-size", "256K", "--", "--marker", mark(name), "--child-ignores-sigterm", "--setsid-grandchild",
            "--slow-shutdown", "1ms", "--rate", "300", "--lines", "100000000",
        ]
    }

    private func list() throws -> [JSONValue] {
        var result = try daemon.run("list", "--json")
        // Two kills in a row may cut off this one, too.
        for _ in 0..<5 where result.status != 0 {
            note("  list → \(result.status) \(result.stderr)")
            pause(.milliseconds(200))
            result = try daemon.run("list", "--json")
        }
        return try result.check().json().arrayValue ?? []
    }
}

// MARK: - Whether it is so

extension World {
    private func mark(_ name: String) -> String { "\(daemon.folder)/\(name)/" }

    private func copies(_ name: String) -> [pid_t] {
        let mark = mark(name)
        return ProcessTable.pids.filter { pid in
            TestFiles.target(of: "/proc/\(pid)/exe") == Programs.testapp
                && ProcessTable.commandLine(pid).contains(mark) && ProcessTable.isAlive(pid)
        }
    }

    /// The main process, not the grandchild that got away from it.
    private func mains(_ name: String) -> [pid_t] {
        copies(name).filter { ProcessTable.commandLine($0).contains("--rate") }
    }

    private var keepers: [pid_t] {
        daemon.processes.filter { pid in
            TestFiles.target(of: "/proc/\(pid)/exe") == Programs.gopmd
                && ProcessTable.commandLine(pid).contains("--keeper")
        }
    }

    /// At no instant are there two of one program.
    ///
    /// A child that testapp is just about to turn into its grandchild still bears its parent's arguments, so two count
    /// only if both still are the program a moment later.
    private func checkNoSecondCopy() throws {
        for name in names {
            var found = mains(name)
            for _ in 0..<3 where found.count > 1 {
                pause(.milliseconds(2))
                let still = mains(name)
                found.removeAll { !still.contains($0) }
            }
            guard found.count < 2 else { throw TestFailure("\(name) runs as \(found)") }
        }
        count("checks for second copies")
    }

    private func checkQuiet() throws {
        note("quiet moment")
        var trouble: String?
        let isQuiet = try eventually(timeout: .seconds(20)) {
            trouble = try disorder()
            return trouble == nil
        }
        guard isQuiet else { throw TestFailure(trouble ?? "no order") }
        count("quiet moments")
    }

    private func disorder() throws -> String? {
        let list = try list()
        for name in names {
            let (wish, mains, all) = (wishes[name] ?? .absent, mains(name), copies(name))
            let entry = list.first { $0.text("name") == name }
            let found =
                "\(entry?.text("state") ?? "not listed"), PID \(entry?.pid ?? 0), runs as \(mains), in all \(all)"
            let isRight =
                switch wish {
                case .absent: entry == nil && all.isEmpty
                case .down: entry?.text("state") == "stopped" && all.isEmpty
                case .up: entry?.text("state") == "running" && mains == [entry?.pid] && all.count == 2
                }
            if !isRight { return "\(name) should be \(wish) and is \(found)" }
        }
        guard let pid = daemon.daemonPID, daemon.daemons == [pid] else { return "gopmds: \(daemon.daemons)" }
        guard keepers.count == 1 else { return "keepers: \(keepers)" }
        let zombies = ProcessTable.pids.filter { ProcessTable.state($0) == "Z" && ProcessTable.parent($0) == pid }
        guard zombies.isEmpty else { return "zombies of gopmd: \(zombies)" }
        return descriptorGrowth(pid, list)
    }

    /// With the same programs up and down gopmd has no more open than in any quiet moment before.
    private func descriptorGrowth(_ pid: pid_t, _ list: [JSONValue]) -> String? {
        let up = list.count { $0.text("state") == "running" }
        let key = "\(up) of \(list.count)"
        let kinds = ProcessTable.descriptors(of: pid)
        let now = kinds.values.reduce(0, +)
        let least = descriptors[key] ?? now
        descriptors[key] = min(least, now)
        return now <= least + 4 ? nil : "gopmd has \(now) descriptors with \(key) up, before \(least): \(kinds)"
    }

    /// Each life's lines begin with 0 and go on by one, each whole; a life that was asked to end says so at its end.
    private func checkLines(_ name: String) throws {
        var expected: Int? = name == flushed ? nil : 0
        var (asked, ended) = (0, 0)
        for path in LogText.files(of: "\(daemon.home)/logs/\(name)-out.log") {
            for line in (TestFiles.read(path) ?? []).split(separator: 10) {
                guard line.count > 30 else {
                    throw TestFailure("\(path): torn: \(String(decoding: line, as: UTF8.self))")
                }
                let text = line.dropFirst(30)
                if let number = number(text) {
                    guard number == 0 || number == expected || expected == nil else {
                        throw TestFailure("\(path): \(number) where \(expected ?? 0) or 0 should be")
                    }
                    expected = number + 1
                    count("lines")
                    continue
                }
                let words = String(decoding: text, as: UTF8.self)
                if words.hasPrefix("SIGTERM: shutting down") {
                    asked += 1
                } else if words == "shutdown complete" {
                    ended += 1
                } else if !words.hasPrefix("detached ") {
                    throw TestFailure("\(path): strange line: \(words)")
                }
            }
        }
        guard asked >= ended, asked - ended <= doubleFaults || name == flushed else {
            throw TestFailure("\(name): \(asked) lives were asked to end, \(ended) last lines are there")
        }
    }

    /// Of a whole numbered line of 99 bytes; `nil` for any other.
    private func number(_ line: ArraySlice<UInt8>) -> Int? {
        guard line.count == 99, line.prefix(10).allSatisfy({ (48...57).contains($0) }) else { return nil }
        return line.prefix(10).reduce(0) { $0 * 10 + Int($1) - 48 }
    }

    private func end() throws {
        try daemon.run("delete", "all").check()
        for name in names where !copies(name).isEmpty { throw TestFailure("\(name) lives on as \(copies(name))") }
        try daemon.run("kill").check()
        guard eventually(timeout: .seconds(3), { daemon.processes.isEmpty }) else {
            throw TestFailure("left alive: \(daemon.processes.map { ProcessTable.commandLine($0) })")
        }
    }
}
