import GopmLogs
import Testing

@Suite struct LineFilterTests {
    private func shown(_ filter: LineFilter, _ lines: [String]) -> [String] {
        var filter = filter
        var result: [String] = []
        for line in lines {
            Array(line.utf8).withUnsafeBytes { bytes in
                let piece = LogPiece(bytes: bytes, startsLine: true, stamp: LogStamp(bytes), end: .newline)
                filter.pass(piece, of: 0) { result.append(String(decoding: $0.bytes, as: UTF8.self)) }
            }
        }
        return result
    }

    private var lines: [String] { (0..<5).map { stamp($0 * 1000) + "line \($0)" } }

    private func time(_ milliseconds: Int) -> Int64 { LogStamp(Array(stamp(milliseconds).utf8))?.milliseconds ?? 0 }

    @Test func timesAreInclusive() {
        var filter = LineFilter()
        (filter.since, filter.until) = (time(1000), time(3000))
        #expect(shown(filter, lines) == Array(lines[1...3]))
    }

    @Test func aLineWithoutAStampIsOfTheTimeOfTheOneBefore() {
        var filter = LineFilter()
        filter.since = time(2000)
        let mixed = ["before all", lines[1], "of 1", lines[2], "of 2"]
        #expect(shown(filter, mixed) == [lines[2], "of 2"])
    }

    @Test func patternsSeeTheTextAndNotTheStamp() throws {
        var filter = LineFilter()
        filter.pattern = try LinePattern("^line [13]$")
        #expect(shown(filter, lines) == [lines[1], lines[3]])
        filter.isInverted = true
        #expect(shown(filter, lines) == [lines[0], lines[2], lines[4]])
        filter.pattern = try LinePattern("2026")
        filter.isInverted = false
        #expect(shown(filter, lines).isEmpty)
    }

    @Test func bytesThatAreNoTextAreMatchedToo() throws {
        let pattern = try LinePattern("a.b")
        for bytes: [UInt8] in [[0x61, 0xff, 0x62], [0, 0x61, 0x62, 0x62], [0x61, 0x62, 0x62, 0]] {
            #expect(bytes.withUnsafeBytes { pattern.matches($0) }, "\(bytes)")
        }
        #expect(try LinePattern("^$").matches(UnsafeRawBufferPointer(start: nil, count: 0)))
    }

    @Test(arguments: ["(", "[a", "a{2", "*a\\"])
    func badPatternsAreRefused(_ text: String) {
        #expect(throws: LinePattern.Fault.self) { try LinePattern(text) }
    }

    @Test func aLineInPiecesIsMatchedWhole() throws {
        var filter = LineFilter()
        filter.pattern = try LinePattern("end$")
        var result: [Int] = []
        for (text, isLast) in [("start ", false), ("middle ", false), ("end", true)] {
            Array(text.utf8).withUnsafeBytes { bytes in
                let piece = LogPiece(
                    bytes: bytes,
                    startsLine: text == "start ",
                    stamp: nil,
                    end: isLast ? .newline : .continues
                )
                filter.pass(piece, of: 0) { result.append($0.bytes.count) }
            }
        }
        #expect(result == [16])
    }
}
