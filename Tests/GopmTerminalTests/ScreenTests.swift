import GopmTerminal
import SeededRandom
import Testing

@Suite struct ScreenTests {
    private func screen(_ rows: [String], columns: Int = 12) -> Screen {
        var screen = Screen(.init(columns: columns, rows: rows.count))
        for (row, text) in rows.enumerated() { screen.put(text, row: row, column: 0) }
        return screen
    }

    private func update(_ before: [String]?, _ after: [String]) -> String {
        String(decoding: screen(after).update(from: before.map { screen($0) }, colour: true), as: UTF8.self)
    }

    @Test func nothingIsWrittenWhenNothingDiffers() {
        #expect(update(["one", "two"], ["one", "two"]).isEmpty)
    }

    @Test func onlyWhatDiffersIsWritten() {
        #expect(update(["abcdefghijkl", "two"], ["abcdeXghijkl", "two"]) == "\u{1b}[1;6HXghij")
        #expect(update(["ab", "two"], ["ab", "twenty"]) == "\u{1b}[2;3Henty")
        #expect(update(["abcdef", "x"], ["ab", "x"]) == "\u{1b}[1;3H\u{1b}[K")
    }

    @Test func theFirstTimeAllIsWritten() {
        #expect(update(nil, ["ab", ""]) == "\u{1b}[0m\u{1b}[2J\u{1b}[1;1Hab")
    }

    @Test func wideCharactersTakeTwoCellsAndAreNeverHalf() {
        var one = screen(["日本"])
        #expect(one.text(0) == "日本")
        one.put("x", row: 0, column: 1)
        #expect(one.text(0) == " x本")
        one.put("語", row: 0, column: 1)
        #expect(one.text(0) == " 語")
        #expect(screen(["abcdefghijk日"]).text(0) == "abcdefghijk")
        // After one the cursor is put where it must be, whatever the terminal thinks of its width.
        #expect(update([""], ["日x"]) == "\u{1b}[1;1H日\u{1b}[1;3Hx")
    }

    @Test func combiningMarksStayWithTheirLetter() {
        #expect(screen(["e\u{301}x"]).text(0) == "e\u{301}x")
        #expect(screen(["e\u{301}x"])[0, 1].character == "x")
        #expect(screen(["\u{301}\u{7}\nx"]).text(0) == "x")
    }

    @Test func textOutsideIsCutOff() {
        var one = Screen(.init(columns: 3, rows: 1))
        one.put("abcdef", row: 0, column: -2)
        one.put("no", row: 1, column: 0)
        one.put("no", row: -1, column: 0)
        #expect(one.text(0) == "cde")
    }

    @Test func frameWithTitle() {
        var one = Screen(.init(columns: 14, rows: 3))
        one.frame(one.area, title: "Processes and more")
        #expect((0..<3).map { one.text($0) } == ["┌─ Process… ─┐", "│            │", "└────────────┘"])
    }

    @Test func stylesAreSwitchedOnAndOff() {
        var one = Screen(.init(columns: 8, rows: 1))
        one.put("ab", row: 0, column: 0, .red)
        one.put("c", row: 0, column: 2)
        let lines = String(decoding: one.lines(colour: true), as: UTF8.self)
        #expect(lines == "\u{1b}[31mab\u{1b}[0mc\n")
        #expect(String(decoding: one.lines(colour: false), as: UTF8.self) == "abc\n")
        let bytes = String(decoding: one.update(from: Screen(one.size), colour: false), as: UTF8.self)
        #expect(bytes == "\u{1b}[1;1Habc")
    }

    /// Seeded random screens: what a terminal shows after the update is the new screen.
    @Test func anUpdateMakesTheNewScreen() {
        var random = SeededGenerator()
        let pieces = ["a", "bc", "日", "é", "🙂", "─", "e\u{301}", " ", "   "]
        let size = Terminal.Size(columns: 17, rows: 4)
        func randomScreen() -> Screen {
            var screen = Screen(size)
            for row in 0..<size.rows where Int.random(in: 0..<3, using: &random) > 0 {
                var column = Int.random(in: 0..<17, using: &random)
                for _ in 0..<Int.random(in: 0..<12, using: &random) {
                    let style: Style = Int.random(in: 0..<3, using: &random) == 0 ? .red : .plain
                    column = screen.put(
                        pieces[Int.random(in: 0..<pieces.count, using: &random)],
                        row: row,
                        column: column,
                        style
                    )
                }
            }
            return screen
        }
        var before = randomScreen()
        for _ in 0..<300 {
            let after = randomScreen()
            var terminal = SmallTerminal(before)
            terminal.write(after.update(from: before, colour: true))
            #expect(terminal.screen == after, random.note)
            before = after
        }
    }
}

/// As much of a terminal as ``Screen/update(from:colour:)`` writes to.
private struct SmallTerminal {
    var screen: Screen
    private var row = 0
    private var column = 0
    private var style = Style.plain

    init(_ screen: Screen) {
        self.screen = screen
    }

    mutating func write(_ bytes: [UInt8]) {
        var rest = Array(String(decoding: bytes, as: UTF8.self))[...]
        while let character = rest.popFirst() {
            guard character == "\u{1b}" else {
                column = screen.put(String(character), row: row, column: column, style)
                continue
            }
            let sequence = rest.prefix { !$0.isLetter }.dropFirst()
            rest = rest.dropFirst(sequence.count + 1)
            let numbers = String(sequence).split(separator: ";").map { Int($0) ?? 0 }
            switch rest.popFirst() {
            case "H": (row, column) = (numbers[0] - 1, numbers[1] - 1)
            case "K": for place in column..<screen.size.columns { screen.set(row, place, .blank) }
            case "m": style = numbers == [31] ? .red : .plain
            default: Issue.record("an unknown sequence")
            }
        }
    }
}
