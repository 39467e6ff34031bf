import GopmJSON
import Testing

@testable import GopmMetrics

@Suite struct MetricsReportTests {
    private var report: MetricsReport {
        var report = MetricsReport(host: "h\"1")
        var process = ProcessMetrics(name: "api", id: 3, status: "online")
        for (number, metric) in ProcessMetrics.all.enumerated() { process[keyPath: metric.value] = number + 11 }
        process.inRestartDelay = 1
        var stopped = ProcessMetrics(name: "job", id: 4, status: "stopped")
        stopped.crashes = 9
        report.processes = [process, stopped]
        for (number, metric) in DaemonMetrics.all.enumerated() { report.daemon[keyPath: metric.value] = number + 1 }
        report.requests = [("ping", 5), ("start", 2)]
        return report
    }

    @Test func theWireKeepsEveryNumber() throws {
        var json = JSONWriter()
        report.encode(into: &json)
        #expect(MetricsReport(try JSONValue.parse(json.bytes)) == report)
    }

    @Test func aReportOfAnotherVersionIsRead() throws {
        let text = #"{"host":"h","new":1,"processes":[{"name":"a","id":1,"status":"online","cpu":1.5,"later":true}]}"#
        let read = try #require(MetricsReport(try JSONValue.parse(Array(text.utf8))))
        #expect(read.processes[0].cpuTenths == 15 && read.processes[0].crashes == 0)
        #expect(MetricsReport(.string("no")) == nil)
    }

    @Test func namesAreUniqueAndPlain() {
        for names in [ProcessMetrics.all.map(\.name), DaemonMetrics.all.map(\.name)] {
            #expect(Set(names).count == names.count)
            #expect(names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "_" } })
        }
    }

    @Test func openMetricsHasAFamilyForEachNumber() {
        let lines = String(decoding: OpenMetrics.text(report), as: UTF8.self).split(separator: "\n")
        #expect(lines.last == "# EOF")
        #expect(lines.contains(#"gopm_cpu{name="api",id="3"} 1.2"#))
        #expect(lines.contains(#"gopm_crash_count_total{name="job",id="4"} 9"#))
        #expect(lines.contains(#"gopm_status{name="job",id="4",status="stopped"} 1"#))
        #expect(lines.contains(#"gopm_rpc_calls_total{host="h\"1",method="ping"} 5"#))
        #expect(!lines.contains { $0.hasPrefix(#"gopm_pid{name="job""#) })
        #expect(lines.count { $0.hasPrefix("# TYPE") } == ProcessMetrics.all.count + DaemonMetrics.all.count + 2)
    }

    @Test(arguments: [("my-app 1", "my_app_1"), ("1st", "_1st"), ("größe", "gr__e")])
    func aMeasurementBecomesAName(given: String, prefix: String) {
        let text = String(decoding: OpenMetrics.text(report, measurement: given), as: UTF8.self)
        #expect(text.contains("\n\(prefix)_daemon_processes_total{"))
    }
}
