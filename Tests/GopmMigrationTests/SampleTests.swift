import GopmJSON
import GopmMigration
import GopmModel
import GopmTestSupport
import Testing

/// Every entry of PM2's real output against what was worked out by hand.
@Suite struct SampleTests {
    /// The app that becomes of an entry, the fields that the remarks name, and whether it is wanted up.
    struct Expected: Sendable {
        var app: String
        var remarked: [String] = []
        var isUp = true
    }

    /// What PM2 does when nothing is said, which all entries here have: no delay, 1s, SIGINT, 1.6s.
    private static let policy =
        #""min_uptime":"1s","restart_delay":"0s","kill_signal":"SIGINT","kill_timeout":"1.6s""#
    private static let path = #""path":"/usr/local/bin:/usr/bin:/bin""#
    /// The first of that path, on whatever machine this is.
    private static let python =
        ["/usr/local/bin/python3", "/usr/bin/python3"].first { TestFiles.exists($0) } ?? "/bin/python3"
    private static let sixteen = #""max_restarts":16"#

    static let expected: [Expected] = [
        Expected(
            app: #"{"name":"web","command":"/srv/apps/apps/app.js","args":["--port","3000","--name","a b"],"#
                + #""cwd":"/srv/apps","interpreter":"node","#
                + #""env":{"EMPTY":"","FOO":"bar","LANG":"C.UTF-8","PORT":"3000","UNI":"héé ✓"},"#
                + "\(path),\(sixteen),\(policy)}",
            remarked: ["env_production"]
        ),
        Expected(
            app: #"{"name":"py-worker","command":"\#(python)","#
                + #""args":["-u","-X","utf8","/srv/apps/apps/worker.py","--queue","high prio","--n","3"],"#
                + #""cwd":"/srv/apps","env":{"LANG":"C.UTF-8","PYTHONUNBUFFERED":"1","QUEUE":"q1"},"#
                + "\(path),\(sixteen),\(policy),"
                + #""log_out":"/srv/apps/logs/py.out.log","log_err":"/srv/apps/logs/py.err.log"}"#,
            remarked: ["node_args", "log_date_format"]
        ),
        // Kill timeout and minimum uptime of 5s are gopm's defaults, so the app does not name them.
        Expected(
            app: #"{"name":"binary","command":"/srv/apps/apps/tick","args":["x"],"cwd":"/srv/apps","#
                + #""env":{"LANG":"C.UTF-8"},"# + path
                + #","max_restarts":7,"restart_delay":"250ms","kill_signal":"SIGINT"}"#
        ),
        Expected(
            app: #"{"name":"cluster-web","command":"/srv/apps/apps/web.js","cwd":"/srv/apps","interpreter":"node","#
                + #""env":{"LANG":"C.UTF-8","NODE_APP_INSTANCE":"0","PORT":"18200"},"#
                + "\(path),\(sixteen),\(policy)}",
            remarked: ["exec_mode", "increment_var", "listen_timeout"]
        ),
        Expected(
            app: #"{"name":"stopped-app","command":"/srv/apps/apps/app.js","cwd":"/srv/apps","interpreter":"node","#
                + #""env":{"LANG":"C.UTF-8"},"# + "\(path),\(sixteen),\(policy)}",
            isUp: false
        ),
        Expected(
            app: #"{"name":"backoff","command":"/srv/apps/apps/crash.js","cwd":"/srv/apps","interpreter":"node","#
                + #""env":{"LANG":"C.UTF-8"},"# + path + #","max_restarts":1000,"min_uptime":"1s","#
                + #""restart_delay":"100ms","exp_backoff":true,"max_delay":"15s","#
                + #""kill_signal":"SIGINT","kill_timeout":"1.6s"}"#,
            remarked: ["exp_backoff_restart_delay", "max_restarts", "status"]
        ),
        Expected(
            app: #"{"name":"cli-script","command":"/srv/apps/apps/job.sh","args":["one","two words"],"#
                + #""cwd":"/srv/apps","interpreter":"bash","env":{"LANG":"C.UTF-8"},"#
                + "\(path),\(sixteen),\(policy)}",
            remarked: ["name"]
        ),
    ]

