import Glibc
package import GopmJSON

/// A real database that takes InfluxDB line protocol by UDP, on ports of its own, with its files in the test's folder.
package final class MetricsDatabase {
    package enum Kind: String, CaseIterable, Sendable {
        case influxDB, victoriaMetrics
    }

    package let kind: Kind
    /// UDP.
    package let port: UInt16
    private let web: UInt16
    private let server: RunningCommand

    /// Starts it and waits until it answers; to be stopped.
    package init(_ kind: Kind, for daemon: DaemonFixture) throws {
        self.kind = kind
        port = LocalPort.free()
        web = LocalPort.free()
        let folder = "\(daemon.folder)/\(kind)"
        mkdir(folder, 0o700)
        let (program, arguments): (String, [String])
        switch kind {
        case .influxDB:
            program = "/usr/bin/influxd"
            let config = MetricsDatabase.influxConfig(folder, rpc: LocalPort.free(), web: web, udp: port)
            try TestFiles.write(config, to: "\(folder)/influxdb.conf")
            arguments = ["run", "-config", "\(folder)/influxdb.conf"]
        case .victoriaMetrics:
            program = "/usr/bin/victoria-metrics"
            arguments = [
                "-storageDataPath=\(folder)/data", "-httpListenAddr=127.0.0.1:\(web)",
                "-influxListenAddr=127.0.0.1:\(port)", "-retentionPeriod=1", "-search.latencyOffset=0s",
                "-memory.allowedPercent=5",
            ]
        }
        guard access(program, X_OK) == 0 else {
            let package = kind == .influxDB ? "influxdb" : "victoria-metrics"
            throw TestFailure("\(program) is missing: apt-get install \(package)")
        }
        server = try RunningCommand(program, arguments, environment: ["HOME": folder], folder: folder)
        let path = kind == .influxDB ? "/ping" : "/health"
        guard eventually(timeout: .seconds(20), { get(path)?.status.hasPrefix("20") == true }) else {
            throw TestFailure("\(program) does not come up")
        }
        if kind == .influxDB { _ = try influx("CREATE DATABASE gopm") }
    }

    package func stop() {
        server.signal(SIGKILL)
        _ = try? server.finish(timeout: .seconds(10))
    }

    /// The database's answer to a PromQL query: the list of series that hold now.
    package func prometheus(_ query: String) throws -> [JSONValue] {
        let answer = try json("/api/v1/query?query=\(MetricsDatabase.escaped(query))")
        guard answer.text("status") == "success" else { throw TestFailure("\(query): \(answer)") }
        return answer["data"]?["result"]?.arrayValue ?? []
    }

    /// The newest value of the only series of a query.
    package func value(_ query: String) throws -> Double? {
        try prometheus(query).first?["value"]?.arrayValue?.last?.stringValue.flatMap { Double($0) }
    }

    /// The database's answer to an InfluxQL query: the list of series.
    package func influx(_ query: String) throws -> [JSONValue] {
        let answer = try json("/query?db=gopm&q=\(MetricsDatabase.escaped(query))", method: "POST")
        let result = answer["results"]?.arrayValue?.first
        guard let result, result["error"] == nil else { throw TestFailure("\(query): \(answer)") }
        return result["series"]?.arrayValue ?? []
    }

    private func json(_ path: String, method: String = "GET") throws -> JSONValue {
        guard let answer = get(path, method: method) else { throw TestFailure("\(kind) does not answer") }
        return try JSONValue.parse(Array(answer.body.utf8))
    }

    /// HTTP 1.0, so that the answer comes in one piece and the connection ends with it.
    private func get(_ path: String, method: String = "GET") -> (status: Substring, body: Substring)? {
        let head = "\(method) \(path) HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"
        guard let answer = LocalPort.ask(web, head, pause: 5_000), let end = answer.firstRange(of: "\r\n\r\n") else {
            return nil
        }
        return (answer.split(separator: " ").dropFirst().first ?? "", answer[end.upperBound...])
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                byte < 0x80 && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber)
            let hex = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + hex
        }.joined()
    }

    private static func influxConfig(_ folder: String, rpc: UInt16, web: UInt16, udp: UInt16) -> String {
        """
        reporting-disabled = true
        bind-address = "127.0.0.1:\(rpc)"
        [meta]
          dir = "\(folder)/meta"
        [data]
          dir = "\(folder)/data"
          wal-dir = "\(folder)/wal"
          query-log-enabled = false
        [monitor]
          store-enabled = false
        [http]
          bind-address = "127.0.0.1:\(web)"
          log-enabled = false
        [[udp]]
          enabled = true
          bind-address = "127.0.0.1:\(udp)"
          database = "gopm"
          precision = "ns"
          batch-timeout = "50ms"
        [continuous_queries]
          enabled = false

        """
    }
}
