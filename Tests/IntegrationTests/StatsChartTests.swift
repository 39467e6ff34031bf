import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// gopm stats, with hours of history from a daemon that has none but that.
@Suite
struct StatsChartTests {
    /// Answers every request with four hours of samples of two processes, the second of which was down for one.
    private static let daemon = #"""
        import json, os, socket, time
        server = socket.socket(socket.AF_UNIX)
        server.bind(os.environ["GOPM_HOME"] + "/gopm.sock")
        server.listen()
        now = int(time.time())
        sample = lambda m, n: {"ts": now - (240 - m) * 60, "cpu": m % 30 + n, "mem": (n + 1) << 25,
                               "restarts": n, "uptime": m * 60, "status": "online"}
        data = {"api": [sample(m, 0) for m in range(240)],
                "worker": [sample(m, 1) for m in range(240) if not 60 <= m < 120]}
        print("listening", flush=True)
        while True:
            connection = server.accept()[0]
            for line in connection.makefile():
                request = json.loads(line)
                reply = {"id": request.get("id"), "success": True, "data": data}
                connection.sendall(json.dumps(reply).encode() + b"\n")
        """#

    private func withDaemon(_ body: (DaemonFixture) throws -> Void) throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            mkdir(daemon.home, 0o700)
            let server = try RunningCommand(
                "/usr/bin/python3",
                ["-c", Self.daemon],
                environment: daemon.environment,
                folder: daemon.folder
            )
            defer {
                server.signal(9)
                _ = try? server.finish()
                TestFiles.removeAll(daemon.socket)
            }
            #expect(eventually { TestFiles.exists(daemon.socket) })
            try body(daemon)
        }
    }

    @Test(arguments: [60, 100, 240])
    func chartsFitTheTerminal(_ columns: Int) throws {
        try withDaemon { daemon in
            let terminal = try Tmux(daemon, columns: columns, rows: 60)
            try terminal.type("gopm stats\n")
            #expect(terminal.shows("CPU", "Memory", "Uptime", "Restarts", "━ api 29%", "━ worker 30%", "64 MB", ":00"))
            #expect(terminal.lines.allSatisfy { $0.count <= columns })
        }
    }

    @Test func lettersStandForColours() throws {
        try withDaemon { daemon in
            let plain = try daemon.run("stats", "--mem").check().stdout
            #expect(plain.contains("A api 32 MB   B worker 64 MB"))
            #expect(!plain.contains("\u{1b}") && !plain.contains("CPU"))
            // The hour without data is a gap in the second line, the upper one.
            let upper = plain.split(separator: "\n").first { $0.contains("64 MB ┤") } ?? ""
            #expect(upper.contains("⣀          ") || upper.contains("⠉          "), "\(plain)")
            let terminal = try Tmux(daemon, columns: 80, rows: 60, with: ["NO_COLOR": "1"])
            try terminal.type("gopm stats --cpu\n")
            #expect(terminal.shows("A api", "B worker"))
            #expect(!terminal.text.contains("Memory"))
        }
    }

    @Test func jsonIsWhatTheDaemonSaid() throws {
        try withDaemon { daemon in
            let json = try daemon.run("stats", "--json").check().json()
            #expect(json["worker"]?.arrayValue?.count == 180)
            #expect(try daemon.run("stats", "--hours", "19").status == 64)
            #expect(try daemon.run("stats", "--hours", "0").status == 64)
        }
    }
}
