import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// gopm logs -f.
@Suite(.daemonLog)
struct FollowTests {
    private func numbers(_ text: String) -> [Int] {
        text.split(separator: "\n").compactMap { line in
            guard let text = LogText.split(String(line))?.text, text.contains("xxx") else { return nil }
            return text.numbers.first
        }
    }

    /// Follows into a file until it is ended; the file's text is what was seen.
    private func follow(_ daemon: DaemonFixture, _ words: [String], to name: String) throws -> RunningCommand {
        let path = "\(daemon.folder)/\(name)"
        try TestFiles.write("", to: path)
        return try RunningCommand(
            "/bin/sh",
            ["-c", "exec \"$0\" \"$@\" >>\(path) 2>\(path).err", "\(Programs.folder)/gopm-logs"] + words,
            environment: daemon.environment,
            folder: daemon.folder
        )
    }

    private func end(_ follower: RunningCommand) throws {
        kill(follower.pid, SIGINT)
        #expect(try follower.finish().status == -SIGINT)
    }

    @Test func nothingIsLostOverRotations() throws {
        try DaemonFixture.with(config: #"{"logs": {"max_files": 20}}"#) { daemon in
            try daemon.start("p", "--say", "up", "--run-forever")
            let follower = try follow(daemon, ["p", "-f", "-n", "0", "--out"], to: "seen")
            let text = { TestFiles.text("\(daemon.folder)/seen") }
            // It shows what comes after it began; the first line tells that it has.
            #expect(
                try eventually {
                    try daemon.run("restart", "p").check()
                    return text().contains("up")
                }
            )
            try daemon.run("delete", "p").check()
            let lines = 3000
            let flags = ["--max-log-size", "16K", "--autorestart", "never"]
            try daemon.start("p", flags: flags, "--rate", "2000", "--lines", "\(lines)")
            // Several rotations pass while it is stopped.
            for _ in 0..<3 {
                pause(.milliseconds(150))
                kill(follower.pid, SIGSTOP)
                pause(.milliseconds(200))
                kill(follower.pid, SIGCONT)
            }
            #expect(eventually(timeout: .seconds(20)) { numbers(text()).last == lines - 1 })
            try end(follower)
            let seen = numbers(text())
            #expect(seen.count == lines && zip(seen, 0...).allSatisfy { $0 == $1 }, "\(seen.count)")
            #expect(TestFiles.text("\(daemon.folder)/seen.err").isEmpty)
        }
    }

    @Test func flushAndAProcessThatComesLater() throws {
        try DaemonFixture.with { daemon in
            let follower = try follow(daemon, ["all", "-f"], to: "seen")
            let text = { TestFiles.text("\(daemon.folder)/seen") }
            try daemon.start("p", "--say", "first", "--run-forever")
            #expect(eventually { text().contains("p [OUT] first") })
            try daemon.run("flush", "p").check()
            try daemon.run("restart", "p").check()
            #expect(eventually { text().split(separator: "\n").count { $0.hasSuffix("[OUT] first") } == 2 })
            try daemon.start("later", "--say", "second", "--run-forever")
            #expect(eventually { text().contains("[OUT] second") })
            // The daemon goes and comes: it reads files only.
            daemon.crashDaemon()
            try daemon.run("restart", "later").check()
            #expect(eventually { text().split(separator: "\n").count { $0.hasSuffix("[OUT] second") } == 2 })
            try end(follower)
        }
    }

    @Test func aReaderThatGoesEndsIt() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("p", "--rate", "100", "--lines", "100000")
            let line = "'\(Programs.gopm)' logs p -f | head -n 3; echo ended"
            let result = try RunningCommand(
                "/bin/sh",
                ["-c", line],
                environment: daemon.environment,
                folder: daemon.folder
            ).finish(timeout: .seconds(30))
            #expect(result.lines.count == 4 && result.lines.last == "ended" && result.stderr.isEmpty, "\(result)")
        }
    }

    /// Also when nothing is written any more.
    @Test func aReaderThatGoesFromAQuietLogEndsIt() throws {
        try DaemonFixture.with { daemon in
            try daemon.startReady("p", "--run-forever")
            let result = try RunningCommand(
                "/bin/sh",
                ["-c", "'\(Programs.gopm)' logs p -f | head -n 1; echo ended"],
                environment: daemon.environment,
                folder: daemon.folder
            ).finish(timeout: .seconds(30))
            #expect(result.lines.last == "ended" && result.stderr.isEmpty, "\(result)")
        }
    }

    @Test func theDaemonsLogIsFollowed() throws {
        try DaemonFixture.with { daemon in
            let follower = try follow(daemon, ["-d", "-f", "-n", "1"], to: "seen")
            try daemon.start("p", "--run-forever")
            #expect(
                eventually { TestFiles.text("\(daemon.folder)/seen").contains("msg=\"process started\" process=p") }
            )
            try end(follower)
        }
    }

    @Test func theTraceNamesRotations() throws {
        try DaemonFixture.with { daemon in
            try daemon.startReady("p", flags: ["--max-log-size", "4K"], "--run-forever")
            daemon.environment["GOPM_LOGS_DEBUG"] = "1"
            let follower = try follow(daemon, ["all", "-f", "--json"], to: "seen")
            daemon.environment["GOPM_LOGS_DEBUG"] = nil
            try daemon.start(
                "q",
                flags: ["--max-log-size", "4K", "--autorestart", "never"],
                "--rate",
                "500",
                "--lines",
                "400"
            )
            let trace = { TestFiles.text("\(daemon.folder)/seen.err") }
            #expect(eventually { trace().contains("ROTATION") && trace().contains("lines=") })
            #expect(eventually(timeout: .seconds(20)) { trace().contains("STALL") })
            try end(follower)
            let lines = TestFiles.text("\(daemon.folder)/seen").split(separator: "\n")
            for line in lines {
                let value = try JSONValue.parse(Array(line.utf8))
                #expect(value.keys == ["time", "process", "stream", "line"])
            }
            #expect(lines.count > 300)
        }
    }
}
