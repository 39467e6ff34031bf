import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// What a program finds when it begins.
@Suite(.daemonLog)
struct EnvironmentTests {
    @Test func onlyTheBaseThePathAndWhatIsDeclared() throws {
        try DaemonFixture.with { daemon in
            // The daemon was started by another shell than the one that types `start`.
            let path = "/opt/nvm/bin:/usr/bin:/bin"
            let start = [
                "start", Programs.testapp, "--name", "p", "--autorestart", "never", "--env", "MINE=1", "--",
                "--print-env", "--say", "done",
            ]
            try daemon.run(start, with: ["PATH": path, "STARTER_SECRET": "x", "LANG": "de_DE.UTF-8"]).check()
            #expect(daemon.logs("done", "p"))
            let environment = daemon.log("p").filter { $0.hasPrefix("env ") }.map { $0.dropFirst(4) }
            var expected = [
                "HOME=\(daemon.folder)", "LANG=C.UTF-8", "LOGNAME=tester", "MINE=1", "PATH=\(path)", "SHELL=/bin/sh",
                "USER=tester",
            ]
            if let zone = daemon.environment["TZ"] { expected.append("TZ=\(zone)") }
            #expect(environment.sorted() == expected.sorted().map { $0[...] })
        }
    }

    @Test func thePathIsKeptForTheNextLives() throws {
        try DaemonFixture.with { daemon in
            let path = "/opt/nvm/bin:/usr/bin:/bin"
            let start = ["start", Programs.testapp, "--name", "p", "--", "--print-env", "PATH", "--run-forever"]
            try daemon.run(start, with: ["PATH": path]).check()
            try daemon.run("restart", "p").check()
            try daemon.run("kill").check()
            try daemon.run("resurrect").check()
            #expect(eventually { daemon.log("p").count { $0 == "env PATH=\(path)" } == 3 }, "\(daemon.log("p"))")
        }
    }

    @Test func aProgramHasItsStandardFilesAndAtMostTwoReadEndsMore() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("p", "--print-fds", "--stdout-file-check", "--say", "done", "--run-forever")
            #expect(daemon.logs("done", "p"))
            let lines = daemon.log("p")
            let run = "\(daemon.home)/run/"
            let descriptors = lines.filter { $0.hasPrefix("fd ") }
            #expect(descriptors[0] == "fd 0 read-only /dev/null")
            #expect(
                descriptors[1].hasPrefix("fd 1 write-only \(run)") && descriptors[2].hasPrefix("fd 2 write-only \(run)")
            )
            let others = descriptors.dropFirst(3)
            #expect(others.count <= 2 && others.allSatisfy { $0.contains(" read-only \(run)") }, "\(others)")
            let limits = TestFiles.text("/proc/self/limits").split(separator: "\n")
            let soft = try #require(limits.first { $0.hasPrefix("Max open files") }?.numbers.first)
            // Just below the soft limit, but not so high that the kernel makes a large table of descriptors.
            let limit = min(soft, 1024)
            #expect(
                others.allSatisfy { [limit - 2, limit - 1].contains($0.numbers.first) },
                "\(others), limit \(limit)"
            )
            #expect(
                lines.contains { $0.hasPrefix("stdout fifo 0622 write-only") }
                    && lines.contains { $0.hasPrefix("stderr fifo 0622 write-only") }
            )
            #expect(!lines.contains { $0.contains("nonblock") })
        }
    }

    @Test func signalsAreAtTheirDefaultsAndNoneIsBlocked() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            // A shell that ignores signals starts the daemon.
            let words = "trap '' HUP INT QUIT TERM PIPE USR1; exec \(Programs.gopm) ping"
            try RunningCommand("/bin/sh", ["-c", words], environment: daemon.environment, folder: daemon.folder)
                .finish().check()
            try daemon.start("p", "--print-signals", "--run-forever")
            #expect(daemon.logs("signals blocked: none ignored: none", "p"), "\(daemon.log("p"))")
            // The daemon itself still hears SIGTERM.
            kill(try #require(daemon.daemonPID), SIGTERM)
            #expect(eventually { daemon.daemonPID == nil })
        }
    }

    @Test func theDaemonsStartersUmaskAndFileLimitComeBack() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let words = "umask 027; ulimit -Sn 512; exec \(Programs.gopm) ping"
            try RunningCommand("/bin/sh", ["-c", words], environment: daemon.environment, folder: daemon.folder)
                .finish().check()
            let pid = try daemon.start("p", "--print-limits", "--print-fds", "--say", "done", "--run-forever").pid
            #expect(daemon.logs("done", "p"))
            #expect(daemon.log("p").contains { $0.hasPrefix("limit NOFILE soft=512 ") })
            #expect(
                daemon.log("p").filter { $0.hasPrefix("fd ") }.dropFirst(3).allSatisfy {
                    [510, 511].contains($0.numbers.first)
                }
            )
            #expect(TestFiles.text("/proc/\(pid)/status").contains("Umask:\t0027"))
            // The daemon itself takes as many as it may, and leaves no marks on itself.
            #expect(ProcessTable.lifeID(try #require(daemon.daemonPID)) == nil)
        }
    }

    /// By default the kernel ends whoever writes on past `ulimit -f` (SIGXFSZ).
    @Test func aLimitOnTheSizeOfFilesEndsNoDaemon() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let words = "ulimit -f 2048; exec \(Programs.gopm) ping"
            try RunningCommand("/bin/sh", ["-c", words], environment: daemon.environment, folder: daemon.folder)
                .finish().check()
            let pid = try #require(daemon.daemonPID)
            _ = try daemon.start("p", "--flood", "4MB", "--say", "done", "--run-forever")
            #expect(eventually { !daemon.daemonLog("too large").isEmpty })
            #expect(daemon.daemonPID == pid)
            #expect(try daemon.run("ping").check().stdout.contains("PID: \(pid),"))
        }
    }

    @Test func everyProgramIsASessionOfItsOwn() throws {
        try DaemonFixture.with { daemon in
            let pid = try daemon.start("p", "--run-forever").pid
            #expect(getsid(pid) == pid && getpgid(pid) == pid)
            #expect(ProcessTable.parent(pid) == daemon.daemonPID)
        }
    }

    @Test func aProgramMayReopenItsStandardOutput() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("p", "--reopen-stdout", "--say", "after", "--run-forever")
            #expect(daemon.logs("after", "p"))
        }
    }

    @Test func cpuAndMemoryAreMeasured() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("busy", "--alloc-mb", "60", "--cpu-burn", "1")
            #expect(try eventually { try daemon.number("memory", of: "busy") > 60 << 20 })
            #expect(try eventually { (try daemon.describe("busy")["cpu"]?.doubleValue ?? 0) > 20 })
            let row = try daemon.run("list").check().table[1]
            #expect(row[4].hasSuffix("%") && row[5].hasSuffix("MB"))
        }
    }
}
