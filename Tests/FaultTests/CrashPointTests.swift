import Glibc
import GopmDaemon
import GopmJSON
import GopmTestSupport
import Testing

/// gopmd is killed between any two facts of which a crash may leave only the first behind.
@Suite(.serialized, .daemonLog)
struct CrashPointTests {
    /// What is done to program `p`, in this order, until gopmd dies of its crash point.
    private enum Step {
        case start, crash, restart, stop, startAgain, delete
    }

    private static let script: [Step] = [
        .start, .crash, .crash, .restart, .stop, .startAgain, .delete, .start, .delete,
    ]

    private static let flags = ["--restart-delay", "50ms", "--kill-timeout", "300ms"]

    /// Every point, and those of a spawn and of a restart the second time, too: then there was a life before.
    private static let cases: [(CrashPoint, Int)] =
        CrashPoint.allCases.map { ($0, 1) } + [
            (.afterSpawnNoted, 2), (.afterClone, 2), (.afterReap, 2), (.afterRestartNoted, 2), (.afterDeletionNoted, 2),
        ]

    @Test(arguments: cases)
    func programsSurviveACrashAt(_ point: CrashPoint, _ time: Int) throws {
        try DaemonFixture.withAlone { daemon in
            try daemon.begin("bystander", ["--run-forever"]).check()
            let bystander = daemon.copies("bystander")
            let keeper = try daemon.theKeeper()
            let armed = try replaceDaemon(daemon, keeper, "\(point.rawValue):\(time)")

            var death: (step: Step, result: CommandResult?)?
            for step in Self.script {
                let result = try act(step, daemon)
                // Some points are passed a moment after the answer.
                if eventually(timeout: .milliseconds(60), { !ProcessTable.isAlive(armed.pid) }) {
                    death = (step, result)
                    break
                }
                if let result, result.status != 0 { throw TestFailure("\(step): \(result)") }
            }
            guard let (step, result) = death else {
                kill(armed.pid, SIGKILL)
                _ = try armed.finish()
                throw TestFailure("\(point) was not hit \(time) times")
            }
            #expect(try armed.finish().status == -SIGKILL)

            let successor = try daemon.newDaemon(after: armed.pid)
            let list = try daemon.list()
            #expect(daemon.copies("bystander") == bystander, "after \(step)")
            #expect(list.first { $0.text("name") == "bystander" }?.pid == bystander.first)
            try daemon.settles(["bystander", "p"])
            #expect(daemon.daemonPID == successor && daemon.keepers == [keeper])
            try check(step, result, daemon)
            try daemon.settles(["bystander", "p"])
            #expect(daemon.copies("bystander") == bystander)
        }
    }

    /// Puts a gopmd with an armed crash point in the place of the one that runs.
    ///
    /// The keeper was started by the old one, so that the gopmd that it starts after the crash is not armed. It sleeps
    /// until the armed one has the lock; then the one that it starts finds the home taken and goes.
    private func replaceDaemon(_ daemon: DaemonFixture, _ keeper: pid_t, _ point: String) throws -> RunningCommand {
        let old = try #require(daemon.daemonPID)
        kill(keeper, SIGSTOP)
        defer { kill(keeper, SIGCONT) }
        daemon.killed(old)
        let variables = daemon.environment.merging(["GOPM_CRASH_POINT": point]) { $1 }
        let armed = try RunningCommand(Programs.gopmd, ["--background"], environment: variables, folder: daemon.folder)
        // It has the lock when its pid is in the file, and then waits a second for the keeper.
        guard eventually({ daemon.daemonPID == armed.pid }) else { throw TestFailure("the armed gopmd does not start") }
        kill(keeper, SIGCONT)
        guard eventually({ (try? daemon.run("ping").status) == 0 }) else { throw TestFailure("no answer") }
        // The one that the keeper has started goes by itself.
        guard eventually({ daemon.daemons == [armed.pid] }) else { throw TestFailure("daemons: \(daemon.daemons)") }
        guard daemon.keepers == [keeper] else { throw TestFailure("keepers: \(daemon.keepers)") }
        return armed
    }

    private func act(_ step: Step, _ daemon: DaemonFixture) throws -> CommandResult? {
        switch step {
        case .start: return try daemon.begin("p", flags: Self.flags, ["--run-forever"])
        case .crash:
            let instance = try daemon.number("instance", of: "p")
            for pid in daemon.copies("p") { kill(pid, SIGKILL) }
            // Ends early when gopmd dies: then there is nobody to ask.
            _ = eventually { (try? daemon.number("instance", of: "p")) != instance }
            return nil
        case .restart: return try daemon.run("restart", "p")
        case .stop: return try daemon.run("stop", "p")
        case .startAgain: return try daemon.run("start", "p")
        case .delete: return try daemon.run("delete", "p")
        }
    }

    /// What was promised holds; what was not can be asked for again.
    private func check(_ step: Step, _ result: CommandResult?, _ daemon: DaemonFixture) throws {
        let wasPromised = result?.status == 0
        func entry() throws -> JSONValue? { try daemon.list().first { $0.text("name") == "p" } }
        switch step {
        case .start:
            if wasPromised { #expect(try entry() != nil) }
            if try entry() == nil { try daemon.begin("p", flags: Self.flags, ["--run-forever"]).check() }
        case .crash:
            #expect(try entry()?.text("wanted") == "up")
        case .restart:
            #expect(try entry()?.text("wanted") == "up")
            if !wasPromised { try daemon.run("restart", "p").check() }
        case .stop:
            if !wasPromised { try daemon.run("stop", "p").check() }
            #expect(try entry()?.text("state") == "stopped" && daemon.copies("p").isEmpty)
            return
        case .startAgain:
            if !wasPromised { try daemon.run("start", "p").check() }
        case .delete:
            if !wasPromised, try entry() != nil { try daemon.run("delete", "p").check() }
            #expect(try entry() == nil && daemon.copies("p").isEmpty)
            return
        }
        #expect(try entry()?.text("state") == "running" && daemon.copies("p").count == 1)
    }
}
