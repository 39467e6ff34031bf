import GopmSystem
import Testing

@Suite struct ProcStatTests {
    /// A line as Linux 6.1 writes it, with another name, state and wait status.
    private func line(name: String, state: String = "S", waitStatus: String = "0") -> [UInt8] {
        let fields =
            "1 4242 4242 0 -1 4194560 188 0 0 0 3 4 0 0 20 0 1 0 98765 2478080 224 18446744073709551615 94 95 140 0 0 0 0 "
            + "4096 0 1 0 0 17 1 0 0 0 0 0 94 95 96 140 140 140 140"
        return Array("4242 (\(name)) \(state) \(fields) \(waitStatus)\n".utf8)
    }

    @Test(arguments: [
        "sh", "", ")", "(", "a) (b", ") S 7 (", "x) Z 1 1 1 (y)", "two\nlines", ")\n(", "a b  c", "((sd-pam))", "日本",
        "1) R 2 3 4",
    ])
    func fieldsAreFoundBehindAnyName(name: String) throws {
        let stat = try #require(ProcStat(parsing: line(name: name)))
        #expect(stat.state == UInt8(ascii: "S"))
        #expect(stat.parent == 1)
        #expect(stat.startTicks == 98_765)
        #expect(stat.waitStatus == 0)
        #expect(!stat.isZombie)
    }

    @Test func nameNeedNotBeText() throws {
        let bytes = line(name: "@").map { $0 == UInt8(ascii: "@") ? 0xFF : $0 }
        #expect(try #require(ProcStat(parsing: bytes)).startTicks == 98_765)
    }

    @Test(arguments: [("0", 0), ("768", 768), ("15", 15), ("139", 139)] as [(String, Int32)])
    func waitStatus(text: String, status: Int32) {
        #expect(ProcStat(parsing: line(name: "x", state: "Z", waitStatus: text))?.waitStatus == status)
    }

    @Test(arguments: [
        ("R", false), ("S", false), ("D", false), ("T", false), ("t", false), ("I", false), ("Z", true), ("X", true),
    ])
    func zombies(state: String, isZombie: Bool) {
        #expect(ProcStat(parsing: line(name: "x", state: state))?.isZombie == isZombie)
    }

    @Test func oldKernelsHaveFewerFields() throws {
        let words = line(name: "x").split(separator: UInt8(ascii: " "))
        let stat = try #require(ProcStat(parsing: Array(words.prefix(30).joined(separator: [UInt8(ascii: " ")]))))
        #expect(stat.startTicks == 98_765)
        #expect(stat.waitStatus == 0)
    }

    @Test(arguments: [
        "", "\n", "4242", "4242 (sh", "4242 (sh)", "4242 (sh) S", "4242 (sh) S 1 2 3",
        "4242 (sh) S x 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0",
    ])
    func tornTextIsRefused(text: String) {
        #expect(ProcStat(parsing: Array(text.utf8)) == nil)
    }
}
