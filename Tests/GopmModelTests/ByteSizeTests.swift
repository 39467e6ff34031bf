import GopmModel
import SeededRandom
import Testing

@Suite struct ByteSizeTests {
    @Test(
        arguments: [
            ("0", 0), ("4096", 4_096), ("500K", 512_000), ("5M", 5 << 20), ("1G", 1 << 30), ("2T", 2 << 40),
            ("10m", 10 << 20), ("10MB", 10 << 20), ("10mb", 10 << 20), ("10MiB", 10 << 20), ("10mib", 10 << 20),
            ("7B", 7), ("007K", 7_168), ("9223372036854775807", .max), ("8388607T", 8_388_607 << 40),
        ] as [(String, Int64)]
    )
    func reads(text: String, bytes: Int64) {
        #expect(ByteSize.parse(text) == bytes)
    }

    @Test(arguments: [
        "", " ", "K", "B", "iB", "MB", "KiB", "-5", "-5M", "+5M", "1.5G", "5 M", " 5M", "5M ", "5KK", "5MBB", "5P",
        "5X",
        "abc", "0x10", "1e6", "٥M", "５", "9223372036854775808", "8388608T", "99999999999999999999999", "5M\0",
    ])
    func refuses(text: String) {
        #expect(ByteSize.parse(text) == nil)
    }

    /// The Kelvin sign only looks like a K, and a dotless i becomes an I only in capitals.
    @Test(arguments: ["5\u{212A}", "5M\u{131}B"])
    func refusesLookAlikes(text: String) {
        #expect(ByteSize.parse(text) == nil)
    }

    @Test(
        arguments: [
            (0, "0"), (1_000, "1000"), (1_024, "1K"), (1_536, "1536"), (1_536 << 10, "1536K"), (100 << 20, "100M"),
            (1 << 30, "1G"), (1 << 40, "1T"), (1 << 50, "1024T"), (.max, "9223372036854775807"), (-5, "-5"),
        ] as [(Int64, String)]
    )
    func prints(bytes: Int64, text: String) {
        #expect(ByteSize.format(bytes) == text)
    }

    @Test(arguments: seeds)
    func comesBackFromItsText(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1_000 {
            let bytes = Int64.random(in: 0...1 << 20, using: &random) << random.pick([0, 5, 10, 20, 30, 40])
            #expect(ByteSize.parse(ByteSize.format(bytes)) == bytes)
        }
    }
}
