import Testing

@testable import GopmMetrics

@Suite struct LineProtocolTests {
    private let text = LineProtocol(measurement: "gopm", host: "nyc1")

    private func line(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        write(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func aProcessThatIsOnlineHasAllFieldsOfTheManual() {
        var api = ProcessMetrics(name: "api", id: 0, status: "online")
        (api.pid, api.cpuTenths, api.memory, api.memoryPeak, api.uptime) = (4521, 12, 25_296_896, 31_457_280, 3600)
        (api.starts, api.instance, api.logBytes, api.listeners) = (1, 1, 4096, 1)
        #expect(
            line { text.append(api, time: 1_738_800_000_000_000_000, to: &$0) }
                == "gopm,name=api,id=0,status=online pid=4521i,cpu=1.2,memory=25296896i,memory_peak=31457280i,"
                + "uptime=3600i,child_count=0i,restarts=0i,restarts_since_reset=0i,start_count=1i,stop_count=0i,"
                + "crash_count=0i,user_restart_count=0i,supervisor_restart_count=0i,instance=1i,last_exit_code=0i,"
                + "last_run_duration_ms=0i,in_restart_delay=false,log_bytes_written=4096i,log_rotations=0i,"
                + "listener_count=1i 1738800000000000000\n"
        )
    }

    @Test(arguments: ["stopped", "errored"])
    func whatNeedsALifeIsLeftOutWithoutOne(status: String) {
        var cron = ProcessMetrics(name: "cron", id: 2, status: status)
        (cron.inRestartDelay, cron.lastExitCode) = (1, -1)
        let line = line { text.append(cron, time: 7, to: &$0) }
        #expect(line.hasPrefix("gopm,name=cron,id=2,status=\(status) restarts=0i,"))
        #expect(line.contains(",last_exit_code=-1i,") && line.contains(",in_restart_delay=true,"))
        for field in ["pid", "cpu", "memory", "memory_peak", "uptime", "child_count"] {
            #expect(!line.contains("\(field)="), "\(field)")
        }
    }

    @Test func theDaemonAndItsRequests() {
        var daemon = DaemonMetrics()
        (daemon.total, daemon.online, daemon.restartCancels) = (3, 2, 3)
        let line = line { text.append(daemon, time: 7, to: &$0) }
        #expect(line.hasPrefix("gopm_daemon,host=nyc1 processes_total=3i,processes_online=2i,processes_stopped=0i,"))
        #expect(line.hasSuffix(",restart_cancels=3i 7\n"))
        #expect(
            self.line { text.append(calls: 4, of: "start", time: 7, to: &$0) }
                == "gopm_rpc,host=nyc1,method=start calls=4i 7\n"
        )
    }

    @Test func everyNumberIsAlwaysOfItsType() {
        var process = ProcessMetrics(name: "x", id: 1, status: "online")
        for number in [0, 5, 10, -7, Int.max, Int.min] {
            for metric in ProcessMetrics.all { process[keyPath: metric.value] = number }
            let fields = line { text.append(process, time: 1, to: &$0) }.split(separator: " ")[1].split(separator: ",")
            #expect(fields.count == ProcessMetrics.all.count)
            for (field, metric) in zip(fields, ProcessMetrics.all) {
                let value = field.split(separator: "=")[1]
                switch metric.form {
                case .integer: #expect(value == "\(number)i")
                case .tenths: #expect(value.contains(".") && Double(value) != nil)
                case .flag: #expect(value == "true" || value == "false")
                }
            }
        }
    }

    @Test(arguments: [
        ("a b", #"a\ b"#), ("a,b", #"a\,b"#), ("a=b", #"a\=b"#), ("", "unknown"), ("a\nb", "a_b"), (#"c:\"#, "c:_"),
        (#"a\b"#, #"a\b"#), ("größe", "größe"),
    ])
    func tagsAreEscaped(given: String, written: String) {
        let text = LineProtocol(measurement: "m", host: given)
        #expect(
            line { text.append(calls: 1, of: "ping", time: 2, to: &$0) }
                == "m_rpc,host=\(written),method=ping calls=1i 2\n"
        )
    }

    @Test func aMeasurementIsEscapedToo() {
        let text = LineProtocol(measurement: "my gopm,x=1", host: "h")
        #expect(line { text.append(calls: 1, of: "ping", time: 2, to: &$0) }.hasPrefix(#"my\ gopm\,x=1_rpc,host=h,"#))
    }
}

@Suite struct LineBatchTests {
    private func datagrams(_ lines: [String], limit: Int) -> [String] {
        var batch = LineBatch(limit: limit)
        var made = lines.compactMap { line in batch.add { $0 += line.utf8 } }
        if let rest = batch.takeRest() { made.append(rest) }
        return made.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [1, 9, 10, 11, 64, 100_000])
    func nothingIsLostAndEveryDatagramEndsWithALine(limit: Int) {
        let lines = (0..<100).map { String(repeating: "x", count: $0 % 20) + "\n" }
        let made = datagrams(lines, limit: limit)
        #expect(made.joined() == lines.joined())
        for datagram in made {
            #expect(datagram.hasSuffix("\n"))
            #expect(datagram.utf8.count <= limit || datagram.dropLast().allSatisfy { $0 != "\n" }, "\(datagram.count)")
        }
    }

    @Test func aDatagramIsFilledAsFarAsItGoes() {
        #expect(datagrams(["1234\n", "5678\n", "9\n"], limit: 10) == ["1234\n5678\n", "9\n"])
    }

    @Test func noDatagramIsLargerThanUDPCanCarry() {
        let (small, large) = ("a\n", String(repeating: "y", count: 70_000) + "\n")
        #expect(datagrams([small, large, small], limit: 1_000_000) == [small + small])
        let lines = [String](repeating: String(repeating: "z", count: 999) + "\n", count: 200)
        #expect(datagrams(lines, limit: 1_000_000).allSatisfy { $0.utf8.count <= 65_507 })
    }

    @Test func nothingMakesNoDatagram() {
        #expect(datagrams([], limit: 100).isEmpty)
    }
}
