import GopmJSON
import GopmTestSupport
import Testing

/// `gopm metrics`, as Prometheus's own parsers understand it.
@Suite(.daemonLog)
struct MetricsCommandTests {
    /// Prints the samples of the file as JSON: by the OpenMetrics parser, by the older one that node_exporter's format is.
    private static let parser = """
        import json, sys
        from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
        from prometheus_client.parser import text_string_to_metric_families as older
        text = open(sys.argv[1]).read()
        def samples(parse):
            return {f"{s.name} {s.labels.get('name', s.labels.get('method', ''))}": float(s.value)
                    for family in parse(text) for s in family.samples if s.labels.get("status") in (None, "online")}
        print(json.dumps([samples(open_metrics), samples(older)], sort_keys=True))
        """

    @Test func bothFormatsOfPrometheusReadIt() throws {
        try DaemonFixture.with { daemon in
            try daemon.startReady("api", "--run-forever")
            try daemon.start("job", flags: ["--autorestart", "never"], "--exit", "3")
            #expect(try daemon.reaches("stopped", "job"))
            try daemon.write(try daemon.run("metrics").check().stdout, to: "gopm.prom")
            try daemon.write(Self.parser, to: "parse.py")
            let parsed =
                try RunningCommand(
                    "/usr/bin/python3",
                    ["parse.py", "gopm.prom"],
                    environment: daemon.environment,
                    folder: daemon.folder
                ).finish().check().json().arrayValue ?? []
            #expect(parsed.count == 2 && parsed[0] == parsed[1] && parsed[0].keys.count > 40)
            let samples = parsed[0]
            #expect(samples["gopm_pid api"]?.doubleValue == Double(try daemon.pid("api")))
            #expect(samples["gopm_pid job"] == nil)
            #expect(samples["gopm_crash_count_total job"]?.doubleValue == 1)
            #expect(samples["gopm_last_exit_code job"]?.doubleValue == 3)
            #expect(samples["gopm_status api"]?.doubleValue == 1 && samples["gopm_status job"]?.doubleValue == 0)
            #expect(samples["gopm_daemon_processes_total "]?.doubleValue == 2)
            #expect(samples["gopm_rpc_calls_total start"]?.doubleValue == 2)
        }
    }

    @Test func jsonHasTheSameNumbers() throws {
        try DaemonFixture.with { daemon in
            try daemon.startReady("api", "--run-forever")
            let report = try daemon.run("metrics", "--json").check().json()
            #expect(report.keys == ["host", "processes", "daemon", "rpc"])
            let api = try #require(report["processes"]?.arrayValue?.first)
            #expect(api.number("pid") == Int(try daemon.pid("api")) && api["in_restart_delay"] == false)
            #expect(report["daemon"]?.number("processes_online") == 1 && report["rpc"]?.number("metrics") == 1)
        }
    }

    @Test func itStartsNoDaemon() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let result = try daemon.run("metrics")
            #expect(result.status == 69 && result.stdout.isEmpty && daemon.daemonPID == nil)
        }
    }

    @Test func countsGoOnAfterACrashAndBeginAnewAfterAKill() throws {
        try DaemonFixture.with { daemon in
            try daemon.startReady("api", "--stdout-every", "10ms")
            #expect(try daemon.run("describe", "ghost").status == 1)
            func number(_ key: String, _ section: String) throws -> Int {
                try daemon.run("metrics", "--json").check().json()[section]?.number(key) ?? -1
            }
            #expect(try number("rpc_errors", "daemon") == 1 && number("start", "rpc") == 1)
            #expect(try eventually { try daemon.number("log_bytes_written", of: "api") > 100 })
            let written = try daemon.number("log_bytes_written", of: "api")
            daemon.crashDaemon()
            try daemon.run("ping").check()
            #expect(try number("rpc_errors", "daemon") == 1 && number("start", "rpc") == 1)
            #expect(try number("resurrect_count", "daemon") == 2)
            #expect(try eventually { try daemon.number("log_bytes_written", of: "api") > written })
            try daemon.run("restart", "api").check()
            #expect(try daemon.number("log_bytes_written", of: "api") < written, "of the new life")
            try daemon.run("kill").check()
            try daemon.run("ping").check()
            #expect(try number("rpc_errors", "daemon") == 0 && number("resurrect_count", "daemon") == 1)
        }
    }
}
