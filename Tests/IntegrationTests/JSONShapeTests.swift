import GopmJSON
import GopmTestSupport
import Testing

/// What existing scripts read: every field of json-and-wire.md, with its type.
@Suite(.daemonLog)
struct JSONShapeTests {
    static let processFields: [(String, String)] = [
        ("id", "a number"), ("name", "a string"), ("command", "a string"), ("args", "an array"), ("cwd", "a string"),
        ("env", "an object"), ("status", "a string"), ("pid", "a number"), ("restart_policy", "an object"),
        ("restarts", "a number"), ("uptime", "a string"), ("created_at", "a string"), ("exit_code", "a number"),
        ("memory", "a number"), ("cpu", "a number"), ("listeners", "an array"), ("log_out", "a string"),
        ("log_err", "a string"), ("max_log_size", "a number"),
    ]

    static let policyFields: [(String, String)] = [
        ("autorestart", "a string"), ("max_restarts", "a number"), ("min_uptime", "a string"),
        ("restart_delay", "a string"),
        ("exp_backoff", "true or false"), ("max_delay", "a string"), ("kill_signal", "a number"),
        ("kill_timeout", "a string"),
    ]

    @Test func theProcessObjectIsTheSameEverywhere() throws {
        try DaemonFixture.with { daemon in
            let started = try daemon.start("web", flags: ["--env", "PORT=8080"], "--run-forever")
            let dump = try #require(
                // The dump follows the start a moment later.
                firstValue { () -> JSONValue? in
                    guard let text = TestFiles.read(daemon.dump) else { return nil }
                    return try JSONValue.parse(text).arrayValue?.first { $0.text("state") == "running" }
                }
            )
            let objects = [
                ("start", started), ("describe", try daemon.describe("web")), ("list", try daemon.list()[0]),
                ("restart", try daemon.run("restart", "web", "--json").check().json()), ("dump.json", dump),
            ]
            for (place, object) in objects {
                for (field, kind) in Self.processFields {
                    #expect(object[field]?.kindName == kind, "\(place): \(field)")
                }
                for (field, kind) in Self.policyFields {
                    #expect(object["restart_policy"]?[field]?.kindName == kind, "\(place): restart_policy.\(field)")
                }
                #expect(object["interpreter"] == nil && object["restart_policy"]?["restart_on_exit"] == nil, "\(place)")
                #expect(
                    object["restart_policy"]?["no_restart_on_exit"] == nil && object["status_reason"] == nil,
                    "\(place)"
                )
                #expect(object["env"] == ["PORT": "8080"], "\(place)")
                #expect(object.text("status") == "online" && object.text("state") == "running", "\(place)")
            }
        }
    }

    @Test func valuesArePrintedAsTheGoOnePrintsThem() throws {
        try DaemonFixture.with { daemon in
            let flags = [
                "--min-uptime", "90s", "--restart-delay", "500ms", "--max-delay", "2h", "--kill-timeout", "1500ms",
                "--max-log-size", "1M",
                "--kill-signal", "SIGINT", "--restart-on-exit", "75", "--no-restart-on-exit", "2,3",
            ]
            let process = try daemon.start("web", flags: flags, "--run-forever")
            let policy = try #require(process["restart_policy"])
            #expect(policy.text("min_uptime") == "1m30s")
            #expect(policy.text("restart_delay") == "500ms")
            #expect(policy.text("max_delay") == "2h0m0s")
            #expect(policy.text("kill_timeout") == "1.5s")
            #expect(policy.number("kill_signal") == 2)
            #expect(policy["restart_on_exit"] == [75])
            #expect(policy["no_restart_on_exit"] == [2, 3])
            #expect(process.number("max_log_size") == 1 << 20)
            #expect(process.text("log_out") == "\(daemon.home)/logs/web-out.log")
            for field in ["uptime", "created_at"] {
                let stamp = process.text(field)
                #expect(stamp.dropFirst(10).first == "T" && stamp.last == "Z" && stamp.contains("."), "\(stamp)")
            }
        }
    }

    @Test func anEndBySignalHasItsOwnFields() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("dies", flags: ["--autorestart", "never"], "--abort")
            #expect(try daemon.reaches("stopped", "dies"))
            let process = try daemon.describe("dies")
            #expect(process.number("exit_code") == -1)
            #expect(process.number("exit_signal") == 6)
            #expect(process["exit_status_known"] == true)
            #expect(process.text("status_reason").contains("SIGABRT"))
        }
    }

    @Test func stopDeleteAndFlushAnswerSuccess() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--run-forever")
            for command in ["stop", "flush", "delete"] {
                #expect(try daemon.run(command, "web", "--json").check().json() == ["success": true], "\(command)")
            }
        }
    }

    @Test func restartAnswersAnObjectAndForAllAnArray() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--run-forever")
            #expect(try daemon.run("restart", "web", "--json").check().json().text("name") == "web")
            let all = try daemon.run("restart", "all", "--json").check().json()
            #expect(all.arrayValue?.map { $0.text("name") } == ["web"])
        }
    }

    @Test func isrunningOfAnUnknownNameIsNoError() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--run-forever")
            let up = try daemon.run("isrunning", "web", "--json").check().json()
            #expect(up["running"] == true && up.text("status") == "online" && up.text("name") == "web" && up.pid > 0)
            let ghost = try daemon.run("isrunning", "ghost", "--json")
            #expect(ghost.status == 1)
            let answer = try ghost.json()
            #expect(answer["running"] == false && answer.text("status").isEmpty && answer.number("pid") == 0)
            #expect(answer.text("name") == "ghost" && answer["status"] != nil)
        }
    }

    @Test func pingHasTheWiresFieldsAndTheManuals() throws {
        try DaemonFixture.with { daemon in
            let ping = try daemon.run("ping", "--json").check().json()
            #expect(ping.pid == daemon.daemonPID)
            #expect(
                ping["uptime"]?.stringValue != nil && ping.number("uptime_ms") >= 0
                    && ping.number("uptime_seconds") >= 0
            )
            #expect(ping.text("version").split(separator: ".").count == 3)
            #expect(ping["config_file"] == "" && ping["config_source"]?.stringValue != nil)
        }
    }

    @Test func statusHasEveryField() throws {
        try DaemonFixture.with(config: #"{"logs": {"max_files": 7, "max_size": "5M"}, "mcpserver": null}"#) { daemon in
            let status = try daemon.run("status", "--json").check().json()
            #expect(status.text("config_file") == "\(daemon.home)/gopm.config.json")
            #expect(status.text("daemon_config_file") == "\(daemon.home)/gopm.config.json")
            #expect(status.text("daemon_config_source") == "found" && status.text("source") == "found")
            #expect(status.number("daemon_pid") == Int(daemon.daemonPID ?? 0))
            #expect(status["daemon_uptime"]?.integerValue != nil && status["daemon_uptime_str"]?.stringValue != nil)
            #expect(status.text("daemon_version") == status.text("cli_version") && status["version_mismatch"] == false)
            let logs = try #require(status["logs"])
            #expect(
                logs.text("directory") == "\(daemon.home)/logs" && logs.number("max_files") == 7
                    && logs["max_size"] != nil
            )
            #expect(status["mcp_bind"]?.arrayValue != nil && status["mcp_enabled"] == false && status["mcp_uri"] != nil)
            #expect(status["systemd_installed"]?.boolValue != nil && status["systemd_unit_file"]?.stringValue != nil)
            #expect(status["telegraf"] == false)
        }
    }

    @Test func versionHasTheManualsFields() throws {
        try DaemonFixture.with { daemon in
            let version = try daemon.run("version", "--json").check().json()
            #expect(version.keys.sorted() == ["cli_version", "daemon_pid", "daemon_version", "version_mismatch"])
            #expect(version.number("daemon_pid") == Int(daemon.daemonPID ?? 0) && version["version_mismatch"] == false)
            #expect(try daemon.run("--version").check().stdout == version.text("cli_version") + "\n")
        }
    }
}
