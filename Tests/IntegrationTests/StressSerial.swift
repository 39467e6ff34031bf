import GopmJSON
import GopmTestSupport
import Testing

/// Much at once.
///
/// Nothing here asserts a time: budgets belong to Benchmarks.
@Suite(.serialized, .daemonLog)
struct StressSerial {
    @Test(arguments: [100, 500])
    func manyProgramsFromOneFileAllComeOnlineAndStop(_ count: Int) throws {
        try DaemonFixture.withAlone { daemon in
            let pid = try #require(daemon.daemonPID)
            let apps = (0..<count).map { #"{"name": "p\#($0)", "command": "/bin/sleep", "args": ["100000"]}"# }
            try daemon.write("{\"apps\": [\(apps.joined(separator: ",\n"))]}", to: "eco.json")
            let (start, startTime) = try time { try daemon.run("start", "eco.json").check() }
            #expect(start.lines.last == "Started \(count)/\(count) processes")
            let list = try daemon.list()
            #expect(list.count == count && list.allSatisfy { $0.text("status") == "online" && $0.pid > 0 })
            #expect(list.map { $0.number("id") } == Array(0..<count))
            #expect(Set(list.map(\.pid)).count == count && ProcessTable.children(of: pid).count >= count)
            let threads = ProcessTable.statusNumber("Threads", of: pid) ?? 0
            #expect(threads <= 4)
            let memory = ProcessTable.statusNumber("VmRSS", of: pid) ?? 0
            let (_, restartTime) = try time { try daemon.run("restart", "all").check() }
            #expect(try daemon.list().allSatisfy { $0.text("status") == "online" })
            #expect(
                ProcessTable.children(of: pid).count
                    == ProcessTable.children(of: pid).count { ProcessTable.isAlive($0) }
            )
            let (_, stopTime) = try time { try daemon.run("stop", "all").check() }
            #expect(daemon.programs.isEmpty)
            #expect(try daemon.list().allSatisfy { $0.text("status") == "stopped" })
            print(
                "\(count) programs: start \(startTime), restart all \(restartTime), stop all \(stopTime), \(threads) threads, \(memory) KiB RSS"
            )
        }
    }

    @Test func twoHundredMegabytesOfNumberedLinesAreAllThere() throws {
        try DaemonFixture.withAlone(config: #"{"logs": {"max_files": 20}}"#) { daemon in
            let lines = 2_000_000
            let arguments = ["--line-size", "100", "--flood", "\(lines * 100)"]
            let flags = ["--autorestart", "never", "--max-log-size", "16M"]
            let (_, took) = try time {
                try daemon.startResult("p", flags: flags, arguments).check()
                #expect(try daemon.reaches("stopped", "p", timeout: .seconds(120)))
            }
            let log = "\(daemon.home)/logs/p-out.log"
            // 130 bytes a line with its stamp.
            let whole = eventually(timeout: .seconds(30)) {
                LogText.files(of: log, most: 20).reduce(0) { $0 + (TestFiles.size($1) ?? 0) } >= lines * 130
            }
            #expect(whole)
            let fault = LogText.fault(ofNumberedLines: lines, in: LogText.files(of: log, most: 20))
            #expect(fault == nil)
            print("200 MB captured in \(took), \(LogText.files(of: log, most: 20).count) files")
        }
    }

    @Test func hundredCrashingProgramsDoNotKeepAnybodyFromTheDaemon() throws {
        try DaemonFixture.withAlone { daemon in
            let app = #""command": "/bin/false", "restart_delay": "50ms", "min_uptime": "1h"}"#
            let apps = (0..<100).map { #"{"name": "p\#($0)", \#(app)"# }
            try daemon.write("[\(apps.joined(separator: ","))]", to: "eco.json")
            try daemon.run("start", "eco.json").check()
            #expect(
                try eventually(timeout: .seconds(30)) { try daemon.list().allSatisfy { $0.number("restarts") >= 5 } }
            )
            try daemon.run("stop", "all").check()
            #expect(try daemon.list().allSatisfy { $0.text("state") == "stopped" })
        }
    }
}
