import GopmTerminal
import SeededRandom
import Testing

@Suite struct LogLineSanitizerTests {
    private func shown(_ pieces: [[UInt8]], _ destination: LogLineSanitizer.Destination = .terminal) -> [UInt8] {
        var sanitizer = LogLineSanitizer(destination)
        var output: [UInt8] = []
        for (index, piece) in pieces.enumerated() {
            piece.withUnsafeBytes { sanitizer.append($0, endsLine: index == pieces.count - 1, to: &output) }
        }
        return output
    }

    private func shown(_ line: String, _ destination: LogLineSanitizer.Destination = .terminal) -> String {
        String(decoding: shown([Array(line.utf8)], destination), as: UTF8.self)
    }

    @Test(arguments: [
        ("plain\ttext", "plain\ttext"),
        ("\u{1b}[31mred\u{1b}[0m", "\u{1b}[31mred\u{1b}[0m"),
        ("\u{1b}[1;31mred\u{1b}[m", "\u{1b}[1;31mred\u{1b}[m"),
        ("\u{1b}[31mleft on", "\u{1b}[31mleft on\u{1b}[0m"),
        ("\u{1b}[38;5;0mleft on", "\u{1b}[38;5;0mleft on\u{1b}[0m"),
        ("\u{1b}[38:2::1:2:3mon\u{1b}[0;0m", "\u{1b}[38:2::1:2:3mon\u{1b}[0;0m"),
        ("\u{1b}[2J\u{1b}[H", "\\x1b[2J\\x1b[H"),
        ("\u{1b}]0;title\u{7}", "\\x1b]0;title\\x07"),
        ("\u{1b}[?25l", "\\x1b[?25l"),
        ("\u{1b}[31", "\\x1b[31"),
        ("\u{1b}", "\\x1b"),
        ("\u{1b}[", "\\x1b["),
        ("\u{9b}31m", "\\u{9b}31m"),
        ("50%\r100%", "50%\\r100%"),
        ("crlf\r", "crlf"),
        ("nul\0nul", "nul\\x00nul"),
        ("日本\u{202e}語", "日本\\u{202e}語"),
    ])
    func terminalGetsColoursAndNothingElse(line: String, expected: String) {
        #expect(shown(line) == expected)
    }

    @Test func sequenceLongerThanAnyColourIsMadeVisible() {
        let line = "\u{1b}[" + String(repeating: "1;", count: 40) + "m"
        #expect(shown(line) == "\\x1b" + line.dropFirst())
    }

    @Test func monochromeTerminalGetsNoColours() {
        #expect(shown("\u{1b}[31mred\u{1b}[0m\u{1b}[K", .monochromeTerminal) == "red\\x1b[K")
    }

    @Test func pipeGetsEveryByte() {
        let all = (0...255).map { UInt8($0) }
        #expect(shown([all, all], .plain) == all + all)
    }

    @Test func nextLineStartsWithoutTheColourOfTheLast() {
        var sanitizer = LogLineSanitizer(.terminal)
        var output: [UInt8] = []
        for line in ["\u{1b}[31ma", "b"] {
            Array(line.utf8).withUnsafeBytes { sanitizer.append($0, endsLine: true, to: &output) }
        }
        #expect(String(decoding: output, as: UTF8.self) == "\u{1b}[31ma\u{1b}[0mb")
    }

    @Test func cutsBetweenPiecesLeaveNoTrace() {
        var random = SeededGenerator()
        let parts = [
            "text", "\u{1b}[1;31m", "\u{1b}[0m", "\u{1b}[2J", "日本", "👨\u{200d}👩", "می\u{200c}خ", "\r", "\u{fe0f}", "\t",
        ]
        for _ in 0..<2_000 {
            var line: [UInt8] = []
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                line +=
                    Bool.random(using: &random)
                    ? Array(parts.randomElement(using: &random)?.utf8 ?? "".utf8)
                    : [.random(in: 0...255, using: &random)]
            }
            var pieces: [[UInt8]] = []
            var rest = line[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...rest.count, using: &random)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            for destination in [LogLineSanitizer.Destination.terminal, .monochromeTerminal] {
                #expect(shown(pieces, destination) == shown([line], destination), random.note)
            }
        }
    }
}