    private func check(_ processes: [PM2Process]) throws {
        let plans = PM2Import.plans(for: processes, at: site)
        #expect(plans.count == SampleTests.expected.count)
        for (plan, expected) in zip(plans, SampleTests.expected) {
            let app = try JSONValue.parse(Array(expected.app.utf8))
            #expect(plan.app == app, "\(plan.name)")
            #expect(plan.remarked == expected.remarked, "\(plan.name): \(plan.remarks)")
            #expect(plan.wantsUp == expected.isUp && plan.obstacle == nil, "\(plan.name)")
        }
    }

    @Test func listOfALivePM2() throws {
        #expect(Fixture.live.map(\.id) == [0, 1, 2, 4, 5, 8, 10, 13])
        try check(Fixture.live)
    }

    @Test func dumpOfTheSame() throws {
        try check(Fixture.dump())
    }

    @Test func theClusterIsOneWithAWarningThatCounts() throws {
        let plans = PM2Import.plans(for: Fixture.live, at: site)
        let cluster = try #require(plans.first { $0.name == "cluster-web" })
        #expect(cluster.processes.map(\.id) == [4, 8])
        #expect(cluster.remarks[0].text.contains("2 instance(s) becomes ONE process"))
    }

    /// Every key that is not a variable, PM2's bookkeeping or at PM2's default is known here by name: a new one is a
    /// decision.
    @Test func everyFieldThatIsNotADefaultIsMappedOrNamed() throws {
        let mapped: Set = [
            "name", "args", "env", "pm_exec_path", "pm_cwd", "exec_interpreter", "node_args", "status", "autorestart",
            "restart_delay", "kill_timeout", "min_uptime", "max_restarts", "pm_out_log_path", "pm_err_log_path",
            "exec_mode",
        ]
        let bookkeeping: Set = [
            "km_link", "vizion_running", "axm_actions", "axm_monitor", "axm_options", "axm_dynamic", "unique_id",
            "_pm2_version", "_tree_pids", "versioning", "node_version", "version", "prev_restart_delay",
            "unstable_restarts", "restart_time", "created_at", "pm_uptime", "pm_id", "exit_code", "NODE_APP_INSTANCE",
            "username", "pm_pid_path", "PM2_USAGE", "PM2_HOME",
        ]
        let defaults: [String: JSONValue] = [
            "vizion": true, "automation": true, "pmx": true, "windowsHide": true, "kill_retry_time": 100,
            "instance_var": "NODE_APP_INSTANCE", "namespace": "default", "treekill": true, "autostart": true,
            "merge_logs": true, "filter_env": [], "watch": false, "instances": 1,
        ]
        for plan in PM2Import.plans(for: Fixture.live, at: site) {
            for process in plan.processes {
                for member in process.fields.members where process.environment[member.key] == nil {
                    let key = member.key
                    if mapped.contains(key) || bookkeeping.contains(key) || defaults[key] == member.value { continue }
                    let isNamed =
                        plan.remarked.contains(key) || key == "instances" && plan.remarked.contains("exec_mode")
                    #expect(isNamed, "\(plan.name): \(key)=\(member.value)")
                }
            }
        }
    }

    @Test func ofTheEnvironmentOnlyPM2sOwnAndTheTerminalsIsLeftOut() {
        let kept: Set = [
            "EMPTY", "FOO", "LANG", "PORT", "UNI", "QUEUE", "PYTHONUNBUFFERED",
            // These gopm gives every program itself, PATH by a field of its own.
            "HOME", "USER", "SHELL", "PATH",
        ]
        for plan in PM2Import.plans(for: Fixture.live, at: site) {
            let names = Set(plan.first.environment.members.map(\.key))
            #expect(names.subtracting(plan.leftOut).isSubset(of: kept), "\(plan.name)")
            #expect(
                plan.leftOut.allSatisfy {
                    $0.hasPrefix("PM2_") || ["PWD", "SHLVL", "unique_id", plan.first.name].contains($0)
                }
            )
        }
    }
}
