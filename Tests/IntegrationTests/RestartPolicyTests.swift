import GopmJSON
import GopmTestSupport
import Testing

@Suite(.daemonLog)
struct RestartPolicyTests {
    static let quick = ["--restart-delay", "20ms", "--min-uptime", "1h"]

    @Test(arguments: [(["--exit", "0"]), (["--exit", "3"]), (["--abort"]), (["--segfault"])])
    func alwaysRestartsAfterAnyEnd(_ end: [String]) throws {
        try DaemonFixture.with { daemon in
            try daemon.startResult("p", flags: Self.quick, end).check()
            #expect(try eventually { try daemon.number("instance", of: "p") >= 3 })
            try daemon.run("stop", "p").check()
        }
    }

    @Test func onFailureRestartsOnlyAfterAFailure() throws {
        try DaemonFixture.with { daemon in
            let flags = Self.quick + ["--autorestart", "on-failure"]
            try daemon.start("good", flags: flags, "--exit", "0")
            try daemon.start("bad", flags: flags, "--exit", "1")
            try daemon.start("crash", flags: flags, "--abort")
            for name in ["bad", "crash"] {
                #expect(try eventually { try daemon.number("instance", of: name) >= 2 }, "\(name)")
            }
            #expect(try daemon.reaches("stopped", "good"))
            let good = try daemon.describe("good")
            #expect(good.number("instance") == 1 && good.text("status_reason") == "exited with code 0")
            try daemon.run("stop", "all").check()
        }
    }

