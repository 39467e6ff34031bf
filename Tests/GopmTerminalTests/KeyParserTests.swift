import GopmTerminal
import SeededRandom
import Testing

@Suite struct KeyParserTests {
    private func keys(_ text: String) -> [Key] {
        var parser = KeyParser()
        return parser.parse(Array(text.utf8))
    }

    @Test(arguments: [
        ("a", Key.character("a")), ("é", .character("é")), ("日", .character("日")), ("🙂", .character("🙂")),
        ("\r", .enter), ("\t", .tab), ("\u{7f}", .backspace), ("\u{3}", .control("c")), ("\u{1b}[Z", .backTab),
        ("\u{1b}[A", .up), ("\u{1b}OB", .down), ("\u{1b}[1;5C", .right), ("\u{1b}[D", .left),
        ("\u{1b}[H", .home), ("\u{1b}[1~", .home), ("\u{1b}[4~", .end), ("\u{1b}OF", .end),
        ("\u{1b}[3~", .delete), ("\u{1b}[5~", .pageUp), ("\u{1b}[6~", .pageDown),
        ("\u{1b}[<0;12;3M", .mouse(.press(row: 2, column: 11))),
        ("\u{1b}[<64;1;1M", .mouse(.wheelUp(row: 0, column: 0))),
        ("\u{1b}[<81;200;99M", .mouse(.wheelDown(row: 98, column: 199))),
        ("\u{1b}[200~ls\n-l\u{1b}[201~", .paste("ls\n-l")),
    ])
    func oneKey(_ bytes: String, _ key: Key) {
        #expect(keys(bytes) == [key])
    }

    @Test func aSequenceMayBeCutAnywhere() {
        let input = Array("q\u{1b}[A日\u{1b}[<0;2;2M\u{1b}[200~x\u{1b}y\u{1b}[201~\u{1b}[6~".utf8)
        let expected: [Key] = [
            .character("q"), .up, .character("日"), .mouse(.press(row: 1, column: 1)), .paste("x\u{1b}y"), .pageDown,
        ]
        for cut in 0...input.count {
            var parser = KeyParser()
            let keys = parser.parse(Array(input[..<cut])) + parser.parse(Array(input[cut...]))
            #expect(keys == expected)
            #expect(!parser.isWaiting)
        }
    }

    @Test func escIsAKeyWhenNothingFollows() {
        var parser = KeyParser()
        let early = parser.parse([0x1b])
        #expect(early.isEmpty && parser.isWaiting)
        let late = parser.finish()
        #expect(late == [.escape])
        #expect(!parser.isWaiting)
    }

    @Test func twiceEscIsTwice() {
        var parser = KeyParser()
        let keys = parser.parse([0x1b, 0x1b]) + parser.finish()
        #expect(keys == [.escape, .escape])
    }

    @Test func whatIsNotKnownIsPassedOver() {
        #expect(keys("\u{1b}[24~a") == [.character("a")])
        #expect(keys("\u{1b}x") == [.escape, .character("x")])
        #expect(keys("\u{1b}[<0;2;2mc") == [.character("c")])
        var parser = KeyParser()
        let rest = parser.parse([0xff, 0xc3, 0x28, 0x00])
        #expect(rest == [.character("(")])
    }

    @Test func randomBytesNeverStayForEver() {
        var random = SeededGenerator()
        for _ in 0..<300 {
            var parser = KeyParser()
            for _ in 0..<20 {
                _ = parser.parse(
                    (0..<40).map { _ in Bool.random(using: &random) ? 0x1b : .random(in: 0...255, using: &random) }
                )
            }
            _ = parser.parse(Array("\u{1b}[201~".utf8))
            _ = parser.finish()
            #expect(!parser.isWaiting, random.note)
        }
    }
}
