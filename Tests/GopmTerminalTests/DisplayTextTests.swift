import GopmTerminal
import SeededRandom
import Testing

@Suite struct DisplayTextTests {
    @Test(arguments: [
        ("plain text", "plain text"),
        ("", ""),
        ("a\u{1b}[2Jb", "a\\x1b[2Jb"),
        ("line\nnext\r\tend", "line\\nnext\\r\\tend"),
        ("\u{0}\u{7}\u{7f}", "\\x00\\x07\\x7f"),
        ("\u{85}\u{9b}31m", "\\u{85}\\u{9b}31m"),
        ("exe\u{202e}gpj", "exe\\u{202e}gpj"),
        ("\u{2066}a\u{2069}", "\\u{2066}a\\u{2069}"),
        ("a\u{2028}b\u{2029}c", "a\\u{2028}b\\u{2029}c"),
        ("\u{feff}bom", "\\u{feff}bom"),
        ("so\u{ad}ft", "so\\u{ad}ft"),
        ("\u{3164}\u{115f}", "\\u{3164}\\u{115f}"),
        ("tag\u{e0041}", "tag\\u{e0041}"),
        ("back\\slash", "back\\slash"),
        ("naïve 日本語 🚀", "naïve 日本語 🚀"),
    ])
    func whatActsOrHidesIsSpelledOut(text: String, shown: String) {
        #expect(DisplayText.sanitized(text) == shown)
    }

    @Test(arguments: [
        "👨\u{200d}👩\u{200d}👧", "می\u{200c}خواهم", "❤\u{fe0f}\u{200d}🔥", "क\u{94d}\u{200d}ष", "1\u{fe0f}\u{20e3}",
    ])
    func joinersAndSelectorsPassWhereScriptsNeedThem(text: String) {
        #expect(DisplayText.sanitized(text) == text)
    }

    @Test(arguments: [
        ("a\u{200c}pi", "a\\u{200c}pi"),
        ("api\u{200d}", "api\\u{200d}"),
        ("\u{200d}é", "\\u{200d}é"),
        ("é\u{200d}\u{200d}é", "é\\u{200d}\\u{200d}é"),
        ("a\u{fe0f}", "a\\u{fe0f}"),
        ("🚀\u{fe0f}\u{fe0f}", "🚀\u{fe0f}\\u{fe0f}"),
    ])
    func hiddenJoinersAreSpelledOut(text: String, shown: String) {
        #expect(DisplayText.sanitized(text) == shown)
    }

    @Test(
        arguments: [
            ([0x61, 0xff, 0x62], "a\\xffb"),
            ([0xc3], "\\xc3"),
            ([0xc3, 0x28], "\\xc3("),
            ([0xe2, 0x82, 0x41], "\\xe2\\x82A"),
            ([0xc0, 0xaf], "\\xc0\\xaf"),
            ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"),
            ([0xf5, 0x80], "\\xf5\\x80"),
            ([0x9b, 0x32, 0x4a], "\\x9b2J"),
            ([0xe2, 0x82, 0xac], "€"),
        ] as [([UInt8], String)]
    )
    func bytesThatAreNoTextAreSpelledOut(bytes: [UInt8], shown: String) {
        #expect(DisplayText.sanitized(bytes: bytes) == shown)
    }

    @Test func noControlByteGetsThroughWhateverComes() {
        var random = SeededGenerator()
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let shown = DisplayText.sanitized(bytes: bytes)
            #expect(
                shown.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) },
                random.note
            )
            #expect(DisplayText.sanitized(shown) == shown, random.note)
        }
    }
}
