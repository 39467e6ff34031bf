import Glibc
import GopmTestSupport
import Testing

/// What programs write, as it is found in their log files.
@Suite(.daemonLog)
struct LogCaptureTests {
    @Test func bothStreamsHaveFilesOfTheirOwnAndEveryLineAStamp() throws {
        try DaemonFixture.with { daemon in
            let script = "echo out one; echo err one >&2; echo out two; exec sleep 1000"
            try daemon.run("start", "/bin/sh", "--name", "p", "--", "-c", script).check()
            #expect(daemon.logs("out two", "p") && daemon.logs("err one", "p", "err"))
            #expect(daemon.log("p") == ["out one", "out two"])
            for stream in ["out", "err"] {
                let path = "\(daemon.home)/logs/p-\(stream).log"
                #expect(LogText.lines(of: path).allSatisfy { LogText.split($0) != nil })
                #expect(TestFiles.mode(path) == 0o600)
            }
        }
    }

    @Test func actionLinesTellTheLifeOfAProgram() throws {
        try DaemonFixture.with { daemon in
            try daemon.start(
                "p",
                flags: ["--restart-delay", "50ms", "--min-uptime", "1h", "--max-restarts", "2"],
                "--exit",
                "3"
            )
            #expect(try daemon.reaches("errored", "p"))
            #expect(eventually { daemon.actions("p").contains { $0.contains("giving up") } })
            let actions = daemon.actions("p")
            let expected = [
                "started", "exited with code 3", "restarting", "started", "exited with code 3", "restarting", "started",
                "exited with code 3", "giving up",
            ]
            #expect(actions.count == expected.count)
            for (line, beginning) in zip(actions, expected) { #expect(line.hasPrefix(beginning), "\(line)") }
            #expect(actions[0].contains("PID") && actions[2].contains("1/2") && actions[2].contains("50ms"))
            try daemon.start("q", "--run-forever")
            kill9(try daemon.pid("q"))
            #expect(eventually { daemon.actions("q").contains { $0.contains("SIGKILL") } })
            try daemon.run("stop", "q").check()
            #expect(eventually { daemon.actions("q").last?.hasPrefix("stopped") == true })
        }
    }

    @Test func aLastLineWithoutANewlineReachesTheDisk() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("lives", "--stdout-msg", "no newline yet", "--partial-line")
            try daemon.start("dies", flags: ["--autorestart", "never"], "--say", "first", "--long-line", "20")
            #expect(daemon.logs("no newline yet", "lives"))
            #expect(daemon.logs(String(repeating: "x", count: 20), "dies"))
            // The line of the next life stands on its own.
            try daemon.run("start", "dies").check()
            #expect(eventually { daemon.log("dies").count { $0 == "first" } == 2 }, "\(daemon.log("dies"))")
        }
    }

    @Test func everythingAShortLivedProgramWroteIsThere() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("p", flags: ["--autorestart", "never"], "--lines", "5000")
            let path = "\(daemon.home)/logs/p-out.log"
            #expect(eventually { LogText.fault(ofNumberedLines: 5000, in: [path]) == nil })
        }
    }

    @Test func aLineOfEightMegabytesIsOneLine() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("p", flags: ["--autorestart", "never"], "--long-line", "8M")
            let path = "\(daemon.home)/logs/p-out.log"
            let size = 8 << 20
            #expect(eventually { (TestFiles.size(path) ?? 0) >= 30 + size })
            let bytes = try #require(TestFiles.read(path))
            let line = bytes.prefix { $0 != 10 }
            #expect(line.count == 30 + size)
        }
    }

    @Test func aLineLongerThanALogGoesOnInTheNextFileWithoutAStamp() throws {
        try DaemonFixture.with(config: #"{"logs": {"max_files": 30}}"#) { daemon in
            try daemon.start("p", flags: ["--autorestart", "never", "--max-log-size", "64K"], "--long-line", "1M")
            let log = "\(daemon.home)/logs/p-out.log"
            func letters() -> Int {
                LogText.files(of: log).reduce(0) { sum, path in
                    sum + (TestFiles.read(path) ?? []).count { $0 == UInt8(ascii: "x") }
                }
            }
            #expect(eventually { letters() == 1 << 20 }, "\(letters())")
            let files = LogText.files(of: log)
            #expect(files.count > 10)
            for path in files.dropFirst().dropLast() {
                #expect(TestFiles.read(path)?.first == UInt8(ascii: "x"), "\(path)")
            }
        }
    }

    @Test func rotationLosesNothingAndSplitsNothing() throws {
        try DaemonFixture.with(config: #"{"logs": {"max_files": 40}}"#) { daemon in
            try daemon.start(
                "p",
                flags: ["--autorestart", "never", "--max-log-size", "256K"],
                "--line-size",
                "100",
                "--flood",
                "5000000"
            )
            #expect(try daemon.reaches("stopped", "p"))
            let log = "\(daemon.home)/logs/p-out.log"
            #expect(
                eventually { LogText.fault(ofNumberedLines: 50_000, in: LogText.files(of: log)) == nil },
                "\(LogText.fault(ofNumberedLines: 50_000, in: LogText.files(of: log)) ?? "")"
            )
            let files = LogText.files(of: log)
            #expect(files.count >= 20)
            for path in files { #expect((TestFiles.size(path) ?? 0) <= 256 << 10, "\(path)") }
            let rotations = daemon.daemonLog("level=DEBUG", "msg=\"log rotated\"", "process=p", "stream=stdout")
            #expect(rotations.last?.contains("rotations=\(files.count - 1)") == true, "\(rotations.last ?? "none")")
        }
    }

    @Test func threeRotatedFilesAreKeptByDefault() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("p", flags: ["--autorestart", "never", "--max-log-size", "64K"], "--flood", "2M")
            #expect(try daemon.reaches("stopped", "p"))
            #expect(eventually { !daemon.daemonLog("log rotated", "rotations=20").isEmpty })
            func names() -> [String] { TestFiles.names(in: "\(daemon.home)/logs").filter { $0.hasPrefix("p-out") } }
            // In the middle of a rotation one of the names is missing.
            #expect(eventually { names() == ["p-out.log", "p-out.log.1", "p-out.log.2", "p-out.log.3"] }, "\(names())")
        }
    }

    @Test func theConfigsLogSectionTakesEffect() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try daemon.write(
                #"{"logs": {"directory": "~/elsewhere", "max_size": "64K", "max_files": 1}}"#,
                to: "c.json"
            )
            let start = [
                "--config", "c.json", "start", Programs.testapp, "--name", "p", "--autorestart", "never", "--",
                "--flood", "1M",
            ]
            try daemon.run(start).check()
            let folder = "\(daemon.folder)/elsewhere"
            #expect(try daemon.describe("p").text("log_out") == "\(folder)/p-out.log")
            #expect(try daemon.number("max_log_size", of: "p") == 64 << 10)
            #expect(eventually { TestFiles.names(in: folder) == ["p-err.log", "p-out.log", "p-out.log.1"] })
        }
    }

    @Test func customPathsAreMadeAndRelativeOnesAreTheShells() throws {
        try DaemonFixture.with { daemon in
            let flags = ["--cwd", "/", "--log-out", "deep/er/out.log", "--log-err", "\(daemon.folder)/err.log"]
            try daemon.start("p", flags: flags, "--say", "hello", "--run-forever")
            #expect(eventually { TestFiles.text("\(daemon.folder)/deep/er/out.log").contains("hello") })
            #expect(eventually { TestFiles.text("\(daemon.folder)/err.log").contains("[gopm] started") })
        }
    }

    @Test func onePathForBothStreamsIsOneFile() throws {
        try DaemonFixture.with { daemon in
            let script = "for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done; exec sleep 1000"
            let both = "\(daemon.folder)/both.log"
            try daemon.run("start", "/bin/sh", "--name", "p", "--log-out", both, "--log-err", both, "--", "-c", script)
                .check()
            let expected = (1...5).flatMap { ["out \($0)", "err \($0)"] }
            func written() -> [String] {
                LogText.lines(of: both).compactMap { LogText.split($0)?.text }.filter { !$0.hasPrefix("[gopm]") }
            }
            #expect(eventually { written().count == expected.count })
            #expect(written() == expected)
        }
    }

    @Test func aPathThatAnotherProcessWritesIsRefused() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("a", "--run-forever")
            let result = try daemon.startResult(
                "b",
                flags: ["--log-out", "\(daemon.home)/logs/a-out.log"],
                ["--run-forever"]
            )
            #expect(
                result.status == 1 && result.stdout.contains("a-out.log") && result.stdout.contains("\\\"a\\\""),
                "\(result)"
            )
            #expect(try daemon.list().count == 1)
        }
    }

    @Test func flushEmptiesTheFilesAndTheProgramWritesOn() throws {
        try DaemonFixture.with { daemon in
            try daemon.start(
                "p",
                flags: ["--max-log-size", "64K"],
                "--flood",
                "1M",
                "--say",
                "flooded",
                "--stdout-every",
                "20ms"
            )
            #expect(daemon.logs("flooded", "p"))
            let log = "\(daemon.home)/logs/p-out.log"
            #expect(TestFiles.exists("\(log).1"))
            #expect(try daemon.run("flush", "p").check().stdout == "flushed p\n")
            #expect((1...3).allSatisfy { !TestFiles.exists("\(log).\($0)") })
            #expect((TestFiles.size(log) ?? 0) < 5_000)
            #expect(daemon.logs("hello from testapp", "p"))
            #expect(!daemon.log("p").contains("flooded"))
        }
    }

    @Test func flushWorksForStoppedOnesAndForAll() throws {
        try DaemonFixture.with { daemon in
            for name in ["a", "b"] { try daemon.startReady(name, "--run-forever") }
            try daemon.run("stop", "a").check()
            try daemon.run("flush", "all").check()
            for name in ["a", "b"] { #expect(TestFiles.size("\(daemon.home)/logs/\(name)-out.log") == 0, "\(name)") }
            try daemon.run("delete", "a").check()
        }
    }
}
