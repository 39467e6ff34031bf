import GopmTestSupport
import Testing

/// Which lines `gopm logs` shows, and how.
@Suite(.daemonLog)
struct LogSelectionTests {
    private func startTalking(_ daemon: DaemonFixture) throws {
        let script =
            #"echo out 1; echo err 1 >&2; printf 'caf\351 \000 end\n'; sleep 1.2; echo out 2; echo err 2 >&2; echo end; exec sleep 1000"#
        try daemon.run("start", "/bin/bash", "--name", "p", "--", "-c", script).check()
        #expect(daemon.logs("end", "p"))
    }

    private func texts(_ daemon: DaemonFixture, _ words: String...) throws -> [String] {
        try daemon.run(["logs", "p"] + words).check().lines.compactMap { LogText.split($0)?.text }
    }

    @Test func streamsTimesAndPatterns() throws {
        try DaemonFixture.with { daemon in
            try startTalking(daemon)
            #expect(try texts(daemon, "--out").filter { $0.hasPrefix("out") } == ["out 1", "out 2"])
            #expect(
                try texts(daemon, "--grep", "out|err").sorted() == [
                    "[ERR] err 1", "[ERR] err 2", "[OUT] out 1", "[OUT] out 2",
                ]
            )
            #expect(try texts(daemon, "--grep", "^out", "-n", "1") == ["[OUT] out 2"])
            #expect(try texts(daemon, "--grep", "err|gopm|caf|end", "-v") == ["[OUT] out 1", "[OUT] out 2"])
            #expect(try texts(daemon, "--since", "1h", "--grep", "out") == ["[OUT] out 1", "[OUT] out 2"])
            #expect(try texts(daemon, "--since", "0").isEmpty)
            #expect(try texts(daemon, "--until", "1h").isEmpty)
            #expect(try texts(daemon, "--until", "2040-01-01", "--out").contains("out 2"))
            // Between the two halves.
            let stamp = try daemon.run("logs", "p", "--grep", "out 2").check().lines[0].prefix(29)
            #expect(try texts(daemon, "--since", String(stamp), "--grep", "out") == ["[OUT] out 2"])
        }
    }

    @Test func rawIsWhatTheProgramWrote() throws {
        try DaemonFixture.with { daemon in
            try startTalking(daemon)
            let raw = try daemon.run("logs", "p", "--raw", "--out").check().output
            #expect(raw == Array("out 1\ncaf".utf8) + [0xe9, 0x20, 0, 0x20] + Array("end\nout 2\nend\n".utf8))
        }
    }

    @Test(arguments: [
        (["--since", "yesterday"], "--since"), (["--until", "25:00"], "--until"), (["--grep", "("], "--grep"),
        (["-v"], "--grep"), (["--out", "--err"], "--err"), (["--raw", "--json"], "--raw"),
        (["-f", "--until", "10m"], "--until"), (["--since", "2026-13-01"], "--since"),
    ])
    func badSelectionsAreRefused(_ words: [String], _ named: String) throws {
        try DaemonFixture.with { daemon in
            let result = try daemon.run(["logs", "p"] + words)
            #expect(result.status == 64, "\(result)")
            #expect((result.stderr + result.stdout).contains(named), "\(result)")
        }
    }
}
