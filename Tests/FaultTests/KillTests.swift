import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// gopmd or its keeper dies or stops, and the programs notice nothing.
@Suite(.serialized, .daemonLog)
struct KillSerial {
    private static let never = ["--autorestart", "never"]
    private static let manyFiles = #"{"logs": {"max_files": 1000}}"#

    /// Starts a program that writes so many numbered lines, a thousand a second, and then ends.
    private func startWriter(_ daemon: DaemonFixture, _ name: String, lines: Int) throws -> pid_t {
        let flags = Self.never + ["--max-log-size", "32K"]
        return try daemon.begin(name, flags: flags, ["--rate", "1000", "--lines", "\(lines)"])
            .check().json().pid
    }

    private func checkLines(_ daemon: DaemonFixture, _ name: String, _ lines: Int) throws {
        #expect(try daemon.reaches("stopped", name, timeout: .seconds(60)))
        #expect(try daemon.number("exit_code", of: name) == 0)
        let log = "\(daemon.home)/logs/\(name)-out.log"
        var fault: String?
        _ = eventually {
            fault = LogText.fault(ofNumberedLines: lines, in: LogText.files(of: log))
            return fault == nil
        }
        #expect(fault == nil, "\(name)")
    }

    @Test func thirtyKillsWhileFiveProgramsWrite() throws {
        try DaemonFixture.withAlone(config: Self.manyFiles) { daemon in
            let lines = 9000
            let names = (0..<5).map { "w\($0)" }
            let pids = try names.map { try startWriter(daemon, $0, lines: lines) }
            var generator = SystemRandomNumberGenerator()
            for round in 0..<30 {
                // A random instant of the daemon's work.
                pause(.milliseconds(Int.random(in: 5...200, using: &generator)))
                let old = try #require(daemon.daemonPID)
                kill(old, SIGKILL)
                #expect(try daemon.list().map(\.pid) == pids, "round \(round)")
                #expect(names.map { daemon.copies($0).count } == [1, 1, 1, 1, 1], "round \(round)")
                #expect(daemon.daemonPID != old)
            }
            for name in names { try checkLines(daemon, name, lines) }
            print("30 kills, \(lines * names.count) lines in \(names.count) programs: none lost, doubled or torn")
        }
    }

    /// As soon as the program has ended, and again when whoever is its parent now has reaped it.
    @Test(arguments: [false, true])
    func anExitWhileGopmdIsDeadIsKnown(_ isReaped: Bool) throws {
        try DaemonFixture.withAlone { daemon in
            let arguments = ["--exit-on-signal", "3", "--say", "up"]
            let program = try daemon.begin("p", flags: Self.never, arguments).check().json().pid
            #expect(daemon.logs("up", "p"))
            let keeper = try daemon.theKeeper()
            let old = try #require(daemon.daemonPID)
            kill(keeper, SIGSTOP)
            daemon.killed(old)
            kill(program, SIGUSR1)
            let isGone = eventually { isReaped ? ProcessTable.state(program) == nil : !ProcessTable.isAlive(program) }
            kill(keeper, SIGCONT)
            try #require(isGone)
            _ = try daemon.newDaemon(after: old)
            #expect(try daemon.reaches("stopped", "p"))
            let entry = try daemon.describe("p")
            #expect(entry.number("exit_code") == 3 && entry["exit_status_known"] != false, "\(entry)")
            #expect(daemon.logs("SIGUSR1: exit 3", "p"))
        }
    }

    /// Nobody was left who could have seen it.
    @Test func anExitThatNobodySawIsUnknown() throws {
        try DaemonFixture.withAlone { daemon in
            try daemon.begin("p", flags: Self.never, ["--exit-on-signal", "3", "--say", "up"]).check()
            try daemon.begin("q", flags: ["--restart-delay", "50ms"], ["--exit-on-signal", "3", "--say", "up"]).check()
            #expect(daemon.logs("up", "p") && daemon.logs("up", "q"))
            let programs = try daemon.list().map(\.pid)
            try daemon.killBoth()
            for program in programs { kill(program, SIGUSR1) }
            try #require(eventually { programs.allSatisfy { ProcessTable.state($0) == nil } })
            #expect(try daemon.reaches("stopped", "p"))
            #expect(try daemon.describe("p")["exit_status_known"] == false)
            #expect(try daemon.run("describe", "p").check().table.contains(["Last Exit Code", "unknown"]))
            #expect(try daemon.reaches("running", "q") && daemon.number("restarts", of: "q") == 1)
            #expect(daemon.daemonLog("process ended unseen").count == 2)
        }
    }

