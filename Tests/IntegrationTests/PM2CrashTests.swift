import Glibc
import GopmMigration
import GopmTestSupport
import Testing

/// A move that is interrupted anywhere, by a kill of anybody: the program is never in two places, and after the next run
/// in one.
@Suite(.daemonLog)
struct PM2CrashTests {
    private static let forward: [CrashPoint] = CrashPoint.all.filter { point in
        switch point {
        case .begun(let step), .done(let step): Move(step: step).direction == .toGopm
        case .stoppedInPM2, .startedInGopm: true
        case .dumpRestored: false
        }
    }

    private static let backward = CrashPoint.all.filter { !forward.contains($0) }

    @Test(arguments: forward, [false, true])
    func killedOnTheWay(_ point: CrashPoint, _ turnsBack: Bool) throws {
        try PM2Fixture.with { pm2 in
            let killed = try pm2.migrate(with: ["GOPM_PM2_CRASH_POINT": point.name])
            #expect(killed.status == -SIGKILL, "\(killed)")
            pm2.expectNeverTwo()
            let next = try turnsBack ? pm2.migrate("--rollback") : pm2.migrate()
            #expect(next.status == 0, "\(next)")
            try pm2.expectOne(in: turnsBack ? "pm2" : "gopm")
            #expect(try turnsBack || pm2.listed().isEmpty)
        }
    }

    /// Ours does not stay up, so it is on its way back when we are killed.
    @Test(arguments: backward)
    func killedOnTheWayBack(_ point: CrashPoint) throws {
        try PM2Fixture.with(apps: PM2Fixture.failing) { pm2 in
            try pm2.daemon.write("", to: "web.broken")
            let killed = try pm2.migrate(with: ["GOPM_PM2_CRASH_POINT": point.name])
            #expect(killed.status == -SIGKILL, "\(killed)")
            pm2.expectNeverTwo()
            // The next run brings PM2's back, tries anew, fails again, and brings it back again.
            let next = try pm2.migrate()
            #expect(next.status == 1, "\(next)")
            try pm2.expectOne(in: "pm2")
            unlink("\(pm2.daemon.folder)/web.broken")
            try pm2.migrate().check()
            try pm2.expectOne(in: "gopm")
        }
    }

    @Test(arguments: backward)
    func killedInARollback(_ point: CrashPoint) throws {
        try PM2Fixture.with { pm2 in
            try pm2.migrate().check()
            try pm2.expectOne(in: "gopm")
            let killed = try pm2.migrate("--rollback", with: ["GOPM_PM2_CRASH_POINT": point.name])
            #expect(killed.status == -SIGKILL, "\(killed)")
            pm2.expectNeverTwo()
            try pm2.migrate("--rollback").check()
            try pm2.expectOne(in: "pm2")
        }
    }

    /// PM2's command kills us, its daemon, or itself, before and after it has done its work.
    @Test(
        arguments: ["stop", "delete"].flatMap { command in
            ["before", "after"].flatMap { time in ["caller", "god", "cli"].map { "\(command):\(time):\($0)" } }
        }
    )
    func pm2KillsSomebody(_ kill: String) throws {
        try PM2Fixture.with { pm2 in
            _ = try pm2.migrate(with: ["PM2_STAND_IN_KILL": kill])
            #expect(TestFiles.exists("\(pm2.home)/killed"))
            pm2.expectNeverTwo()
            // What was turned back is tried again, what is there stays there.
            _ = try? pm2.migrate()
            try pm2.expectOne(in: "gopm")
        }
    }

    @Test(
        arguments: ["resurrect"].flatMap { command in
            ["before", "after"].flatMap { time in ["caller", "god", "cli"].map { "\(command):\(time):\($0)" } }
        }
    )
    func pm2KillsSomebodyInARollback(_ kill: String) throws {
        try PM2Fixture.with { pm2 in
            try pm2.migrate().check()
            let first = try pm2.migrate("--rollback", with: ["PM2_STAND_IN_KILL": kill])
            #expect(TestFiles.exists("\(pm2.home)/killed"))
            pm2.expectNeverTwo()
            if first.status != 0 { try pm2.migrate("--rollback").check() }
            try pm2.expectOne(in: "pm2")
        }
    }

    @Test(arguments: ["before", "after"].flatMap { time in ["caller", "god", "cli"].map { "restart:\(time):\($0)" } })
    func pm2KillsSomebodyOnTheWayBack(_ kill: String) throws {
        try PM2Fixture.with(apps: PM2Fixture.failing) { pm2 in
            try pm2.daemon.write("", to: "web.broken")
            let first = try pm2.migrate(with: ["PM2_STAND_IN_KILL": kill])
            #expect(first.status != 0 && TestFiles.exists("\(pm2.home)/killed"), "\(first)")
            pm2.expectNeverTwo()
            let next = try pm2.migrate()
            #expect(next.status == 1, "\(next)")
            try pm2.expectOne(in: "pm2")
        }
    }

    /// gopm's daemon dies under the move.
    @Test func gopmdKilledBetweenRuns() throws {
        try PM2Fixture.with { pm2 in
            _ = try pm2.migrate(with: ["GOPM_PM2_CRASH_POINT": CrashPoint.startedInGopm.name])
            pm2.daemon.crashDaemon()
            try pm2.migrate().check()
            try pm2.expectOne(in: "gopm")
        }
    }

    /// A `pm2 stop` that outlives us is waited for by the next run.
    @Test func aCommandOfAKilledRunIsWaitedFor() throws {
        try PM2Fixture.with { pm2 in
            let variables = ["PM2_STAND_IN_KILL": "stop:after:caller", "PM2_STAND_IN_DELAY": "stop:1.5"]
            #expect(try pm2.migrate(with: variables).status == -SIGKILL)
            try pm2.migrate("--rollback").check()
            #expect(TestFiles.exists("\(pm2.home)/delayed"))
            try pm2.expectOne(in: "pm2")
        }
    }

    /// Everything is killed at once, and comes up again as after a reboot: PM2 from its dump, gopm from its list.
    @Test(arguments: [
        CrashPoint.stoppedInPM2, .done(.stopping), .startedInGopm, .done(.removing),
    ])
    func powerCut(_ point: CrashPoint) throws {
        try PM2Fixture.with { pm2 in
            _ = try pm2.migrate(with: ["GOPM_PM2_CRASH_POINT": point.name])
            // The keeper starts a daemon as long as it lives itself.
            let isDark = eventually {
                for pid in pm2.daemon.processes { kill(pid, SIGKILL) }
                return pm2.daemon.processes.isEmpty
            }
            #expect(isDark)
            try pm2.pm2("resurrect").check()
            try pm2.daemon.run("resurrect").check()
            pm2.expectNeverTwo()
            try pm2.migrate().check()
            try pm2.expectOne(in: "gopm")
        }
    }
}
