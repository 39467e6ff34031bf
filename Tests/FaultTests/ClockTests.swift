import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// The wall clock jumps: nothing waits shorter or longer for that, and no uptime is counted by it.
///
/// The machine's clock stays as it is; gopm and gopmd read another one.
@Suite(.serialized, .daemonLog)
struct ClockSerial {
    /// In place: who has mapped the file must not lose it.
    private func step(_ file: String, by seconds: Int) throws {
        let descriptor = open(file, O_WRONLY | O_CLOEXEC)
        defer { close(descriptor) }
        try withUnsafeBytes(of: seconds) { bytes in
            try #require(write(descriptor, bytes.baseAddress, bytes.count) == bytes.count)
        }
    }

    /// Since 1970, of a time in UTC as JSON has it.
    private func seconds(ofTime text: String) -> Int {
        let numbers = text.prefix(19).split { !$0.isNumber }.compactMap { Int32($0) }
        guard numbers.count == 6, text.hasSuffix("Z") else { return 0 }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[3], numbers[4], numbers[5])
        return timegm(&parts)
    }

    @Test(arguments: [86_400, -172_800])
    func theWallClockJumps(by jump: Int) throws {
        try DaemonFixture.withAlone(startsDaemon: false) { daemon in
            let offset = "\(daemon.folder)/offset"
            try TestFiles.write([UInt8](repeating: 0, count: 8), to: offset, mode: 0o644)
            try daemon.preload(["CLOCK_OFFSET_FILE": offset])
            try daemon.startDaemon()

            try daemon.begin("steady", ["--say", "up", "--run-forever"]).check()
            #expect(daemon.logs("up", "steady"))
            try daemon.begin("crashing", flags: ["--restart-delay", "1500ms"], ["--exit", "1"]).check()
            let (_, took) = try time {
                #expect(try daemon.reaches("waiting", "crashing"))
                try step(offset, by: jump)
                #expect(try eventually { try daemon.number("instance", of: "crashing") == 2 })
            }
            #expect(took > .milliseconds(1000) && took < .milliseconds(4000), "\(took)")

            // Uptimes go on: of the daemon, of a program, in the table.
            let entry = try daemon.describe("steady")
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            let started = seconds(ofTime: entry.text("uptime"))
            #expect((0...60).contains(now.tv_sec + jump - started), "\(entry.text("uptime"))")
            let ping = try daemon.run("ping", "--json").check().json()
            #expect((0...60_000).contains(ping.number("uptime_ms")))

            // A gopmd that comes after the jump sees it the same way.
            let (old, program) = (try #require(daemon.daemonPID), entry.pid)
            daemon.killed(old)
            _ = try daemon.newDaemon(after: old)
            #expect(try daemon.pid("steady") == program)
            #expect(try eventually { try daemon.number("instance", of: "crashing") >= 3 })
            let again = seconds(ofTime: try daemon.describe("steady").text("uptime"))
            #expect(abs(again - started) <= 2)
            try daemon.run("stop", "all").check()
        }
    }
}
