import GopmJSON
import GopmTestSupport
import Testing

/// stop, restart, delete, flush: names, ids, `all`.
@Suite(.daemonLog)
struct TargetTests {
    @Test func stopByNameIDAndAll() throws {
        try DaemonFixture.with { daemon in
            for name in ["a", "b", "c"] { try daemon.start(name, "--run-forever") }
            #expect(try daemon.run("stop", "a").check().stdout == "stopped a\n")
            #expect(try daemon.run("stop", "1").check().stdout == "stopped b\n")
            #expect(
                try daemon.run("stop", "b", "1", "a").check().stdout == "a is already stopped\nb is already stopped\n"
            )
            #expect(try daemon.list().map { $0.text("status") } == ["stopped", "stopped", "online"])
            try daemon.run("stop", "all").check()
            #expect(try daemon.list().allSatisfy { $0.text("status") == "stopped" && $0.number("pid") == 0 })
            #expect(try daemon.describe("a").text("status_reason") == "stopped by user")
            #expect(daemon.programs.isEmpty)
        }
    }

    @Test func stoppingWhatIsStoppedAndAllOfNoneAreNoErrors() throws {
        try DaemonFixture.with { daemon in
            for command in ["stop", "restart", "delete", "flush"] { try daemon.run(command, "all").check() }
            try daemon.start("a", "--run-forever")
            try daemon.run("stop", "a").check()
            try daemon.run("stop", "a").check()
        }
    }

    @Test(arguments: ["stop", "restart", "delete", "del", "flush", "describe"])
    func anUnknownTargetIsOneClearLine(_ command: String) throws {
        try DaemonFixture.with { daemon in
            let result = try daemon.run(command, "ghost")
            #expect(result.status == 1)
            #expect(result.stderr == "gopm: process \"ghost\" not found\n")
            let json = try daemon.run("--json", command, "ghost")
            #expect(json.status == 1)
            #expect(try json.json() == ["error": "process \"ghost\" not found"])
        }
    }

    @Test(arguments: ["stop", "restart", "delete", "flush", "describe", "isrunning", "import"])
    func aMissingTargetIsAUsageError(_ command: String) throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let result = try daemon.run(command)
            #expect(result.status == 64, "\(result)")
            #expect(daemon.daemonPID == nil)
        }
    }

    @Test func severalTargetsAreDoneAndEachFailureIsSaid() throws {
        try DaemonFixture.with { daemon in
            for name in ["a", "b"] { try daemon.start(name, "--run-forever") }
            let result = try daemon.run("stop", "a", "ghost", "b", "phantom")
            #expect(result.status == 1)
            #expect(result.stderr.contains("\"ghost\" not found"))
            #expect(result.stderr.contains("\"phantom\" not found"))
            #expect(try daemon.list().allSatisfy { $0.text("status") == "stopped" })
        }
    }

    @Test func restartGivesANewPIDAndResetsTheCounter() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("a", flags: ["--restart-delay", "10ms", "--min-uptime", "1h"], "--run-forever")
            for count in 1...2 {
                let pid = try daemon.pid("a")
                kill9(pid)
                #expect(
                    try eventually { try daemon.number("restarts", of: "a") == count && daemon.state("a") == "running" }
                )
            }
            let before = try daemon.pid("a")
            let told = try daemon.run("restart", "a").check().stdout
            let after = try daemon.describe("a")
            #expect(told == "restarted a (id 0, PID \(after.pid))\n")
            #expect(after.pid != before && ProcessTable.isAlive(after.pid) && !ProcessTable.isAlive(before))
            #expect(after.number("restarts") == 0)
        }
    }

    @Test func restartAllStartsStoppedOnesToo() throws {
        try DaemonFixture.with { daemon in
            for name in ["a", "b"] { try daemon.start(name, "--run-forever") }
            try daemon.run("stop", "b").check()
            try daemon.run("restart", "all").check()
            #expect(try daemon.list().allSatisfy { $0.text("status") == "online" })
        }
    }

    @Test(arguments: ["delete", "del"])
    func deleteForgetsTheProcessAndKeepsItsLogs(_ command: String) throws {
        try DaemonFixture.with { daemon in
            let pid = try daemon.start("a", "--say", "hello", "--run-forever").pid
            #expect(daemon.logs("hello", "a"))
            #expect(try daemon.run(command, "a").check().stdout == "deleted a\n")
            #expect(try daemon.list().isEmpty)
            #expect(!ProcessTable.isAlive(pid))
            #expect(daemon.log("a").contains("hello"))
        }
    }

    @Test func idsAreStableAndNotReusedWhileTheListIsNotEmpty() throws {
        try DaemonFixture.with { daemon in
            for name in ["a", "b", "c"] { try daemon.start(name, "--run-forever") }
            try daemon.run("delete", "c").check()
            #expect(try daemon.start("d", "--run-forever").number("id") == 3)
            try daemon.run("delete", "a").check()
            #expect(try daemon.list().map { $0.number("id") } == [1, 3])
            try daemon.run("delete", "all").check()
            #expect(try daemon.start("e", "--run-forever").number("id") == 0)
        }
    }

    @Test func stubbornProgramsStopInParallel() throws {
        try DaemonFixture.with { daemon in
            for name in ["a", "b", "c", "d", "e"] {
                try daemon.startReady(name, flags: ["--kill-timeout", "1s"], "--ignore-sigterm")
            }
            let (_, took) = try time { try daemon.run("stop", "all").check() }
            #expect(took >= .seconds(1) && took < .seconds(4), "\(took)")
            #expect(daemon.programs.isEmpty)
        }
    }
}
