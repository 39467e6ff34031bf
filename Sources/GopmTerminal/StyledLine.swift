/// One line of text in pieces of one style each.
package struct StyledLine: Sendable, Hashable {
    package struct Span: Sendable, Hashable {
        package var text: String
        package var style: Style
    }

    package private(set) var spans: [Span] = []

    package init() {}

    package init(_ text: String, _ style: Style = .plain) {
        spans = [Span(text: text, style: style)]
    }

    package var text: String { spans.map(\.text).joined() }
    package var displayWidth: Int { spans.reduce(0) { $0 + $1.text.displayWidth } }

    package mutating func append(_ text: String, _ style: Style = .plain) {
        if let last = spans.indices.last, spans[last].style == style {
            spans[last].text += text
        } else if !text.isEmpty {
            spans.append(Span(text: text, style: style))
        }
    }

    /// The line without what is in its first columns; half a wide character becomes a blank.
    package func dropping(columns: Int) -> StyledLine {
        var line = StyledLine()
        var left = columns
        for span in spans {
            let kept = span.text.drop { character in
                guard left > 0 else { return false }
                left -= character.displayWidth
                return true
            }
            if left < 0, line.spans.isEmpty {
                line.append(" ", span.style)
                left = 0
            }
            line.append(String(kept), span.style)
        }
        return line
    }

    /// Makes a line of bytes that a ``LogLineSanitizer`` or a ``Table`` let through: SGR sequences become styles, tabs
    /// the blanks up to the next multiple of eight.
    ///
    /// Colours beyond the 16 and grounds are left out.
    package init(terminalText bytes: [UInt8]) {
        var style = Style.plain
        var column = 0
        var start = 0
        var index = 0
        func piece(_ end: Int) -> String { String(decoding: bytes[start..<end], as: UTF8.self) }
        while index < bytes.count {
            if bytes[index] == 0x09 {
                let text = piece(index)
                column += text.displayWidth
                let blanks = 8 - column % 8
                append(text + String(repeating: " ", count: blanks), style)
                column += blanks
                index += 1
                start = index
            } else if bytes[index] == 0x1b, let end = bytes[index...].firstIndex(of: UInt8(ascii: "m")) {
                let text = piece(index)
                column += text.displayWidth
                append(text, style)
                style = style.applying(sgr: bytes[(index + 2)..<max(index + 2, end)])
                index = end + 1
                start = index
            } else {
                index += 1
            }
        }
        append(piece(bytes.count), style)
    }
}

extension Style {
    /// This style after the parameters of an SGR sequence (ECMA-48 8.3.117).
    fileprivate func applying(sgr parameters: ArraySlice<UInt8>) -> Style {
        var codes = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }[...]
        var (colour, isBold, isDim, isReversed) = (colour, isBold, isDim, isReversed)
        while let code = codes.popFirst() {
            switch code {
            case 0: (colour, isBold, isDim, isReversed) = (nil, false, false, false)
            case 1: isBold = true
            case 2: isDim = true
            case 7: isReversed = true
            case 22: (isBold, isDim) = (false, false)
            case 27: isReversed = false
            case 39: colour = nil
            // `38;5;n`, `38;2;r;g;b` and the same for grounds.
            case 38, 48: codes = codes.dropFirst(codes.first == 5 ? 2 : 4)
            default: colour = Colour(rawValue: code) ?? colour
            }
        }
        return Style(colour, isBold: isBold, isDim: isDim, isReversed: isReversed)
    }
}
