import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// stop, restart, delete, start while a restart is pending or a stop is under way: the newest wish wins, and there are
/// never two copies.
@Suite(.daemonLog)
struct StopRaceTests {
    /// Waits for a pending restart that comes so late that the test is over before it.
    private func startWaiting(_ daemon: DaemonFixture) throws {
        try daemon.start("p", flags: ["--restart-delay", "1h"], "--exit", "1")
        #expect(try daemon.reaches("waiting", "p"))
    }

    @Test func stopDuringAPendingRestartCancelsIt() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("p", flags: ["--restart-delay", "400ms"], "--exit", "1")
            #expect(try daemon.reaches("waiting", "p"))
            try daemon.run("stop", "p").check()
            // Proves that the timer is really gone: it would have fired by then.
            pause(.milliseconds(700))
            let process = try daemon.describe("p")
            #expect(process.text("state") == "stopped" && process.text("wanted") == "down")
            let starts = daemon.actions("p").count { $0.hasPrefix("started") }
            #expect(starts == process.number("instance"))
        }
    }

    @Test(arguments: ["restart", "start"])
    func restartOrStartDuringAPendingRestartStartsAtOnce(_ command: String) throws {
        try DaemonFixture.with { daemon in
            try startWaiting(daemon)
            try daemon.run(command, "p").check()
            #expect(try eventually { try daemon.describe("p").number("instance") == 2 })
            #expect(try daemon.reaches("waiting", "p"))
            #expect(try daemon.number("restarts", of: "p") == 1)
        }
    }

    @Test func deleteDuringAPendingRestartForgetsIt() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("p", flags: ["--restart-delay", "300ms"], "--exit", "1")
            #expect(try daemon.reaches("waiting", "p"))
            try daemon.run("delete", "p").check()
            // Proves that the deleted one's timer starts nothing.
            pause(.milliseconds(500))
            #expect(try daemon.list().isEmpty)
            #expect(daemon.programs.isEmpty)
        }
    }

    @Test func restartDuringAStopGivesExactlyOneProgram() throws {
        try DaemonFixture.with { daemon in
            let before = try daemon.startReady("p", "--slow-shutdown", "500ms").pid
            let stop = try daemon.begin(["stop", "p"])
            #expect(try daemon.reaches("stopping", "p"))
            #expect(try daemon.describe("p").text("status") == "online")
            try daemon.run("restart", "p").check()
            #expect(try stop.finish().status == 0)
            #expect(try daemon.reaches("running", "p"))
            #expect(!ProcessTable.isAlive(before))
            #expect(try daemon.programs == [daemon.pid("p")])
        }
    }

    @Test func startDuringAStopGivesExactlyOneProgram() throws {
        try DaemonFixture.with { daemon in
            let before = try daemon.startReady("p", "--slow-shutdown", "500ms").pid
            let stop = try daemon.begin(["stop", "p"])
            #expect(try daemon.reaches("stopping", "p"))
            try daemon.run("start", "p").check()
            _ = try stop.finish()
            #expect(try daemon.reaches("running", "p"))
            #expect(!ProcessTable.isAlive(before))
            #expect(try daemon.programs == [daemon.pid("p")])
        }
    }

    @Test(arguments: ["stop", "delete"])
    func stopOrDeleteDuringAStopWaitsForTheSameEnd(_ command: String) throws {
        try DaemonFixture.with { daemon in
            let pid = try daemon.startReady("p", "--slow-shutdown", "400ms").pid
            let stop = try daemon.begin(["stop", "p"])
            #expect(try daemon.reaches("stopping", "p"))
            try daemon.run(command, "p").check()
            #expect(!ProcessTable.isAlive(pid))
            #expect(try stop.finish().status == 0)
            #expect(try daemon.list().count == (command == "stop" ? 1 : 0))
        }
    }

    @Test func stopDuringARestartWins() throws {
        try DaemonFixture.with { daemon in
            try daemon.startReady("p", "--slow-shutdown", "400ms")
            let restart = try daemon.begin(["restart", "p"])
            #expect(try daemon.reaches("stopping", "p"))
            try daemon.run("stop", "p").check()
            let result = try restart.finish()
            #expect(result.status == 1 && result.stderr.contains("stopped meanwhile"), "\(result)")
            #expect(try daemon.state("p") == "stopped")
            #expect(daemon.programs.isEmpty)
        }
    }

    @Test func aCrashDuringAStopIsAStop() throws {
        try DaemonFixture.with { daemon in
            let pid = try daemon.startReady("p", flags: ["--restart-delay", "0"], "--ignore-sigterm").pid
            let stop = try daemon.begin(["stop", "p"])
            #expect(try daemon.reaches("stopping", "p"))
            kill9(pid)
            #expect(try stop.finish().status == 0)
            #expect(try daemon.state("p") == "stopped")
        }
    }

    @Test func manyWishesAtOnceNeverGiveTwoCopies() throws {
        try DaemonFixture.with { daemon in
            // The folder is taken by the copy that runs; a second one would find it and say so.
            let script = """
                trap 'rmdir taken; exit 0' TERM
                mkdir taken || echo TWO COPIES
                while :; do sleep 0.01; done
                """
            try daemon.write(script, to: "single.sh")
            try daemon.run("start", "single.sh", "--interpreter", "sh", "--name", "single").check()
            for round in 0..<6 {
                let words = ["stop", "restart", "start", "restart", "stop", "start", "restart", "start"].shuffled()
                let commands = try words.map { try daemon.begin([$0, "single"]) }
                for command in commands {
                    let result = try command.finish()
                    #expect(result.status == 0 || result.stderr.contains("meanwhile"), "round \(round): \(result)")
                }
            }
            try daemon.run("restart", "single").check()
            #expect(try eventually { try daemon.programs.filter { $0 == (try daemon.pid("single")) }.count == 1 })
            #expect(!daemon.log("single").contains("TWO COPIES"))
            try daemon.run("stop", "single").check()
            #expect(daemon.programs.isEmpty)
        }
    }

    @Test func crashesAndRestartsAtOnceNeverGiveTwoCopies() throws {
        try DaemonFixture.with { daemon in
            let flags = ["--restart-delay", "0", "--kill-timeout", "1s"]
            try daemon.start("p", flags: flags, "--crash-after", "15ms")
            for _ in 0..<10 { try daemon.run("restart", "p").check() }
            #expect(daemon.programs.count <= 1)
            try daemon.run("stop", "p").check()
            #expect(daemon.programs.isEmpty)
            #expect(daemon.daemonLog("the last life has not ended").isEmpty)
        }
    }
}
