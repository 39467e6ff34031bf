import Glibc
import GopmTestSupport
import Testing

/// Logs that cannot be written never stop or block a program.
@Suite(.daemonLog)
struct LogTroubleTests {
    /// The program runs on, the daemon's log tells of the fault once, however long it lasts.
    private func expectProgramGoesOn(_ daemon: DaemonFixture, path: String) throws {
        // It writes far more than a pipe holds, and says on the other stream when all of it is out.
        let script = "\(Programs.testapp) --flood 4M; echo flooded >&2; while :; do echo more; sleep 0.02; done"
        try daemon.run("start", "/bin/bash", "--name", "p", "--log-out", path, "--", "-c", script).check()
        #expect(daemon.logs("flooded", "p", "err"), "the program hangs on its log")
        #expect(eventually { !daemon.daemonLog("log cannot be written", path).isEmpty })
        // Proves "once": thirty lines more are written, and dropped, in this time.
        pause(.milliseconds(600))
        #expect(daemon.daemonLog("log cannot be written", path).count == 1)
        #expect(try daemon.state("p") == "running")
    }

    @Test func aFullDiskDoesNotStopTheProgram() throws {
        try DaemonFixture.with { daemon in try expectProgramGoesOn(daemon, path: "/dev/full") }
    }

    @Test func anUnwritableFolderDoesNotStopTheProgram() throws {
        // /proc takes no folders from anybody, root included.
        try DaemonFixture.with { daemon in try expectProgramGoesOn(daemon, path: "/proc/no/out.log") }
    }

    @Test func aFileInTheWayOfTheFolderDoesNotStopTheProgram() throws {
        try DaemonFixture.with { daemon in
            try daemon.write("", to: "file")
            try expectProgramGoesOn(daemon, path: "\(daemon.folder)/file/out.log")
        }
    }

    @Test func loggingResumesByItselfAndSaysWhatIsLost() throws {
        try DaemonFixture.with { daemon in
            try daemon.write("", to: "file")
            let path = "\(daemon.folder)/file/out.log"
            try daemon.start("p", flags: ["--log-out", path], "--stdout-every", "20ms", "--stdout-msg", "tick")
            #expect(eventually { !daemon.daemonLog("log cannot be written", path).isEmpty })
            unlink("\(daemon.folder)/file")
            #expect(eventually(timeout: .seconds(20)) { TestFiles.text(path).contains("tick") })
            #expect(eventually { !daemon.daemonLog("log is written again", path).isEmpty })
            #expect(TestFiles.text(path).contains("bytes lost"))
        }
    }

    @Test func aLogFolderThatIsRemovedIsMadeAgain() throws {
        try DaemonFixture.with { daemon in
            try daemon.start(
                "p",
                flags: ["--log-out", "gone/out.log", "--max-log-size", "64K"],
                "--stdout-every",
                "1ms",
                "--stdout-msg",
                String(repeating: "y", count: 2000)
            )
            #expect(eventually { (TestFiles.size("\(daemon.folder)/gone/out.log") ?? 0) > 0 })
            TestFiles.removeAll("\(daemon.folder)/gone")
            // The file that is open has no name any more; at the latest the next rotation makes a new one.
            #expect(eventually(timeout: .seconds(20)) { (TestFiles.size("\(daemon.folder)/gone/out.log") ?? 0) > 0 })
            #expect(try daemon.state("p") == "running")
        }
    }

    @Test func aDeviceAsLogIsNotRotated() throws {
        try DaemonFixture.with { daemon in
            try daemon.start(
                "p",
                flags: ["--log-out", "/dev/null", "--max-log-size", "64K", "--autorestart", "never"],
                "--flood",
                "2M"
            )
            #expect(try daemon.reaches("stopped", "p"))
            #expect(!TestFiles.exists("/dev/null.1"))
            #expect(daemon.daemonLog("log rotated").isEmpty && daemon.daemonLog("cannot be rotated").isEmpty)
        }
    }
}
