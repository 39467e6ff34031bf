import GopmJSON
import GopmMigration
import GopmModel
import Testing

@Suite struct MappingTests {
    // MARK: - When it is restarted

    @Test func defaultsOfPM2AreWrittenDown() throws {
        let policy = try plan([:]).request.policy
        #expect(policy.mode == .always && policy.maxRestarts == 16 && policy.minUptime == .seconds(1))
        #expect(policy.restartDelay == .zero && policy.killTimeout == .milliseconds(1600))
        #expect(policy.killSignal == .interrupt && !policy.usesBackoff)
        #expect(try plan([:]).remarks.isEmpty)
    }

    @Test func policyFields() throws {
        let policy = try plan([
            "autorestart": false, "stop_exit_codes": [0, "2", 300], "max_restarts": 5, "min_uptime": "10s",
            "restart_delay": "250", "kill_timeout": 8000,
        ]).request.policy
        #expect(policy.mode == .never && policy.noRestartOnExit == [0, 2] && policy.maxRestarts == 5)
        #expect(policy.minUptime == .seconds(10) && policy.restartDelay == .milliseconds(250))
        #expect(policy.killTimeout == .seconds(8))
        #expect(try plan(["stop_exit_codes": [300]]).remarked == ["stop_exit_codes"])
        #expect(try plan(["min_uptime": "soon"]).remarked == ["min_uptime"])
        #expect(try plan(["autorestart": "false"]).request.policy.mode == .never)
    }

    /// PM2 counts only while the process is younger than min_uptime × max_restarts, so a delay can keep it from ever
    /// giving up.
    @Test(
        arguments: [
            (["restart_delay": 100], 16, false), (["restart_delay": 1000], 0, true), (["max_restarts": 0], 0, false),
            (["max_restarts": 10, "restart_delay": 5000], 10, true), (["exp_backoff_restart_delay": 100], 0, true),
            (["exp_backoff_restart_delay": 1], 16, false), (["max_restarts": -1], 0, false),
            (["max_restarts": 2_000_000_000, "restart_delay": 0], 1_000_000_000, false),
        ] as [(JSONValue, Int, Bool)]
    )
    func givingUp(_ settings: JSONValue, _ limit: Int, _ isRemarked: Bool) throws {
        let plan = try plan(settings)
        #expect(plan.request.policy.maxRestarts == limit && plan.remarked.contains("max_restarts") == isRemarked)
    }

    @Test func theGrowingDelayWins() throws {
        let plan = try plan(["exp_backoff_restart_delay": 100, "restart_delay": 3000])
        #expect(plan.request.policy.usesBackoff && plan.request.policy.restartDelay == .milliseconds(100))
        #expect(plan.request.policy.maxDelay == .seconds(15))
        #expect(plan.remarked.contains("restart_delay"))
    }

    @Test func theKillSignalOfPM2sDaemonOrOfTheProgram() throws {
        var other = site
        other.killSignal = Signal("SIGUSR2")
        #expect(try plan([:], site: other).request.policy.killSignal.name == "SIGUSR2")
        #expect(try plan([:], env: ["PM2_KILL_SIGNAL": "SIGTERM"], site: other).request.policy.killSignal == .terminate)
    }

    // MARK: - What is run

    @Test func interpreters() throws {
        let none = try plan(["exec_interpreter": "none", "args": "one 'two words'"])
        #expect(none.request.interpreter == nil && none.request.args == ["one", "two words"])
        let shell = try plan(["exec_interpreter": "/bin/sh", "node_args": ["-e"], "args": [1, true, "x"]])
        #expect(shell.request.command == "/bin/sh" && shell.request.interpreter == nil)
        #expect(shell.request.args == ["-e", "/srv/app.js", "1", "true", "x"])
        let found = try plan(["exec_interpreter": "sh", "node_args": "-e -u"], env: ["PATH": "/bin"])
        #expect(found.request.command == "/bin/sh" && found.request.args == ["-e", "-u", "/srv/app.js"])
        let gone = try plan(["exec_interpreter": "no-such", "node_args": "-e"], env: ["PATH": "/bin"])
        #expect(gone.obstacle == "interpreter \"no-such\" is not found on its PATH")
    }

