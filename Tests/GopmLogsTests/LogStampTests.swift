import Glibc
import GopmLogs
import SeededRandom
import Testing

@Suite struct LogStampTests {
    @Test(arguments: [
        ("2026-04-14T13:25:59.595-04:00 x", 1_776_187_559_595, 30),
        ("1970-01-01T00:00:00.000+00:00 ", 0, 30),
        ("1970-01-01T00:00:00.001Z text", 1, 25),
        ("1969-12-31T23:59:59.999+00:00 ", -1, 30),
        ("2024-02-29T12:00:00.000+05:30 ", 1_709_188_200_000, 30),
        ("2000-03-01T00:00:00.000-00:30 ", 951_870_600_000, 30),
        ("2016-12-31T23:59:60.000+00:00 ", 1_483_228_800_000, 30),
    ])
    func moments(line: String, milliseconds: Int64, byteCount: Int) throws {
        let stamp = try #require(LogStamp(line.utf8))
        #expect(stamp.milliseconds == milliseconds)
        #expect(stamp.byteCount == byteCount)
    }

    @Test(arguments: [
        "", "text", "2026-04-14T13:25:59.595-04:00", "2026-04-14 13:25:59.595-04:00 ", "2026-13-14T13:25:59.595-04:00 ",
        "2026-04-00T13:25:59.595-04:00 ", "2026-04-14T24:25:59.595-04:00 ", "2026-04-14T13:60:59.595-04:00 ",
        "2026-04-14T13:25:61.595-04:00 ", "2026-04-14T13:25:59.59x-04:00 ", "2026-04-14T13:25:59.595-0400 x",
        "2026-04-14T13:25:59.595-24:00 ", "2026-04-14T13:25:59.595Zx", "2026-04-14T13:25:59,595-04:00 ",
        " 2026-04-14T13:25:59.595-04:00 ", "2026-04-14T13:25:59.595*04:00 ", "2026-04-14T13:25:59.595-04:00\t",
    ])
    func whatIsNoStamp(line: String) {
        #expect(LogStamp(line.utf8) == nil)
    }

    @Test func agreesWithTheCLibrary() throws {
        var random = SeededGenerator()
        for _ in 0..<2_000 {
            var seconds = Int.random(in: -2_000_000_000..<250_000_000_000, using: &random)
            let milliseconds = Int.random(in: 0..<1000, using: &random)
            var fields = tm()
            gmtime_r(&seconds, &fields)
            var text = [CChar](repeating: 0, count: 64)
            strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S.", &fields)
            let start = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let line = start + "\(String(1000 + milliseconds).dropFirst())+00:00 ".utf8
            #expect(LogStamp(line)?.milliseconds == Int64(seconds * 1000 + milliseconds), random.note)
        }
    }
}
