import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// The fixture's own eyes: a check that cannot see a fault proves nothing.
@Suite(.daemonLog)
struct FixtureTests {
    @Test func aProgramThatIsLeftIsSeen() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            #expect(daemon.processes.isEmpty)
            let program = try RunningCommand(
                Programs.testapp,
                ["--run-forever", "--marker", daemon.folder],
                environment: [:],
                folder: "/"
            )
            #expect(eventually { daemon.programs == [program.pid] })
            program.signal(SIGKILL)
            #expect(try program.finish().status == -SIGKILL)
            #expect(daemon.processes.isEmpty)
        }
    }

    @Test func aDescriptorMoreIsSeen() throws {
        try DaemonFixture.with { daemon in
            let pid = try #require(daemon.daemonPID)
            let idle = ProcessTable.descriptors(of: pid)
            let client = try RawClient(daemon)
            #expect(eventually { ProcessTable.descriptors(of: pid)["socket"] == (idle["socket"] ?? 0) + 1 })
            withExtendedLifetime(client) {}
            try daemon.start("one", "--run-forever")
            let kinds = ProcessTable.descriptors(of: pid)
            #expect(kinds["pidfd"] == (idle["pidfd"] ?? 0) + 1)
            #expect((kinds["fifo"] ?? 0) >= 2, "\(kinds)")
        }
    }

    @Test func aLifeIDIsSeenInEveryProcessOfAProgram() throws {
        try DaemonFixture.with { daemon in
            let pid = try daemon.start("one", "--fork-grandchild").pid
            let life = try #require(ProcessTable.lifeID(pid))
            #expect(ProcessTable.lifeID(getpid()) == nil)
            let children = eventually { ProcessTable.children(of: pid).count == 1 }
            #expect(children)
            #expect(ProcessTable.children(of: pid).allSatisfy { ProcessTable.lifeID($0) == life })
        }
    }
}