    @Test func statusSaysWhatIsWanted() throws {
        for status in ["online", "launching", "waiting restart", "one-launch-status"] {
            #expect(try plan(["status": .string(status)]).wantsUp)
        }
        for status in ["stopped", "stopping", "errored", "?"] {
            #expect(try !plan(["status": .string(status)]).wantsUp)
        }
        #expect(try plan(["status": "errored"]).remarked == ["status"])
    }

    @Test func anotherUsersProgramIsNotMadeOurs() throws {
        #expect(try plan(["uid": "www-data"]).obstacle?.contains("user www-data") == true)
        #expect(try plan(["uid": 33]).obstacle != nil)
        #expect(try plan(["uid": 0]).obstacle == nil)
        var named = site
        named.userName = "root"
        #expect(try plan(["uid": "root", "gid": "adm"], site: named).obstacle == nil)
        #expect(try plan(["gid": "adm"]).remarked == ["gid"])
    }

    // MARK: - Environment

    @Test func variablesAreTextAndPM2sOwnAreNot() throws {
        let plan = try plan(
            ["PORT": 1, "watch": true, "NODE_APP_INSTANCE": 3],
            env: [
                "PORT": 3000, "RATE": 1.5, "ON": true, "LIST": [1], "app": "{}", "PM2_USAGE": "CLI", "SHLVL": "1",
                "_": "x",
                "unique_id": "u", "SHELL": "/bin/bash", "HOME": "/home/other", "PATH": "/opt/bin", "": "x", "a=b": "x",
                "TMUX": "t", "watch": "mine",
            ]
        )
        #expect(
            plan.request.env == [
                "PORT": "3000", "RATE": "1.5", "ON": "true", "HOME": "/home/other", "watch": "mine",
            ]
        )
        #expect(plan.request.searchPath == "/opt/bin")
        #expect(plan.leftOut == ["app", "PM2_USAGE", "SHLVL", "_", "unique_id", "TMUX"])
        // The variable hides PM2's setting of its name, which is said.
        #expect(plan.remarked == ["env.LIST", "env", "env", "watch"])
    }

    @Test func aVariableWithTheNameOfTheProcessIsTheProgramsIfItSaysSomething() throws {
        #expect(try plan([:], env: ["app": "1"]).request.env == ["app": "1"])
        #expect(try plan([:], env: ["app": [:]]).leftOut == ["app"])
    }

    @Test func instancesTellThemselvesApart() throws {
        let cluster = try plan(["exec_mode": "cluster_mode", "instances": 4])
        #expect(cluster.request.env == ["NODE_APP_INSTANCE": "0"])
        #expect(cluster.remarks[0].text.hasPrefix("cluster mode with 4 instance(s) becomes ONE"))
        let own = try plan(["instance_var": "N", "N": 2], env: [:])
        #expect(own.request.env == ["N": "2"] && own.remarked == ["instance_var"])
        #expect(try plan(["instances": 3]).remarked == ["instances"])
    }

    // MARK: - Logs

    @Test(
        arguments: [
            (["pm_out_log_path": "/srv/apps/home/logs/app-out.log"], nil),
            (["pm_out_log_path": "/var/log/a.log"], "/var/log/a.log"),
            (["pm_out_log_path": "/srv/apps/home/logs/app-out-7.log", "merge_logs": false], nil),
            (["pm_out_log_path": "/dev/null"], "/dev/null"), (["disable_logs": true], "/dev/null"),
            (["pm_out_log_path": "/l/a-7.log", "exec_mode": "cluster_mode"], "/l/a.log"),
            (["pm_out_log_path": "/l/a-7.log"], "/l/a-7.log"),
        ] as [(JSONValue, String?)]
    )
    func logFiles(_ settings: JSONValue, _ path: String?) throws {
        #expect(try plan(settings).request.logOut == path)
    }

    @Test func pm2sFileNamesAreKnownForOddNames() throws {
        let odd = try plan([
            "name": "bash job ✓ ünïcode", "pm_out_log_path": "/srv/apps/home/logs/bash-job----n-code-out.log",
            "pm_pid_path": "/srv/apps/home/pids/bash-job----n-code-3.pid",
        ])
        #expect(odd.request.logOut == nil && odd.remarked == ["name"])
        #expect(
            try plan(["pm_pid_path": "/run/app.pid", "pm_log_path": "/l/all.log"]).remarked == ["log_file", "pid_file"]
        )
    }

    // MARK: - What gopm does not do

    @Test(
        arguments: [
            ("watch", true), ("watch", ["src"]), ("ignore_watch", ["node_modules"]), ("watch_delay", 100),
            ("cron_restart", "0 3 * * *"), ("max_memory_restart", 157_286_400), ("wait_ready", true),
            ("listen_timeout", 3000), ("shutdown_with_message", true), ("source_map_support", true),
            ("disable_source_map_support", true), ("treekill", false), ("namespace", "team"), ("log_date_format", "HH"),
            ("time", true), ("log_type", "json"), ("autostart", false), ("vizion", false), ("pmx", false),
            ("post_update", ["npm i"]), ("io", ["a": 1]), ("env_staging", ["A": "b"]), ("something_new", 7),
            ("filter_env", ["AWS"]), ("increment_var", "PORT"), ("trace", true), ("kill_retry_time", 200),
        ] as [(String, JSONValue)]
    )
    func everythingElseIsNamed(_ key: String, _ value: JSONValue) throws {
        let settings = JSONValue.object(JSONObject([.init(key: key, value: value)]))
        #expect(try plan(settings).remarked == [key])
    }

    @Test func defaultsAndBookkeepingAreNotNamed() throws {
        let plan = try plan([
            "watch": false, "cron_restart": "0", "max_memory_restart": .null, "treekill": true, "namespace": "default",
            "vizion": true, "km_link": false, "exit_code": 3, "pm_uptime": 1, "axm_monitor": [:], "username": "root",
            "kill_retry_time": 100, "windowsHide": true, "filter_env": [], "app": "{}", "PM2_HOME": "/x",
        ])
        #expect(plan.remarks.isEmpty, "\(plan.remarks)")
    }

    @Test func adviceBearsTheNameInGopm() throws {
        let advice = try plan(["name": "my app", "cron_restart": "0 3 * * *"]).remarks[1].text
        #expect(advice.hasSuffix("0 3 * * * gopm restart my-app"))
    }
}

