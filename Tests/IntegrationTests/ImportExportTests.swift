import GopmJSON
import GopmTestSupport
import Testing

@Suite(.daemonLog)
struct ImportExportTests {
    private func startThree(_ daemon: DaemonFixture) throws {
        try daemon.start("plain", "--run-forever")
        let flags = [
            "--env", "KEY=värde \"x\"", "--autorestart", "on-failure", "--max-restarts", "7", "--min-uptime", "3s",
            "--restart-delay", "1s",
            "--exp-backoff", "--max-delay", "1m", "--kill-timeout", "2s", "--kill-signal", "SIGINT",
            "--restart-on-exit", "75",
            "--no-restart-on-exit", "2,3", "--log-out", "c.log", "--max-log-size", "5M", "--cwd", "h",
        ]
        try daemon.start("custom", flags: flags, "--say", "two  words", "--run-forever")
        try daemon.write("exec sleep 1000\n", to: "s.sh")
        try daemon.run("start", "s.sh", "--interpreter", "sh", "--name", "script").check()
    }

    @Test(arguments: [["export", "all"], ["export", "all", "--full"], ["export"]], ["start", "import"])
    func exportAndBackIsTheSame(_ export: [String], _ back: String) throws {
        try DaemonFixture.with { daemon in
            try startThree(daemon)
            let before = try daemon.list()
            let text = try daemon.run(export).check().stdout
            try daemon.write(text, to: "eco.json")
            try daemon.run("delete", "all").check()
            try daemon.run(back, "eco.json").check()
            let after = try daemon.list()
            #expect(after.count == 3)
            for (old, new) in zip(before, after) {
                let fields = [
                    "name", "command", "args", "cwd", "env", "interpreter", "restart_policy", "log_out", "log_err",
                    "max_log_size",
                ]
                for field in fields { #expect(old[field] == new[field], "\(field)") }
            }
        }
    }

    @Test func onlyWhatDiffersFromTheDefaultsIsExported() throws {
        try DaemonFixture.with { daemon in
            try startThree(daemon)
            let apps = try #require(try daemon.run("export", "plain").check().json()["apps"]?.arrayValue)
            #expect(apps.count == 1)
            #expect(apps[0].keys.sorted() == ["args", "command", "cwd", "name"])
            let chosen = try daemon.run("export", "2", "custom").check().json()["apps"]?.arrayValue ?? []
            #expect(chosen.map { $0.text("name") } == ["script", "custom"])
            #expect(try daemon.run("export", "ghost").status == 1)
        }
    }

    @Test func fullAddsTheManualsFields() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("plain", "--run-forever")
            let app = try #require(try daemon.run("export", "--full", "all").check().json()["apps"]?[0])
            let fields = [
                "autorestart", "max_restarts", "min_uptime", "restart_delay", "exp_backoff", "max_delay",
                "kill_timeout", "log_out", "log_err",
                "max_log_size",
            ]
            for field in fields { #expect(app[field] != nil, "\(field)") }
            #expect(app.text("min_uptime") == "5s" && app["max_log_size"] == "100M" && app.number("max_restarts") == 0)
        }
    }

    @Test(arguments: ["-n", "--new"])
    func theSampleConfigIsValidAndTurnsNothingOn(_ flag: String) throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let result = try daemon.run("export", flag).check()
            let config = try result.json()
            #expect(config["telemetry"]?.isNull == true)
            #expect(config["logs"]?.number("max_files") == 3 && config["logs"]?.text("max_size") == "100M")
            #expect(config["mcpserver"]?.number("port") == 18999)
            try daemon.write(result.stdout, to: "c.json")
            let check = try daemon.run("status", "--validate", "--config", "c.json").check()
            #expect(check.stderr.isEmpty)
            #expect(!TestFiles.exists(daemon.socket))
        }
    }

    @Test func importSkipsWhatRunsTheSameCommandInTheSameFolder() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("cron", "--run-forever")
            try daemon.write("exec sleep 1000\n", to: "a.sh")
            try daemon.write("exec sleep 1000\n", to: "b.sh")
            try daemon.write(#"{"apps": [{"name": "a", "command": "./a.sh", "interpreter": "sh"}]}"#, to: "one.process")
            let second =
                #"{"apps": [{"name": "b", "command": "./b.sh", "interpreter": "sh"}, {"name": "x", "command": "\#(Programs.testapp)"}]}"#
            try daemon.write(second, to: "two.json")
            let result = try daemon.run("import", "one.process", "two.json").check()
            #expect(result.lines.count == 4, "\(result)")
            #expect(result.lines.contains("OK a (PID: \(try daemon.pid("a")))"))
            #expect(result.lines.contains("OK b (PID: \(try daemon.pid("b")))"))
            #expect(
                result.lines.contains("SKIP x (matches existing \"cron\": \(Programs.testapp) in \(daemon.folder))")
            )
            #expect(result.lines.last == "Imported 2/3 processes (1 skipped)")
            let again = try daemon.run("import", "one.process", "two.json").check()
            #expect(again.lines.last == "Imported 0/3 processes (3 skipped)")
        }
    }

    @Test func aBadFileAmongSeveralImportsNothing() throws {
        try DaemonFixture.with { daemon in
            try daemon.write("exec sleep 1000\n", to: "a.sh")
            try daemon.write(#"{"apps": [{"name": "a", "command": "./a.sh", "interpreter": "sh"}]}"#, to: "one.json")
            try daemon.write(#"{"apps": [{"name": "b", "command": "./a.sh", "autorestart": 5}]}"#, to: "two.json")
            let result = try daemon.run("import", "one.json", "two.json")
            #expect(result.status == 1 && result.stderr.contains("two.json: apps[0].autorestart: "), "\(result)")
            #expect(try daemon.list().isEmpty)
        }
    }

    @Test func aFailureOfImportIsSaidAndCounted() throws {
        try DaemonFixture.with { daemon in
            try daemon.write(
                #"{"apps": [{"name": "ghost", "command": "./no"}, {"name": "good", "command": "\#(Programs.testapp)", "args": ["--run-forever"]}]}"#,
                to: "one.json"
            )
            let result = try daemon.run("import", "one.json")
            #expect(result.status == 1 && result.lines.contains { $0.hasPrefix("FAIL ghost") }, "\(result)")
            #expect(result.lines.last == "Imported 1/2 processes (1 failed)")
        }
    }
}
