import GopmTerminal
import Testing

@Suite struct StyledLineTests {
    private func line(_ text: String) -> StyledLine {
        StyledLine(terminalText: Array(text.utf8))
    }

    @Test func coloursBecomeStyles() {
        var expected = StyledLine("a")
        expected.append("b", Style(.red, isBold: true))
        expected.append("c", Style(.red))
        expected.append("d")
        #expect(line("a\u{1b}[1;31mb\u{1b}[22mc\u{1b}[md") == expected)
    }

    @Test func otherColoursAreLeftOutWithTheirNumbers() {
        #expect(line("\u{1b}[38;5;31mx") == StyledLine("x"))
        #expect(line("\u{1b}[38;2;31;32;33;1mx") == StyledLine("x", .bold))
        #expect(line("\u{1b}[48;5;31;7mx") == StyledLine("x", .reversed))
        #expect(line("\u{1b}[38m\u{1b}[38;5m\u{1b}[48;2;1mx") == StyledLine("x"))
    }

    @Test func tabsGoToTheNextStop() {
        #expect(line("a\tb").text == "a       b")
        #expect(line("日本\u{1b}[31m\tb").text == "日本    b")
        #expect(line("12345678\tb").text == "12345678        b")
    }
}
