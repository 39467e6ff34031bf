import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// ping, status, version, kill, save, resurrect.
@Suite(.daemonLog)
struct DaemonCommandTests {
    @Test func pingSaysPIDUptimeAndVersion() throws {
        try DaemonFixture.with { daemon in
            let pid = daemon.daemonPID ?? 0
            let line = try daemon.run("ping").check().stdout
            #expect(line.hasPrefix("gopm daemon running (PID: \(pid), uptime: ") && line.contains(", version: "))
        }
    }

    @Test func statusShowsTheManualsSections() throws {
        try DaemonFixture.with(config: #"{"telemetry": {"telegraf": {"udp": "127.0.0.1:8094"}}}"#) { daemon in
            let lines = try daemon.run("status").check().lines
            let file = "\(daemon.home)/gopm.config.json"
            #expect(lines.contains("Config file: \(file) (found)"))
            #expect(lines.contains("Daemon using: \(file) (found)"))
            #expect(lines.contains { $0.hasPrefix("Daemon: PID \(daemon.daemonPID ?? 0), uptime ") })
            for word in ["CLI binary: version ", "Logs:", "MCP HTTP Server:", "Telemetry:", "Systemd:"] {
                #expect(lines.contains { $0.hasPrefix(word) }, "\(word)")
            }
            let fields = lines.map { $0.drop { $0 == " " } }
            #expect(
                fields.contains("Directory: \(daemon.home)/logs") && fields.contains("Max size: 100.0 MB")
                    && fields.contains("Max files: 3")
            )
            #expect(fields.contains("Bind: [127.0.0.1:18999 (loopback)]") && fields.contains("URI: /mcp"))
            #expect(
                fields.contains { $0.hasPrefix("Enabled: yes") }
                    && fields.contains { $0.hasPrefix("Telegraf: 127.0.0.1:8094") }
            )
        }
    }

    @Test func statusAndVersionWithoutADaemonSaySo() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let status = try daemon.run("status").check()
            #expect(status.lines.contains("Daemon: not running"))
            #expect(try daemon.run("version").check().stdout.contains("Daemon: not running"))
            #expect(try daemon.run("version", "--json").check().json().number("daemon_pid") == 0)
        }
    }

    @Test func validateChecksTheConfigAndNothingElse() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let bad =
                #"{"logs": {"max_size": "lots", "max_files": -1, "directory": "rel"}, "mcpserver": {"port": 0, "uri": "x"}, "telemetry": 5}"#
            try daemon.write(bad, to: "bad.json")
            let result = try daemon.run("status", "--validate", "--config", "bad.json")
            #expect(result.status == 1)
            for path in [
                "logs.max_size", "logs.max_files", "logs.directory", "mcpserver.port", "mcpserver.uri", "telemetry",
            ] {
                #expect(result.stderr.contains("\(path): "), "\(path) in \(result)")
            }
            try daemon.write(#"{"logs": {"max_siez": 5}, "extra": 1}"#, to: "warn.json")
            let warned = try daemon.run("status", "--validate", "--config", "warn.json").check()
            #expect(warned.stderr.contains("logs.max_siez") && warned.stderr.contains("extra"))
            try daemon.write("{ nonsense", to: "syntax.json")
            #expect(try daemon.run("status", "--validate", "--config", "syntax.json").status == 1)
            #expect(try daemon.run("status", "--validate", "--config", "missing.json").status == 1)
            #expect(!TestFiles.exists(daemon.socket))
        }
    }

    @Test func killStopsEveryProgramAndTheDaemon() throws {
        try DaemonFixture.with { daemon in
            for name in ["a", "b"] { try daemon.start(name, "--run-forever") }
            let pid = try #require(daemon.daemonPID)
            let result = try daemon.run("kill").check()
            #expect(result.stdout.contains("2 processes saved"))
            #expect(daemon.programs.isEmpty && !TestFiles.exists(daemon.socket))
            #expect(eventually(timeout: .seconds(2)) { !ProcessTable.isAlive(pid) })
            #expect(try daemon.run("kill").check().stdout.contains("not running"))
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalEndsTheDaemonAfterItsPrograms(_ number: Int32) throws {
        try DaemonFixture.with { daemon in
            try daemon.startReady("a", "--slow-shutdown", "200ms")
            let pid = try #require(daemon.daemonPID)
            kill(pid, number)
            #expect(eventually { !ProcessTable.isAlive(pid) })
            #expect(daemon.programs.isEmpty && daemon.log("a").contains("shutdown complete"))
        }
    }

    @Test func theCommandAfterAKillBringsTheProgramsBackAndSaysSo() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("a", "--run-forever")
            try daemon.run("kill").check()
            let list = try daemon.run("list").check()
            #expect(list.stderr.contains("bringing back 1 process"))
            #expect(try daemon.reaches("running", "a"))
        }
    }

    @Test func resurrectWithAllRunningHasNothingToDo() throws {
        try DaemonFixture.with { daemon in
            for name in ["a", "b"] { try daemon.start(name, "--run-forever") }
            #expect(try daemon.run("resurrect").check().stdout.contains("nothing to do, 2 of 2 running"))
            #expect(try daemon.run("resurrect", "--json").check().stdout == "[]\n")
            try daemon.run("kill").check()
            let back = try daemon.run("resurrect").check()
            #expect(back.stdout.contains("a (id 0, PID ") && back.stdout.contains("b (id 1, PID "), "\(back)")
            #expect(try daemon.list().allSatisfy { $0.text("status") == "online" })
        }
    }

    @Test func saveSaysThatItIsNotNeeded() throws {
        try DaemonFixture.with { daemon in
            let answer = try daemon.run("save").check().stdout
            #expect(answer.contains("by itself"))
            #expect(try daemon.run("save", "--json").check().json() == ["success": true])
        }
    }

    @Test func aDaemonOfAnotherVersionIsWarnedOf() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            // A gopmd that says another version: a stand-in that answers like one.
            let script = """
                import json, os, socket, threading
                def serve(c):
                    for line in c.makefile("r"):
                        r = json.loads(line); d = []
                        if r["method"] == "ping":
                            d = {"pid": 4711, "uptime": "5s", "uptime_ms": 5911, "version": "0.0.34", "config_file": "", "config_source": "defaults"}
                        c.sendall((json.dumps({"id": r.get("id"), "success": True, "data": d}) + "\\n").encode())
                os.makedirs(os.environ["GOPM_HOME"], exist_ok=True)
                s = socket.socket(socket.AF_UNIX); s.bind(os.environ["GOPM_HOME"] + "/gopm.sock"); s.listen(50)
                while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
                """
            try daemon.write(script, to: "fake.py")
            let fake = try RunningCommand(
                "/usr/bin/env",
                ["python3", "fake.py"],
                environment: daemon.environment,
                folder: daemon.folder
            )
            defer { fake.signal(SIGKILL) }
            #expect(eventually { TestFiles.exists(daemon.socket) })
            let version = try #require(firstValue { try daemon.run("version").lines.first { $0.hasPrefix("WARNING") } })
            #expect(version.contains("!= daemon version 0.0.34") && version.contains("gopm reboot"))
            let table = try daemon.run("list").check()
            #expect(table.stdout.contains("WARNING"))
            let status = try daemon.run("status").check()
            #expect(status.stdout.contains("0.0.34 (stale!)") && status.stdout.contains("WARNING"))
            #expect(try daemon.run("status", "--json").check().json()["version_mismatch"] == true)
            fake.signal(SIGKILL)
            _ = try fake.finish()
            unlink(daemon.socket)
        }
    }

    @Test func aDaemonThatCannotBeReachedIsNotSaidToBeDown() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try daemon.write("", to: "file")
            let home = ["GOPM_HOME": "\(daemon.folder)/file"]
            for command in ["kill", "version", "ping"] {
                let result = try daemon.run([command], with: home)
                #expect(result.status == 69 && result.stderr.contains("cannot reach the daemon"), "\(result)")
                #expect(!result.stdout.contains("not running"), "\(result)")
            }
            #expect(try daemon.run(["status"], with: home).lines.contains("Daemon: cannot be reached"))
        }
    }
}
