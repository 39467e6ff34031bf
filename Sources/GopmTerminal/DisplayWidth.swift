/// How many columns text takes on a terminal, and how it is made to fit.
///
/// Wide East Asian characters and emoji take two columns, combining marks none. Text is cut between what people see as
/// characters (grapheme clusters), never inside one. Meant for text that went through ``DisplayText``: controls count as
/// nothing here.
extension String {
    /// The columns this text takes.
    package var displayWidth: Int {
        if utf8.allSatisfy(DisplayText.isPrintableASCII) { return utf8.count }
        return reduce(0) { $0 + $1.displayWidth }
    }

    /// This text in at most `width` columns; a `…` stands for what was left out at its end.
    package func truncated(toWidth width: Int) -> String {
        guard displayWidth > width else { return self }
        guard width > 0 else { return "" }
        return self[...].prefix(ofWidth: width - 1) + "…"
    }

    /// This text followed by as many blanks as make it `width` columns wide; longer text stays as it is.
    package func padded(toWidth width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - displayWidth))
    }

    /// This text in lines of at most `width` columns, at least one line; put together they are the text again.
    ///
    /// A character wider than `width` gets a line of its own.
    package func wrapped(toWidth width: Int) -> [String] {
        guard displayWidth > width else { return [self] }
        var lines: [String] = []
        var rest = self[...]
        while !rest.isEmpty {
            let fitting = rest.prefix(ofWidth: width)
            let line = fitting.isEmpty ? rest.prefix(1) : fitting
            lines.append(String(line))
            rest = rest[line.endIndex...]
        }
        return lines
    }
}

extension Substring {
    fileprivate func prefix(ofWidth width: Int) -> Substring {
        var left = width
        return prefix { character in
            left -= character.displayWidth
            return left >= 0
        }
    }
}

extension Character {
    /// 0, 1 or 2 columns: the sum of the scalars as `wcwidth(3)` counts them, at most 2, since a flag or a family is one
    /// picture to a terminal; a selector U+FE0F asks for the picture.
    var displayWidth: Int {
        if let ascii = asciiValue { return DisplayText.isPrintableASCII(ascii) ? 1 : 0 }
        var width = 0
        for scalar in unicodeScalars where width < 2 {
            width = scalar.value == 0xfe0f && width == 1 ? 2 : width + scalar.displayWidth
        }
        return min(width, 2)
    }
}

extension Unicode.Scalar {
    fileprivate var displayWidth: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator: return 0
        default: break
        }
        if isJoiningJamo { return 0 }
        return properties.isEmojiPresentation || isWideEastAsian ? 2 : 1
    }

    /// The vowels and final consonants that merge with a leading one into a Hangul syllable of two columns.
    private var isJoiningJamo: Bool {
        (0x1160...0x11ff).contains(value) || (0xd7b0...0xd7ff).contains(value)
    }

    private var isWideEastAsian: Bool {
        guard value >= 0x1100 else { return false }
        return Self.wideEastAsian.contains { $0.contains(value) }
    }

    /// East_Asian_Width W and F (Unicode 16, EastAsianWidth.txt) without the emoji, which the standard library knows;
    /// gaps that are not assigned are bridged.
    private static let wideEastAsian: [ClosedRange<UInt32>] = [
        0x3041...0x3247, 0x3250...0xa4cf, 0xac00...0xd7a3, 0xff01...0xff60, 0xffe0...0xffe6, 0x2e80...0x303e,
        0x1100...0x115f, 0xa960...0xa97f, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f,
        0x2329...0x232a, 0x2630...0x2637, 0x268a...0x268f,
        0x16fe0...0x18dff, 0x1aff0...0x1b2ff, 0x1d300...0x1d376, 0x1f200...0x1f265, 0x20000...0x3fffd,
    ]
}
