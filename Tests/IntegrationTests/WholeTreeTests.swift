import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// After a program is stopped nothing of it is alive, whatever its children did to get away.
@Suite(.daemonLog)
struct WholeTreeTests {
    static let escapes: [[String]] = [
        ["--fork-grandchild"], ["--setsid-grandchild"], ["--fork-grandchild", "--child-ignores-sigterm"],
        ["--setsid-grandchild", "--child-ignores-sigterm"],
        ["--setsid-grandchild", "--fork-grandchild", "--ignore-sigterm"],
    ]

    /// The pids that testapp told of its children.
    private func children(_ daemon: DaemonFixture, of arguments: [String]) throws -> [pid_t] {
        let count = arguments.count { $0.contains("grandchild") }
        let pids = firstValue { () -> [pid_t]? in
            let lines = daemon.log("p").filter {
                $0.hasPrefix("child ") || $0.hasPrefix("detached ") || $0.hasPrefix("holder ")
            }
            return lines.count == count ? lines.compactMap { $0.numbers.first.map { pid_t($0) } } : nil
        }
        return try #require(pids)
    }

    @Test(arguments: escapes, ["stop p", "delete p", "restart p", "kill", "stop all"])
    func nothingOfTheTreeIsLeft(_ arguments: [String], _ command: String) throws {
        try DaemonFixture.with { daemon in
            let main = try daemon.startResult("p", flags: ["--kill-timeout", "200ms"], arguments).check().json().pid
            let children = try children(daemon, of: arguments)
            for pid in children { #expect(ProcessTable.isAlive(pid) && ProcessTable.lifeID(pid) != nil) }
            try daemon.run(command.split(separator: " ").map(String.init)).check()
            #expect(!ProcessTable.isAlive(main))
            for pid in children { #expect(!ProcessTable.isAlive(pid), "\(ProcessTable.commandLine(pid))") }
            if !command.hasPrefix("restart") { #expect(daemon.programs.isEmpty) }
        }
    }

    @Test func aCrashRestartClearsTheLeftoversFirst() throws {
        try DaemonFixture.with { daemon in
            let arguments = ["--setsid-grandchild", "--fork-grandchild", "--child-ignores-sigterm"]
            let flags = ["--restart-delay", "100ms", "--kill-timeout", "5s"]
            let main = try daemon.startResult("p", flags: flags, arguments).check().json().pid
            let children = try children(daemon, of: arguments)
            kill9(main)
            #expect(try eventually { try daemon.number("instance", of: "p") == 2 })
            for pid in children { #expect(!ProcessTable.isAlive(pid)) }
        }
    }

    @Test func anEndOfTheMainProcessIsSeenWhileAChildHoldsItsOutput() throws {
        try DaemonFixture.with { daemon in
            let flags = ["--autorestart", "never", "--kill-timeout", "300ms"]
            try daemon.start("p", flags: flags, "--hold-stdout-grandchild", "1h", "--exit", "5")
            #expect(try daemon.reaches("stopped", "p", timeout: .seconds(5)))
            #expect(try daemon.number("exit_code", of: "p") == 5)
            #expect(daemon.programs.isEmpty)
        }
    }

    @Test func aChildThatHoldsTheOutputDoesNotHangAStop() throws {
        try DaemonFixture.with { daemon in
            let flags = ["--kill-timeout", "300ms"]
            try daemon.start(
                "p",
                flags: flags,
                "--child-ignores-sigterm",
                "--hold-stdout-grandchild",
                "1h",
                "--run-forever"
            )
            let (_, took) = try time { try daemon.run("stop", "p").check() }
            #expect(took < .seconds(4), "\(took)")
            #expect(daemon.programs.isEmpty)
        }
    }

    @Test func childrenGetTheKillSignalToo() throws {
        try DaemonFixture.with { daemon in
            // `sh -c 'server & wait'`: the shell dies of the signal, the server drains; stop waits for it.
            let script = "\(Programs.testapp) --slow-shutdown 400ms --marker \(daemon.folder) & wait"
            try daemon.run("start", "/bin/sh", "--name", "p", "--", "-c", script).check()
            #expect(eventually { daemon.programs.count == 2 })
            // The server must have come so far as to catch the signal: it does that first of all, but says nothing.
            pause(.milliseconds(200))
            let (_, took) = try time { try daemon.run("stop", "p").check() }
            #expect(took >= .milliseconds(400), "\(took)")
            #expect(daemon.logs("shutdown complete", "p"))
        }
    }

    @Test func aFamilyOfFiftyIsGoneInOneStop() throws {
        try DaemonFixture.with { daemon in
            let script =
                "for i in $(seq 50); do setsid \(Programs.testapp) --ignore-sigterm --marker \(daemon.folder) & done; echo all; wait"
            try daemon.run("start", "/bin/bash", "--name", "p", "--kill-timeout", "300ms", "--", "-c", script).check()
            #expect(eventually { daemon.programs.count == 51 })
            try daemon.run("stop", "p").check()
            #expect(daemon.programs.isEmpty)
        }
    }
}
