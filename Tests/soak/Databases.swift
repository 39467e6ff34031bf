import Glibc
import GopmJSON
import GopmTestSupport
import Synchronization

/// InfluxDB and VictoriaMetrics; gopmd sends to one address, from which each datagram goes on to both.
struct Databases {
    private let influx: MetricsDatabase
    private let victoria: MetricsDatabase
    let relay: Relay

    init(for daemon: DaemonFixture) throws {
        influx = try MetricsDatabase(.influxDB, for: daemon)
        victoria = try MetricsDatabase(.victoriaMetrics, for: daemon)
        relay = try Relay(to: [influx.port, victoria.port])
    }

    func stop() {
        influx.stop()
        victoria.stop()
    }

    /// Waits until each program has a value that is younger than now in both.
    func checkTheyAreFed() throws {
        let now = time(nil)
        var (series, points) = (0, 0)
        let areFed = try eventually(timeout: .seconds(20)) {
            series = Int(try victoria.value("count(timestamp(gopm_restarts) > \(now))") ?? 0)
            let query = "SELECT count(restarts) FROM gopm WHERE time > \(now)s GROUP BY \"name\""
            points = try influx.influx(query).count
            return series == Fleet.count && points == Fleet.count
        }
        guard areFed else {
            throw TestFailure("programs with a fresh value: \(series) in VictoriaMetrics, \(points) in InfluxDB")
        }
    }

    /// How many values of a program that always ran are there, and the longest time without one.
    func text() throws -> String {
        func first(_ query: String) throws -> Int {
            let row = try influx.influx(query).first?["values"]?.arrayValue?.first
            return row?.arrayValue?.last?.integerValue.map { Int($0) } ?? 0
        }
        let name = "\"name\"='\(Fleet.quiet)'"
        let points = try first("SELECT count(pid) FROM gopm WHERE \(name)")
        let gap = try first("SELECT max(e) FROM (SELECT elapsed(pid, 1ms) AS e FROM gopm WHERE \(name))")
        let samples = try victoria.value("count_over_time(gopm_pid{name=\"\(Fleet.quiet)\"}[1d])") ?? 0
        return "values of one program: \(points) in InfluxDB, \(Int(samples)) in VictoriaMetrics, longest gap \(gap) ms"
    }
}

/// Sends on each datagram to some other ports.
final class Relay: Sendable {
    let port = LocalPort.free()
    private let targets: [UInt16]
    private let descriptor: Int32
    private let hasEnded = Mutex(false)

    init(to targets: [UInt16]) throws {
        self.targets = targets
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        let (port, descriptor) = (port, descriptor)
        guard LocalPort.withAddress(port, { bind(descriptor, $0, $1) }) == 0 else {
            throw TestFailure("UDP port \(port): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Returns after ``end()``.
    func run() {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while !hasEnded.withLock({ $0 }) {
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&request, 1, 200) > 0 else { continue }
            let count = recv(descriptor, &bytes, bytes.count, 0)
            for port in targets where count > 0 {
                _ = LocalPort.withAddress(port) { sendto(descriptor, bytes, count, 0, $0, $1) }
            }
        }
    }

    func end() {
        hasEnded.withLock { $0 = true }
    }
}
