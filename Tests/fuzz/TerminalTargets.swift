import GopmTerminal

enum TerminalTargets {
    /// No byte that acts on a terminal comes out, in whatever pieces a line comes in.
    static func text(_ bytes: [UInt8]) {
        let shown = DisplayText.sanitized(bytes: bytes)
        precondition(isHarmless(shown), "a control character is shown")
        precondition(DisplayText.sanitized(shown) == shown, "not clean at once")
        precondition(shown.truncated(toWidth: 20).displayWidth <= 20, "wider than wanted")
        precondition(shown.wrapped(toWidth: 20).joined() == shown, "text is lost by wrapping")
        var choices = Choices(bytes)
        let piece = 1 + choices.number(below: 80)
        let line = choices.bytes.filter { $0 != 0x0a }
        for destination in [LogLineSanitizer.Destination.plain, .terminal, .monochromeTerminal] {
            let whole = lines(line, piece: max(line.count, 1), destination)
            precondition(whole == lines(line, piece: piece, destination), "a line depends on how it comes")
            if destination == .plain { precondition(whole == line) } else { check(whole, destination) }
        }
    }

    private static func lines(_ line: [UInt8], piece: Int, _ destination: LogLineSanitizer.Destination) -> [UInt8] {
        var sanitizer = LogLineSanitizer(destination)
        var output: [UInt8] = []
        for start in stride(from: 0, to: max(line.count, 1), by: piece) {
            let end = min(start + piece, line.count)
            line[start..<end].withUnsafeBytes { sanitizer.append($0, endsLine: end == line.count, to: &output) }
        }
        return output
    }

    /// Tabs pass, and where there are colours those.
    private static func check(_ shown: [UInt8], _ destination: LogLineSanitizer.Destination) {
        var rest = shown[...]
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == 0x1b, destination == .terminal {
                precondition(rest.popFirst() == UInt8(ascii: "["))
                let end = rest.firstIndex { !("0"..."9" ~= Character(Unicode.Scalar($0)) || $0 == 0x3a || $0 == 0x3b) }
                guard let end, rest[end] == UInt8(ascii: "m") else { fatalError("more than a colour") }
                rest = rest[(end + 1)...]
            } else if byte != 0x09 {
                text.append(byte)
            }
        }
        guard let text = String(validating: text, as: UTF8.self) else { fatalError("not UTF-8") }
        precondition(isHarmless(text), "a control character is shown")
    }

    private static func isHarmless(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            let bidi = (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
            return scalar.properties.generalCategory != .control && !bidi && scalar.value != 0x2028
        }
    }

    /// The same keys in whatever pieces the bytes come; nothing stays behind, and what is typed is no control.
    static func keys(_ bytes: [UInt8]) {
        var choices = Choices(bytes)
        let piece = 1 + choices.number(below: 8)
        let input = Array(choices.bytes.prefix(60))
        let whole = keys(input, piece: 60)
        precondition(whole == keys(input, piece: piece), "keys depend on how they come")
        for case .character(let character) in whole {
            precondition(character.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f })
        }
    }

    private static func keys(_ input: [UInt8], piece: Int) -> [Key] {
        var parser = KeyParser()
        var keys: [Key] = []
        for start in stride(from: 0, to: input.count, by: piece) {
            keys += parser.parse(Array(input[start..<min(start + piece, input.count)]))
        }
        return keys + parser.finish()
    }
}
