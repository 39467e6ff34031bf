import GopmWire
import SeededRandom
import Testing

@Suite struct LineFramerTests {
    /// Feeds pieces and collects the lines; stops at the first that is too long.
    private func lines(_ pieces: [[UInt8]], limit: Int) -> (lines: [[UInt8]], isTooLong: Bool, hasPartialLine: Bool) {
        var framer = LineFramer(limit: limit)
        var lines: [[UInt8]] = []
        for piece in pieces {
            piece.withUnsafeBytes { framer.append($0) }
            while true {
                switch framer.next() {
                case .line(let line):
                    lines.append(line)
                    continue
                case .needsMore: break
                case .tooLong: return (lines, true, framer.hasPartialLine)
                }
                break
            }
        }
        return (lines, false, framer.hasPartialLine)
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func cutsLines() {
        let result = lines([bytes("one\ntwo\n\n\nthree\nrest")], limit: 100)
        #expect(result.lines == [bytes("one"), bytes("two"), bytes("three")])
        #expect(result.hasPartialLine)
    }

    @Test func joinsPieces() {
        let result = lines([bytes("o"), bytes("ne"), [], bytes("\nt"), bytes("wo\n")], limit: 100)
        #expect(result.lines == [bytes("one"), bytes("two")])
        #expect(!result.hasPartialLine)
    }

    @Test func emptyFramerNeedsMore() {
        var framer = LineFramer(limit: 10)
        #expect(framer.next() == .needsMore)
        #expect(!framer.hasPartialLine)
        bytes("\n\n").withUnsafeBytes { framer.append($0) }
        #expect(framer.next() == .needsMore)
        #expect(!framer.hasPartialLine)
    }

    @Test func limitCountsTheLineWithoutItsEnd() {
        #expect(lines([bytes("12345\n")], limit: 5).lines == [bytes("12345")])
        #expect(!lines([bytes("12345")], limit: 5).isTooLong)
        #expect(lines([bytes("123456")], limit: 5).isTooLong)
        #expect(lines([bytes("123456\n")], limit: 5).isTooLong)
        #expect(lines([bytes("ok\n123"), bytes("456")], limit: 5).isTooLong)
        #expect(lines([bytes("ok\n123"), bytes("45\n")], limit: 5).lines == [bytes("ok"), bytes("12345")])
    }

    @Test func linesBeforeOneThatIsTooLongStillCome() {
        let result = lines([bytes("a\nb\n1234567\nc\n")], limit: 5)
        #expect(result.lines == [bytes("a"), bytes("b")])
        #expect(result.isTooLong)
    }

    @Test func manyShortLinesMayExceedTheLimitTogether() {
        let stream = bytes(String(repeating: "123\n", count: 1_000))
        #expect(lines([stream], limit: 3).lines.count == 1_000)
    }

    @Test func longestLineInSmallPieces() {
        let limit = 1 << 20
        let piece = [UInt8](repeating: 0x78, count: 4_096)
        let result = lines(Array(repeating: piece, count: limit / 4_096) + [bytes("\nnext\n")], limit: limit)
        #expect(result.lines.map(\.count) == [limit, 4])
    }

    @Test(arguments: seeds)
    func anySplitGivesTheSameLines(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let limit = random.pick([1, 5, 20, 1_000])
            let stream = (0..<Int.random(in: 0...200, using: &random)).map { _ in random.pick(bytes("\n\nabcd\r\0")) }
            let whole = lines([stream], limit: limit)
            var pieces: [[UInt8]] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let count = Int.random(in: 0...random.pick([1, 3, 50]), using: &random)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            let split = lines(pieces, limit: limit)
            #expect(split.lines == whole.lines)
            #expect(split.isTooLong == whole.isTooLong)
            if !whole.isTooLong {
                #expect(split.hasPartialLine == whole.hasPartialLine)
                let all = stream.split(separator: UInt8(ascii: "\n")).map { Array($0) }
                let expected = Array(all.dropLast(whole.hasPartialLine ? 1 : 0))
                #expect(whole.lines == expected)
            }
        }
    }

    /// Who goes on after a line that was too long reads the next one, in whatever pieces they came.
    @Test(arguments: 1...40)
    func aLongLineCanBeLeftOut(pieceSize: Int) {
        let text = Array("one\n0123456789abcdef\ntwo\n\n0123456789\nthree\n".utf8)
        var framer = LineFramer(limit: 8)
        var found: [String] = []
        for start in stride(from: 0, to: text.count, by: pieceSize) {
            text[start..<min(start + pieceSize, text.count)].withUnsafeBytes { framer.append($0) }
            reading: while true {
                switch framer.next() {
                case .line(let line): found.append(String(decoding: line, as: UTF8.self))
                case .needsMore: break reading
                case .tooLong:
                    found.append("…")
                    framer.skipLongLine()
                }
            }
        }
        #expect(found == ["one", "…", "two", "…", "three"])
    }
}
