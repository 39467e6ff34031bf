import GopmTestSupport
import Testing

/// gopm logs.
@Suite(.daemonLog)
struct LogsCommandTests {
    /// Thirty lines on each stream, in turns.
    private func startTalking(_ daemon: DaemonFixture, _ name: String) throws {
        let script =
            "for i in $(seq 30); do echo out $i; sleep 0.002; echo err $i >&2; sleep 0.002; done; echo end; exec sleep 1000"
        try daemon.run("start", "/bin/bash", "--name", name, "--", "-c", script).check()
        #expect(daemon.logs("end", name))
    }

    @Test func bothStreamsAreMergedInTheirOrderAndTagged() throws {
        try DaemonFixture.with { daemon in
            try startTalking(daemon, "p")
            let lines = try daemon.run("logs", "p", "-n", "100").check().lines
            #expect(lines.allSatisfy { $0.contains(" [OUT] ") || $0.contains(" [ERR] ") })
            let stamps = lines.compactMap { LogText.split($0)?.stamp }
            #expect(stamps.count == lines.count && stamps == stamps.sorted())
            // What both streams got within one millisecond has no order of its own; each stream has.
            let texts = lines.compactMap { LogText.split($0)?.text }
            #expect(texts.filter { $0.hasPrefix("[OUT]") } == (1...30).map { "[OUT] out \($0)" } + ["[OUT] end"])
            #expect(texts.filter { $0.hasPrefix("[ERR] err") } == (1...30).map { "[ERR] err \($0)" })
            #expect(texts.first?.contains("[gopm] started") == true)
        }
    }

    @Test func twentyLinesByDefaultAndAsManyAsAskedFor() throws {
        try DaemonFixture.with { daemon in
            try startTalking(daemon, "p")
            #expect(try daemon.run("logs", "p").check().lines.count == 20)
            let three = try daemon.run("logs", "p", "-n", "3").check().lines
            #expect(three.map { LogText.split($0)?.text } == ["[OUT] out 30", "[ERR] err 30", "[OUT] end"])
            #expect(try daemon.run("logs", "0", "--lines", "1").check().lines.count == 1)
            #expect(try daemon.run("logs", "p", "-n3").check().lines == three)
            #expect(try daemon.run("logs", "p", "-n", "0").check().lines.isEmpty)
            for bad in ["-1", "x", ""] { #expect(try daemon.run("logs", "p", "-n", bad).status == 64, "\(bad)") }
        }
    }

    @Test func errShowsOnlyTheErrorStream() throws {
        try DaemonFixture.with { daemon in
            try startTalking(daemon, "p")
            let lines = try daemon.run("logs", "p", "--err", "-n", "100").check().lines
            #expect(!lines.contains { $0.contains("out ") } && lines.contains { $0.contains("err 30") })
            #expect(lines.contains { $0.contains("[gopm] started") })
        }
    }

    @Test func theOnlyProcessNeedsNoName() throws {
        try DaemonFixture.with { daemon in
            #expect(try daemon.run("logs").status == 1)
            try startTalking(daemon, "p")
            #expect(try daemon.run("logs").check().lines.count == 20)
            try startTalking(daemon, "q")
            let unclear = try daemon.run("logs")
            #expect(
                unclear.status == 64 && unclear.stderr.contains("p") && unclear.stderr.contains("all"),
                "\(unclear)"
            )
            let all = try daemon.run("logs", "all", "-n", "500").check().stdout
            #expect(all.contains("out 30") && all.contains("p") && all.contains("q"))
            #expect(try daemon.run("logs", "ghost").status == 1)
        }
    }

    @Test func theDaemonsLogIsShownOnRequest() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("p", "--run-forever")
            for flag in ["-d", "--daemon"] {
                let lines = try daemon.run("logs", flag).check().stdout
                #expect(lines.contains("msg=\"process started\"") && lines.contains("process=p"))
            }
            let line = try daemon.run("logs", "-d", "-n", "1", "--json").check().json()
            #expect(line.text("line").hasPrefix("time=\(line.text("time")) level="), "\(line)")
        }
    }

    @Test func logsNeedNoDaemonAndStartNone() throws {
        try DaemonFixture.with { daemon in
            try startTalking(daemon, "p")
            try daemon.run("kill").check()
            #expect(try daemon.run("logs", "p", "-n", "5").check().lines.count == 5)
            #expect(daemon.daemonPID == nil)
        }
    }

    @Test func aProcessThatJustStartedIsKnown() throws {
        try DaemonFixture.with { daemon in
            // The list is saved a moment after the start; logs must not say "not found" meanwhile.
            for index in 0..<5 {
                try daemon.start("p\(index)", "--run-forever")
                try daemon.run("logs", "p\(index)").check()
            }
        }
    }

    @Test func linesAcrossRotatedFilesAreFound() throws {
        try DaemonFixture.with { daemon in
            try daemon.start(
                "p",
                flags: ["--max-log-size", "64K", "--autorestart", "never"],
                "--lines",
                "1000",
                "--exit",
                "0"
            )
            #expect(try daemon.reaches("stopped", "p"))
            #expect(daemon.logs("exit 0", "p"))
            let lines = try daemon.run("logs", "p", "-n", "900").check().lines
            let numbers = lines.compactMap { LogText.split($0)?.text }.filter { $0.contains("xxx") }.compactMap {
                $0.numbers.first
            }
            #expect(numbers.count > 800 && numbers == Array((1000 - numbers.count)..<1000))
        }
    }

    @Test func thePlainHelperDoesTheSame() throws {
        try DaemonFixture.with { daemon in
            try startTalking(daemon, "p")
            let helper = "\(Programs.folder)/gopm-logs"
            let direct = try RunningCommand(helper, ["p"], environment: daemon.environment, folder: daemon.folder)
                .finish().check()
            #expect(try direct.stdout == daemon.run("logs", "p").check().stdout)
            let version = try RunningCommand(helper, ["--version"], environment: [:], folder: "/").finish().check()
            #expect(try version.stdout == daemon.run("--version").check().stdout)
        }
    }
}
