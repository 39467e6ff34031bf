import GopmTerminal
import Testing

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("api", 3), ("naïve", 5), ("e\u{301}", 1), ("日本語", 6), ("ｆｕｌｌ", 8), ("한글", 4),
        ("\u{1112}\u{1161}\u{11ab}", 2), ("🚀", 2), ("👨\u{200d}👩\u{200d}👧", 2), ("🇩🇪", 2), ("👍🏽", 2), ("❤\u{fe0f}", 2),
        ("❤", 1), ("1\u{fe0f}\u{20e3}", 2), ("…", 1), ("│", 1), ("नि", 2), ("\u{20000}", 2), ("\u{303f}", 1), ("±°", 2),
    ])
    func columns(text: String, width: Int) {
        #expect(text.displayWidth == width)
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abcdef", 1, "…"), ("abcdef", 0, ""), ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"), ("🇩🇪🇫🇷x", 4, "🇩🇪…"), ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
    ])
    func truncation(text: String, width: Int, shown: String) {
        #expect(text.truncated(toWidth: width) == shown)
    }

    @Test func paddingFillsUpAndNeverCuts() {
        #expect("日本".padded(toWidth: 6) == "日本  ")
        #expect("api".padded(toWidth: 2) == "api")
    }

    @Test func wrappingKeepsEveryCharacter() {
        #expect("abcdefgh".wrapped(toWidth: 3) == ["abc", "def", "gh"])
        #expect("a日本語".wrapped(toWidth: 3) == ["a日", "本", "語"])
        #expect("日本".wrapped(toWidth: 1) == ["日", "本"])
        #expect("".wrapped(toWidth: 3) == [""])
    }
}