    @Test func neverLeavesItStopped() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("once", flags: ["--autorestart", "never"], "--exit", "3")
            #expect(try daemon.reaches("stopped", "once"))
            let once = try daemon.describe("once")
            #expect(once.text("status") == "stopped" && once.number("exit_code") == 3 && once.number("restarts") == 0)
            #expect(once.text("status_reason") == "exited with code 3")
        }
    }

    @Test func maxRestartsGivesUpAsErrored() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("p", flags: Self.quick + ["--max-restarts", "2"], "--exit", "4")
            #expect(try daemon.reaches("errored", "p"))
            let process = try daemon.describe("p")
            #expect(
                process.text("status") == "errored" && process.number("restarts") == 2
                    && process.number("instance") == 3
            )
            #expect(process.number("crash_count") == 3 && process.number("exit_code") == 4)
            #expect(daemon.actions("p").contains { $0.contains("giving up") })
            #expect(try daemon.run("list").check().table[1][2] == "errored")
            try daemon.run("restart", "p").check()
            #expect(try eventually { try daemon.number("instance", of: "p") >= 5 })
        }
    }

    @Test func aRunOfMinUptimeResetsTheCounter() throws {
        try DaemonFixture.with { daemon in
            let flags = ["--restart-delay", "20ms", "--min-uptime", "150ms", "--max-restarts", "1"]
            try daemon.start("steady", flags: flags, "--crash-after", "250ms")
            #expect(try eventually { try daemon.number("instance", of: "steady") >= 4 })
            #expect(try daemon.number("restarts", of: "steady") <= 1)
        }
    }

    @Test func backoffDoublesToTheCap() throws {
        try DaemonFixture.with { daemon in
            let flags = [
                "--restart-delay", "100ms", "--exp-backoff", "--max-delay", "350ms", "--max-restarts", "4",
                "--min-uptime", "1h",
            ]
            try daemon.start("p", flags: flags, "--exit", "1")
            #expect(try daemon.reaches("errored", "p"))
            let waits = daemon.actions("p").filter { $0.hasPrefix("restarting") }
            #expect(
                waits.map { $0.split(separator: " ").last.map(String.init) } == ["100ms", "200ms", "350ms", "350ms"]
            )
            #expect(waits.enumerated().allSatisfy { $1.contains("\($0 + 1)/4") }, "\(waits)")
            // What was announced is what was waited: between an end and the start after it.
            let lines = LogText.lines(of: "\(daemon.home)/logs/p-err.log").compactMap { LogText.split($0) }
            let ends = lines.filter { $0.text.contains("exited with") }.map { LogText.milliseconds($0.stamp) }
            let starts = lines.filter { $0.text.contains("started") }.map { LogText.milliseconds($0.stamp) }
            #expect(starts.count == 5 && ends.count == 5)
            for (index, wait) in [100, 200, 350, 350].enumerated() where starts.count == 5 && ends.count == 5 {
                let waited = (starts[index + 1] - ends[index] + 86_400_000) % 86_400_000
                #expect(waited >= wait - 5 && waited < wait + 2_000, "\(index)")
            }
        }
    }

    static let codeRules: [(flags: [String], code: String, restarts: Bool)] = [
        (["--autorestart", "never", "--restart-on-exit", "75,99"], "99", true),
        (["--autorestart", "never", "--restart-on-exit", "75"], "1", false),
        (["--autorestart", "always", "--no-restart-on-exit", "2"], "2", false),
        (["--autorestart", "always", "--no-restart-on-exit", "2"], "3", true),
        (["--autorestart", "on-failure", "--restart-on-exit", "0"], "0", true),
        (["--autorestart", "always", "--restart-on-exit", "3", "--no-restart-on-exit", "3"], "3", false),
    ]

    @Test(arguments: codeRules.indices)
    func exitCodeRulesAreStrongerThanTheMode(_ index: Int) throws {
        let (flags, code, restarts) = Self.codeRules[index]
        try DaemonFixture.with { daemon in
            try daemon.start("flags", flags: Self.quick + flags, "--exit", code)
            // The same rules from a file.
            var fields = "\"restart_delay\": \"20ms\", \"min_uptime\": \"1h\""
            for (flag, value) in zip(flags, flags.dropFirst()) where flag.hasPrefix("--") {
                let key = flag.dropFirst(2).split(separator: "-").joined(separator: "_")
                fields += key == "autorestart" ? ", \"autorestart\": \"\(value)\"" : ", \"\(key)\": [\(value)]"
            }
            let app =
                "{\"name\": \"file\", \"command\": \"\(Programs.testapp)\", \"args\": [\"--exit\", \"\(code)\"], \(fields)}"
            try daemon.write("{\"apps\": [\(app)]}", to: "eco.json")
            try daemon.run("start", "eco.json").check()
            for name in ["flags", "file"] {
                if restarts {
                    #expect(try eventually { try daemon.number("instance", of: name) >= 3 }, "\(name)")
                } else {
                    #expect(try daemon.reaches("stopped", name))
                    #expect(try daemon.number("instance", of: name) == 1, "\(name)")
                }
            }
            try daemon.run("stop", "all").check()
        }
    }

    @Test(arguments: [("SIGINT", "SIGINT"), ("2", "SIGINT"), ("SIGUSR1", "SIGUSR1"), ("SIGHUP", "SIGHUP")])
    func theKillSignalIsTheOneAskedFor(_ flag: String, _ name: String) throws {
        try DaemonFixture.with { daemon in
            try daemon.startReady("p", flags: ["--kill-signal", flag], "--exit-on-signal", "7")
            try daemon.run("stop", "p").check()
            #expect(daemon.logs("\(name): exit 7", "p"))
            #expect(try daemon.number("exit_code", of: "p") == 7)
        }
    }

    @Test func whoIgnoresTheKillSignalIsKilledAfterTheTimeout() throws {
        try DaemonFixture.with { daemon in
            try daemon.startReady("deaf", flags: ["--kill-timeout", "400ms"], "--ignore-sigterm")
            let (_, took) = try time { try daemon.run("stop", "deaf").check() }
            #expect(took >= .milliseconds(400) && took < .seconds(4), "\(took)")
            #expect(try daemon.number("exit_signal", of: "deaf") == 9)
            #expect(daemon.actions("deaf").contains { $0.contains("400ms") && $0.contains("SIGKILL") })
            #expect(!daemon.daemonLog("kill timeout passed", "process=deaf").isEmpty)
        }
    }

    @Test func aSlowShutdownWithinTheTimeoutIsNotKilled() throws {
        try DaemonFixture.with { daemon in
            try daemon.startReady("slow", "--slow-shutdown", "300ms")
            try daemon.run("stop", "slow").check()
            #expect(daemon.logs("shutdown complete", "slow"))
            #expect(try daemon.number("exit_code", of: "slow") == 0)
        }
    }

    @Test func aProgramThatIsGoneAtARestartCountsAndFollowsThePolicy() throws {
        try DaemonFixture.with { daemon in
            let script = try daemon.write("#!/bin/sh\nrm \"$0\"\nexit 1\n", to: "vanishing", mode: 0o755)
            try daemon.run(["start", script, "--max-restarts", "2"] + Self.quick).check()
            #expect(try daemon.reaches("errored", "vanishing"))
            let process = try daemon.describe("vanishing")
            #expect(process.number("restarts") == 2)
            #expect(process.text("status_reason").contains("vanishing"), "\(process.text("status_reason"))")
        }
    }

    @Test func theDaemonLogTellsReasonAndInstance() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("p", flags: Self.quick, "--run-forever")
            kill9(try daemon.pid("p"))
            #expect(try eventually { try daemon.number("instance", of: "p") == 2 && daemon.state("p") == "running" })
            try daemon.run("restart", "p").check()
            try daemon.run("kill").check()
            try daemon.run("resurrect").check()
            let reasons = ["user-start", "supervisor-restart", "user-restart", "resurrect"]
            var starts: [String] = []
            let areAllThere = eventually {
                starts = daemon.daemonLog("msg=\"process started\"", "process=p")
                return starts.count == 4
            }
            #expect(areAllThere)
            for (line, reason) in zip(starts, reasons) { #expect(line.contains("reason=\(reason)"), "\(line)") }
            for (line, instance) in zip(starts, 1...3) { #expect(line.contains("instance=\(instance)"), "\(line)") }
        }
    }
}
