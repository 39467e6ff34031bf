import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// Numbers as real databases get them, with programs that crash, restart and listen.
@Suite(.daemonLog, .serialized)
struct TelemetryTests {
    /// A gopmd whose seconds pass ten times as fast, and a database that it sends to.
    private func withDatabase(
        _ kind: MetricsDatabase.Kind,
        _ body: (DaemonFixture, MetricsDatabase) throws -> Void
    ) throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let database = try MetricsDatabase(kind, for: daemon)
            defer { database.stop() }
            mkdir(daemon.home, 0o700)
            try TestFiles.write(
                #"{"telemetry":{"telegraf":{"udp":"127.0.0.1:\#(database.port)"}}}"#,
                to: "\(daemon.home)/gopm.config.json"
            )
            try daemon.startSampling(every: "200ms")
            try misbehave(daemon)
            try body(daemon, database)
        }
    }

    /// Programs of every kind: one that serves, one that crashes, one that waits long, one that is given up.
    private func misbehave(_ daemon: DaemonFixture) throws {
        try daemon.startReady("api", "--fork-grandchild", "--listen", "0", "--stdout-every", "50ms")
        try daemon.start("crash", flags: ["--restart-delay", "100ms"], "--crash-after", "50ms", "--exit-code", "3")
        try daemon.start("stuck", flags: ["--restart-delay", "10m"], "--exit", "4")
        try daemon.start("lost", flags: ["--max-restarts", "1", "--restart-delay", "0s"], "--exit", "5")
        try daemon.start("job", "--run-forever")
        try daemon.run("restart", "job").check()
        try daemon.run("stop", "job").check()
        #expect(try daemon.run("describe", "ghost").status == 1)
        #expect(try daemon.reaches("errored", "lost"))
        #expect(try eventually { try daemon.number("crash_count", of: "crash") > 4 })
        #expect(try eventually { try daemon.describe("api")["listeners"]?.arrayValue?.count == 1 })
    }

    private static let types = [
        "pid": "integer", "cpu": "float", "memory": "integer", "memory_peak": "integer", "uptime": "integer",
        "child_count": "integer", "restarts": "integer", "restarts_since_reset": "integer", "start_count": "integer",
        "stop_count": "integer", "crash_count": "integer", "user_restart_count": "integer",
        "supervisor_restart_count": "integer", "instance": "integer", "last_exit_code": "integer",
        "last_run_duration_ms": "integer", "in_restart_delay": "boolean", "log_bytes_written": "integer",
        "log_rotations": "integer", "listener_count": "integer",
    ]

    @Test func influxDBHasEveryFieldInItsTypeAndAnswersTheQueries() throws {
        try withDatabase(.influxDB) { daemon, database in
            func last(_ field: String, _ name: String) throws -> JSONValue? {
                let series = try database.influx("SELECT last(\"\(field)\") FROM gopm WHERE \"name\"='\(name)'")
                return series.first?["values"]?.arrayValue?.first?.arrayValue?.last
            }
            #expect(try eventually { try last("listener_count", "api") == 1 })
            #expect(try eventually { try last("last_exit_code", "lost") == 5 })
            #expect(
                try eventually { try last("child_count", "api") == 1 && last("in_restart_delay", "stuck") == true }
            )
            #expect(try eventually { try last("user_restart_count", "job") == 1 && last("stop_count", "job") == 2 })
            #expect(try eventually { try last("pid", "api")?.integerValue == Int64(daemon.pid("api")) })
            #expect(try last("pid", "stuck")?.integerValue == nil || last("pid", "stuck") != 0)
            let fields = try database.influx("SHOW FIELD KEYS FROM gopm").first?["values"]?.arrayValue ?? []
            let found = fields.compactMap { $0.arrayValue }.map { ($0[0].stringValue ?? "", $0[1].stringValue ?? "") }
            #expect(Dictionary(found) { "\($0) and \($1)" } == Self.types)
            let daemons = "SELECT last(rpc_errors), last(processes_errored) FROM gopm_daemon"
            #expect(
                try eventually {
                    try database.influx(daemons).first?["values"]?.arrayValue?.first?.arrayValue?.suffix(2) == [1, 1]
                }
            )
            try expectAnswers(to: "queries.influxql") { query in
                let short = query.replacing("$timeFilter", with: "time > now() - 1h").replacing(
                    "$__interval",
                    with: "1s"
                )
                // A minute has not passed.
                return try !database.influx(short.replacing("time(1m)", with: "time(1s)")).isEmpty
            }
        }
    }

    @Test func victoriaMetricsAnswersTheQueriesAndRaisesTheAlerts() throws {
        try withDatabase(.victoriaMetrics) { daemon, database in
            #expect(try eventually { try database.value(#"gopm_listener_count{name="api"}"#) == 1 })
            #expect(try eventually { try database.value("gopm_daemon_processes_errored") == 1 })
            #expect(try eventually { try database.value(#"gopm_pid{name="api"}"#) == Double(daemon.pid("api")) })
            #expect(
                try eventually { try database.value(#"gopm_in_restart_delay{name="stuck",status="stopped"}"#) == 1 }
            )
            #expect(try eventually { try database.value(#"gopm_rpc_calls{method="restart"}"#) == 1 })
            daemon.crashDaemon()
            let alerts = try Self.alerts()
            func firing() throws -> Set<String> {
                try Set(alerts.filter { try !database.prometheus($0.expression).isEmpty }.map(\.name))
            }
            let expected: Set = ["GopmCrashLoop", "GopmStuckInRestartDelay", "GopmErrored", "GopmDaemonRestarted"]
            _ = try eventually(timeout: .seconds(20)) { try firing() == expected }
            #expect(try firing() == expected)
            try expectAnswers(to: "queries.promql") { try !database.prometheus($0).isEmpty }
            for expression in try Self.dashboard() {
                #expect(throws: Never.self) { try database.prometheus(expression) }
            }
        }
    }

    /// Every query is understood, and those that compare nothing find something.
    private func expectAnswers(to file: String, _ answers: (String) throws -> Bool) throws {
        let queries = LogText.lines(of: "\(TestFiles.fixtures)/telemetry/\(file)").filter { !$0.hasPrefix("#") }
        #expect(queries.count > 20)
        for query in queries {
            do {
                let found = try answers(query)
                let mayBeEmpty = query.contains { "<>=!/".contains($0) }
                #expect(found || mayBeEmpty, "\(query): no data")
            } catch {
                Issue.record("\(query): \(error)")
            }
        }
    }

    private static func alerts() throws -> [(name: String, expression: String)] {
        let lines = LogText.lines(of: "\(TestFiles.documentation)/telemetry/alerts.yml")
        func values(_ key: String) -> [String] {
            lines.compactMap { line in line.firstRange(of: "\(key): ").map { String(line[$0.upperBound...]) } }
        }
        let (names, expressions) = (values("alert"), values("expr"))
        #expect(names.count == expressions.count && names.count > 7)
        return Array(zip(names, expressions)).map { ($0, $1) }
    }

    private static func dashboard() throws -> [String] {
        let bytes = TestFiles.read("\(TestFiles.documentation)/telemetry/grafana-dashboard.json") ?? []
        let panels = try JSONValue.parse(bytes)["panels"]?.arrayValue ?? []
        let expressions = panels.flatMap { $0["targets"]?.arrayValue ?? [] }.map { $0.text("expr") }
        #expect(expressions.count > 10 && expressions.allSatisfy { !$0.isEmpty })
        return expressions.map { $0.replacing("$name", with: ".*") }
    }

    @Test func nobodyListensAndGopmdDoesNotMind() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            mkdir(daemon.home, 0o700)
            let port = LocalPort.free()
            let config = #"{"telemetry":{"telegraf":{"udp":"127.0.0.1:\#(port)","measurement":"my app"}}}"#
            try TestFiles.write(config, to: "\(daemon.home)/gopm.config.json")
            try daemon.startSampling(every: "20ms")
            try daemon.startReady("api", "--run-forever")
            // Some 50 rounds to nobody.
            pause(.seconds(1))
            #expect(daemon.daemonLog("level=error").isEmpty)
            // Then somebody comes.
            let receiver = try UDPReceiver(port: port)
            let texts = (0..<4).compactMap { _ in receiver.datagram() }
            #expect(texts.contains { $0.contains(#"my\ app_daemon,host="#) })
            #expect(texts.contains { $0.contains(#"my\ app,name=api,id=0,status=online pid="#) }, "\(texts)")
        }
    }

    @Test func datagramsAreAsSmallAsWantedAndNothingIsMissing() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            mkdir(daemon.home, 0o700)
            let receiver = try UDPReceiver(port: 0)
            let config = #"{"telemetry":{"telegraf":{"udp":"127.0.0.1:\#(receiver.port)","max_datagram":1400}}}"#
            try TestFiles.write(config, to: "\(daemon.home)/gopm.config.json")
            try daemon.startSampling(every: "500ms")
            let names = (0..<20).map { "p\($0)" }
            for name in names { try daemon.start(name, "--run-forever") }
            // Lines of one moment bear its time.
            var moments: [Substring: Set<Substring>] = [:]
            let isComplete = eventually(timeout: .seconds(20)) {
                guard let datagram = receiver.datagram() else { return false }
                #expect(datagram.utf8.count <= 1400 && datagram.hasSuffix("\n"))
                for line in datagram.split(separator: "\n") where line.hasPrefix("gopm,name=") {
                    let words = line.split(separator: " ")
                    #expect(words.count == 3)
                    moments[words[2], default: []].insert(words[0].split(separator: ",")[1].dropFirst(5))
                }
                return moments.values.contains { $0.count == names.count }
            }
            #expect(isComplete, "\(moments.mapValues(\.count))")
        }
    }
}