    /// As long as it is a zombie `/proc` knows how it ended, later nobody does, and its restart policy goes on.
    @Test(arguments: [false, true])
    func anExitWhileGopmdIsDeadOnAnOlderKernel(_ isReaped: Bool) throws {
        try DaemonFixture.withAlone(startsDaemon: false) { daemon in
            try daemon.preload(["WITHOUT_PIDFD_INFO": "1"])
            try daemon.startDaemon()
            let arguments = ["--exit-on-signal", "3", "--say", "up"]
            let program = try daemon.begin("p", flags: ["--restart-delay", "50ms"], arguments).check().json().pid
            #expect(daemon.logs("up", "p"))
            let keeper = try daemon.theKeeper()
            let old = try #require(daemon.daemonPID)
            kill(keeper, SIGSTOP)
            daemon.killed(old)
            kill(program, SIGUSR1)
            let isGone = eventually { isReaped ? ProcessTable.state(program) == nil : !ProcessTable.isAlive(program) }
            kill(keeper, SIGCONT)
            try #require(isGone)
            _ = try daemon.newDaemon(after: old)
            #expect(try eventually { try daemon.number("instance", of: "p") == 2 && daemon.state("p") == "running" })
            let entry = try daemon.describe("p")
            #expect(entry["exit_status_known"] == false || entry.number("exit_code") == 3, "\(entry)")
            if isReaped { #expect(entry["exit_status_known"] == false, "\(entry)") }
        }
    }

    /// One file that takes two seconds a write does not hold up the others, nor gopmd.
    @Test func aSlowLog() throws {
        try DaemonFixture.withAlone(startsDaemon: false) { daemon in
            try daemon.preload(["SLOW_FILE": "\(daemon.home)/logs/slow-out.log"])
            try daemon.startDaemon()
            let ticking = ["--rate", "100", "--lines", "100000"]
            try daemon.begin("slow", ticking).check()
            let names = (0..<3).map { "fast\($0)" }
            for name in names { try daemon.begin(name, ticking).check() }
            #expect(eventually { names.allSatisfy { daemon.log($0).count > 10 } })
            // They are held up once at most: then a second of theirs is a hundred lines.
            pause(.milliseconds(2500))
            let before = names.map { daemon.log($0).count }
            let (_, took) = try time {
                pause(.milliseconds(2500))
                try daemon.run("ping").check()
            }
            #expect(took < .milliseconds(3500), "\(took)")
            for (name, count) in zip(names, before) { #expect(daemon.log(name).count - count > 150, "\(name)") }
            #expect(daemon.daemonLog("slow").count < 20)
            try daemon.run("delete", "all").check()
        }
    }

    @Test func aDeadKeeperIsReplacedAndTheNextGopmdGetsEverythingBack() throws {
        try DaemonFixture.withAlone(config: Self.manyFiles) { daemon in
            let lines = 3000
            let program = try startWriter(daemon, "w", lines: lines)
            for _ in 0..<3 {
                let (keeper, old) = (try daemon.theKeeper(), try #require(daemon.daemonPID))
                daemon.killed(keeper)
                let next = firstValue { daemon.keepers.first { $0 != keeper } }
                #expect(next != nil && daemon.daemonPID == old)
                kill(old, SIGKILL)
                #expect(try daemon.pid("w") == program)
            }
            try checkLines(daemon, "w", lines)
            #expect(!daemon.daemonLog("keeper lost").isEmpty)
        }
    }

    @Test func keeperAndGopmdDeadTogether() throws {
        try DaemonFixture.withAlone(config: Self.manyFiles) { daemon in
            let lines = 3000
            let program = try startWriter(daemon, "w", lines: lines)
            for _ in 0..<3 {
                try daemon.killBoth()
                // The program writes on into FIFOs that nobody but itself holds.
                pause(.milliseconds(200))
                #expect(ProcessTable.isAlive(program))
                #expect(try daemon.list().map(\.pid) == [program])
            }
            try checkLines(daemon, "w", lines)
        }
    }

    /// The keeper may be waiting before it starts another: a question that was cut off does not wait for that.
    @Test func aQuestionThatIsCutOffStartsTheNextGopmd() throws {
        try DaemonFixture.withAlone { daemon in
            let program = try daemon.begin("p", ["--run-forever"]).check().json().pid
            let (keeper, old) = (try daemon.theKeeper(), try #require(daemon.daemonPID))
            kill(keeper, SIGSTOP)
            kill(old, SIGSTOP)
            let listing = try daemon.begin(["list", "--json"])
            // The socket takes the connection though nobody serves it.
            pause(.milliseconds(200))
            let (list, took) = try time {
                kill(old, SIGKILL)
                return try listing.finish().check().json().arrayValue ?? []
            }
            kill(keeper, SIGCONT)
            #expect(list.map(\.pid) == [program] && took < .milliseconds(3500), "\(took)")
        }
    }

    /// A gopmd that is dying can hold the lock after its socket is gone; a command must not give up on that.
    @Test func aCommandThatFindsTheLockHeldTriesAgain() throws {
        try DaemonFixture.withAlone { daemon in
            let program = try daemon.begin("p", ["--run-forever"]).check().json().pid
            try daemon.killBoth()
            let lock = open("\(daemon.home)/run/lock", O_RDWR | O_CLOEXEC)
            try #require(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
            let listing = try daemon.begin(["list", "--json"])
            // Longer than a command waits for somebody else's gopmd to listen.
            pause(.milliseconds(400))
            close(lock)
            let list = try listing.finish().check().json().arrayValue ?? []
            #expect(list.map(\.pid) == [program])
        }
    }

    @Test func aPendingRestartDelayGoesOn() throws {
        try DaemonFixture.withAlone { daemon in
            try daemon.begin("p", flags: ["--restart-delay", "2s"], ["--exit", "1"]).check()
            let (_, took) = try time {
                #expect(try daemon.reaches("waiting", "p"))
                let old = try #require(daemon.daemonPID)
                daemon.killed(old)
                _ = try daemon.newDaemon(after: old)
                #expect(try daemon.state("p") == "waiting")
                #expect(try eventually { try daemon.number("instance", of: "p") >= 2 })
            }
            #expect(took > .milliseconds(1500) && took < .milliseconds(3000), "\(took)")
            try daemon.run("stop", "p").check()
            #expect(try daemon.state("p") == "stopped")
        }
    }

    /// The leftovers of the life before are SIGKILLed in time also by a gopmd that did not see the end.
    @Test(arguments: ["stop", "delete", "restart"])
    func aWishDuringAPendingRestartOfAnEarlierGopmd(_ command: String) throws {
        try DaemonFixture.withAlone { daemon in
            let flags = ["--restart-delay", "5s", "--kill-timeout", "400ms"]
            let arguments = ["--child-ignores-sigterm", "--setsid-grandchild", "--say", "up"]
            try daemon.begin("p", flags: flags, arguments).check()
            #expect(daemon.logs("up", "p"))
            let program = try daemon.pid("p")
            daemon.killed(program)
            #expect(try daemon.reaches("waiting", "p"))
            let old = try #require(daemon.daemonPID)
            daemon.killed(old)
            let leftovers = daemon.copies("p")
            let (_, took) = try time { try daemon.run(command, "p").check() }
            #expect(took < .milliseconds(3000), "\(took)")
            #expect(!leftovers.isEmpty && !leftovers.contains(where: ProcessTable.isAlive))
        }
    }

    /// With the keeper the descriptors are still there; without it they are found by way of the program.
    @Test(arguments: [true, false])
    func aFIFOThatWasRemoved(_ keeperLives: Bool) throws {
        try DaemonFixture.withAlone(config: Self.manyFiles) { daemon in
            let lines = 2500
            let program = try startWriter(daemon, "w", lines: lines)
            unlink("\(daemon.home)/run/0.out")
            unlink("\(daemon.home)/run/0.err")
            if keeperLives {
                let old = try #require(daemon.daemonPID)
                daemon.killed(old)
                _ = try daemon.newDaemon(after: old)
            } else {
                try daemon.killBoth()
            }
            #expect(try daemon.pid("w") == program)
            if !keeperLives { #expect(!daemon.daemonLog("FIFO is gone").isEmpty) }
            try checkLines(daemon, "w", lines)
            // And the next life has FIFOs of its own again.
            try daemon.run("start", "w").check()
            #expect(daemon.copies("w").count == 1)
        }
    }

    @Test func aDumpOlderThanReality() throws {
        try DaemonFixture.withAlone { daemon in
            try daemon.begin("a", ["--run-forever"]).check()
            #expect(eventually { TestFiles.text(daemon.dump).contains("\"a\"") })
            let old = TestFiles.text(daemon.dump)
            try daemon.begin("b", ["--run-forever"]).check()
            try daemon.run("restart", "a").check()
            try daemon.begin("c", ["--run-forever"]).check()
            try daemon.run("stop", "c").check()
            let before = try daemon.list().map { "\($0.text("name")) \($0.pid) \($0.text("state"))" }
            try daemon.killBoth()
            try TestFiles.write(old, to: daemon.dump)
            #expect(try daemon.list().map { "\($0.text("name")) \($0.pid) \($0.text("state"))" } == before)
            try daemon.settles(["a", "b", "c"])
        }
    }

    /// A full disk or a power cut may leave half a line, of a record that there was or of a new one.
    @Test(arguments: [
        "{\"id\":0,\"na", "\n{\"id\":0,\"name\":\"a\",\"life\":{\"id\":", "\n\u{0}\u{0}\u{0}", "\n[]\n5\n",
    ])
    func aHalfWrittenLastJournalLine(_ torn: String) throws {
        try DaemonFixture.withAlone { daemon in
            try daemon.begin("a", ["--run-forever"]).check()
            let pid = try daemon.pid("a")
            try daemon.killBoth()
            let journal = "\(daemon.home)/run/journal"
            try TestFiles.write(TestFiles.text(journal) + torn, to: journal, mode: 0o600)
            #expect(try daemon.pid("a") == pid)
            #expect(!daemon.daemonLog("unreadable journal lines").isEmpty)
            try daemon.settles(["a"])
        }
    }

    /// As after a power cut: nothing lives, and what is wanted comes anew.
    @Test func aJournalOfAnotherBoot() throws {
        try DaemonFixture.withAlone { daemon in
            try daemon.begin("up", ["--run-forever"]).check()
            try daemon.begin("down", ["--run-forever"]).check()
            try daemon.run("stop", "down").check()
            #expect(eventually { TestFiles.text(daemon.dump).contains("\"wanted\": \"down\"") })
            try daemon.killBoth()
            for pid in daemon.programs { daemon.killed(pid) }
            let journal = "\(daemon.home)/run/journal"
            let boot = TestFiles.text("/proc/sys/kernel/random/boot_id").filter { $0 != "\n" }
            let other = "00000000-1111-2222-3333-444444444444"
            let lines = LogText.lines(of: journal).map { line in
                line.split(separator: boot, omittingEmptySubsequences: false).joined(separator: other)
            }
            #expect(lines[0].contains(other))
            try TestFiles.write(lines.joined(separator: "\n") + "\n", to: journal, mode: 0o600)
            try daemon.settles(["up", "down"])
            #expect(daemon.copies("up").count == 1 && daemon.copies("down").isEmpty)
        }
    }

    /// A backup that is restored beside the home: its programs are other ones.
    @Test func aCopyOfAHomeTakesOverNothing() throws {
        try DaemonFixture.withAlone { daemon in
            try daemon.begin("p", ["--run-forever"]).check()
            let program = try daemon.pid("p")
            var copy = daemon.environment
            copy["GOPM_HOME"] = "\(daemon.folder)/copy"
            func inCopy(_ path: String, _ arguments: [String]) throws -> CommandResult {
                try RunningCommand(path, arguments, environment: copy, folder: daemon.folder).finish().check()
            }
            _ = try inCopy("/bin/cp", ["-a", daemon.home, "\(daemon.folder)/copy"])
            let list = try inCopy(daemon.gopm[0], daemon.gopm.dropFirst() + ["list", "--json"]).json().arrayValue
            #expect(list?.count == 1 && list?.first?["pid"]?.integerValue != Int64(program))
            _ = try inCopy(daemon.gopm[0], daemon.gopm.dropFirst() + ["kill"])
            #expect(daemon.copies("p") == [program])
            try daemon.settles(["p"])
        }
    }

    @Test func aHotRebootKeepsProgramsLinesAndClients() throws {
        try DaemonFixture.withAlone(config: Self.manyFiles) { daemon in
            let lines = 4000
            let names = ["w0", "w1", "w2"]
            let pids = try names.map { try startWriter(daemon, $0, lines: lines) }
            let pid = daemon.daemonPID
            for round in 0..<5 {
                let reboot = try daemon.begin(["reboot"])
                let clients = try (0..<10).map { number in
                    // Spread over the time of the reboot.
                    pause(.milliseconds(number * 3))
                    return try daemon.begin(["list", "--json"])
                }
                try reboot.finish().check()
                for client in clients {
                    let list = try client.finish().check().json().arrayValue ?? []
                    #expect(list.map(\.pid) == pids, "round \(round)")
                }
                #expect(daemon.daemonPID == pid)
            }
            for name in names { try checkLines(daemon, name, lines) }
            print("5 hot reboots, 50 clients meanwhile, \(lines * names.count) lines")
        }
    }

    /// A new gopmd that complains, and one that is no program at all.
    @Test(arguments: ["#!/bin/sh\necho gopmd: broken on purpose >&2\nexit 1\n", "\u{7f}ELF no such thing"])
    func aNewGopmdThatCannotStartLeavesTheOldOneRunning(_ text: String) throws {
        try DaemonFixture.withAlone { daemon in
            try daemon.begin("p", ["--run-forever"]).check()
            let (program, pid) = (try daemon.pid("p"), daemon.daemonPID)
            mkdir("\(daemon.folder)/bin", 0o755)
            let gopm = "\(daemon.folder)/bin/gopm"
            try copy(Programs.gopm, to: gopm)
            try daemon.write(text, to: "bin/gopmd", mode: 0o755)
            let reboot = try RunningCommand(gopm, ["reboot"], environment: daemon.environment, folder: daemon.folder)
                .finish()
            #expect(reboot.status == 1 && !reboot.stderr.isEmpty, "\(reboot)")
            #expect(daemon.daemonPID == pid && daemon.keepers.count == 1)
            #expect(try daemon.pid("p") == program)
            try daemon.run("restart", "p").check()
            try daemon.settles(["p"])
        }
    }

    private func copy(_ path: String, to target: String) throws {
        let bytes = TestFiles.read(path) ?? []
        let file = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o755)
        guard file >= 0 else { throw TestFailure("cannot write \(target)") }
        defer { close(file) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { write(file, $0.baseAddress.map { $0 + done }, bytes.count - done) }
            guard count > 0 else { throw TestFailure("cannot write \(target)") }
            done += count
        }
    }

    @Test func aStoppedGopmdThatGoesOn() throws {
        try DaemonFixture.withAlone(config: Self.manyFiles) { daemon in
            let lines = 2000
            let writer = try startWriter(daemon, "w", lines: lines)
            try daemon.begin("p", flags: ["--restart-delay", "10ms"], ["--run-forever"]).check()
            let (first, pid) = (try daemon.pid("p"), try #require(daemon.daemonPID))
            kill(pid, SIGSTOP)
            daemon.killed(first)
            let client = try daemon.begin(["list", "--json"])
            // Long enough for the writer to write on and for the client to wait.
            pause(.milliseconds(700))
            #expect(ProcessTable.isAlive(writer) && daemon.copies("p").isEmpty)
            kill(pid, SIGCONT)
            try client.finish().check()
            #expect(try eventually { try daemon.number("instance", of: "p") == 2 })
            #expect(daemon.daemonPID == pid)
            try checkLines(daemon, "w", lines)
            try daemon.settles(["p"])
        }
    }
}
