import GopmModel
import Testing

@Suite struct HumanFormatTests {
    @Test(
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (1536, "1.5 KB"), (25_270_682, "24.1 MB"),
            (134_742_016, "128.5 MB"),
            (1 << 20, "1.0 MB"), (100 << 20, "100.0 MB"), (1_048_524, "1023.9 KB"), (1_048_525, "1.0 MB"),
            (1 << 40, "1.0 TB"),
            (.max, "16.0 EB"),
        ] as [(UInt64, String)]
    )
    func measuredBytes(count: UInt64, text: String) {
        #expect(HumanFormat.bytes(count) == text)
    }

    @Test(
        arguments: [(100 << 20, "100 MB"), (1 << 30, "1 GB"), (1536 << 20, "1.5 GB"), (500, "500 B")]
            as [(UInt64, String)]
    )
    func byteLimits(count: UInt64, text: String) {
        #expect(HumanFormat.byteLimit(count) == text)
    }

    @Test(
        arguments: [
            (0.3, "0.3%"), (12.1, "12.1%"), (0, "0.0%"), (0.04, "0.0%"), (99.95, "100.0%"), (812, "812.0%"),
            (-1, "0.0%"), (.nan, "-"), (.infinity, "-"),
        ] as [(Double, String)]
    )
    func percent(value: Double, text: String) {
        #expect(HumanFormat.percent(value) == text)
    }

    @Test(arguments: [
        (0, "0s", "0s"), (12, "12s", "12s"), (59, "59s", "59s"), (60, "1m", "1m 0s"), (2_700, "45m", "45m 0s"),
        (8_100, "2h 15m", "2h 15m 0s"), (388_800, "4d 12h", "4d 12h 0m 0s"), (274_935, "3d 4h", "3d 4h 22m 15s"),
        (-5, "0s", "0s"),
    ])
    func uptime(seconds: Int, short: String, full: String) {
        #expect(HumanFormat.uptime(.seconds(seconds)) == short)
        #expect(HumanFormat.uptimeInFull(.seconds(seconds)) == full)
    }
}