@Suite struct NameChoiceTests {
    @Test(arguments: [
        (["web", "web"], ["web", "web-2"]), (["a b", "a-b"], ["a-b-2", "a-b"]),
        (["日本", "中国", "!"], ["process", "process-2", "process-3"]),
        (["7", "all", "-x"], ["process-7", "process-all", "x"]), (["../../etc", "a\u{1b}[2J"], ["etc", "a--2J"]),
        (
            [String(repeating: "x", count: 70), String(repeating: "x", count: 80)],
            [String(repeating: "x", count: 64), String(repeating: "x", count: 62) + "-2"]
        ),
    ])
    func namesBecomeValidAndStayApart(_ originals: [String], _ chosen: [String]) {
        let names = NameChoice.names(for: originals, taken: [])
        #expect(names.map(\.chosen) == chosen)
        #expect(names.allSatisfy { ProcessName.isValid($0.chosen) })
        for (name, original) in zip(names, originals) { #expect((name.reason == nil) == (name.chosen == original)) }
    }

    @Test func aMendedNameGivesWayToGopmsAndAValidOneDoesNot() {
        #expect(NameChoice.names(for: ["a b"], taken: ["a-b"]).map(\.chosen) == ["a-b-2"])
        #expect(NameChoice.names(for: ["web"], taken: ["web"]).map(\.chosen) == ["web"])
    }
}

@Suite struct ShellWordsTests {
    @Test(arguments: [
        ("", []), ("  ", []), ("a b", ["a", "b"]), ("a  'b c' d", ["a", "b c", "d"]),
        (#""a \"b\" \n" c"#, [#"a "b" \n"#, "c"]),
        ("''", [""]), (#"a\ b"#, ["a b"]), ("x='1 2'", ["x=1 2"]), ("'open", ["open"]), ("end\\", ["end\\"]),
    ])
    func splitting(_ line: String, _ words: [String]) {
        #expect(ShellWords.split(line) == words)
    }

    @Test func joinedWordsAreSplitIntoTheSame() {
        let words = ["a", "b c", "it's", "", "\"q\"", "$HOME", "ü", "a\\b"]
        #expect(ShellWords.split(ShellWords.joined(words)) == words)
    }
}
