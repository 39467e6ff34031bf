/// How a piece of text looks: one of the 16 ANSI colours, so that it follows the user's own palette, and weight.
package struct Style: Sendable, Hashable {
    /// The 16 ANSI colours; the raw value is the SGR parameter (ECMA-48 8.3.117, and 90-97 of aixterm).
    package enum Colour: Int, Sendable, CaseIterable {
        case black = 30
        case red
        case green
        case yellow
        case blue
        case magenta
        case cyan
        case white
        case brightBlack = 90
        case brightRed
        case brightGreen
        case brightYellow
        case brightBlue
        case brightMagenta
        case brightCyan
        case brightWhite
    }

    /// The sequence that ends every style.
    package static let reset = "\u{1b}[0m"

    package static let bold = Style(isBold: true)
    package static let plain = Style()
    package static let dim = Style(isDim: true)
    package static let reversed = Style(isReversed: true)
    package static let red = Style(.red)
    package static let green = Style(.green)
    package static let yellow = Style(.yellow)
    package static let cyan = Style(.cyan)

    package let colour: Colour?
    package let isBold: Bool
    let isDim: Bool
    /// Letters and ground change places.
    package let isReversed: Bool

    package init(_ colour: Colour? = nil, isBold: Bool = false, isDim: Bool = false, isReversed: Bool = false) {
        self.colour = colour
        self.isBold = isBold
        self.isDim = isDim
        self.isReversed = isReversed
    }

    /// The sequence that switches this style on; empty when it changes nothing.
    package var sequence: String {
        let parameters = [isBold ? 1 : nil, isDim ? 2 : nil, isReversed ? 7 : nil, colour?.rawValue].compactMap { $0 }
        return parameters.isEmpty ? "" : "\u{1b}[" + parameters.map(String.init).joined(separator: ";") + "m"
    }

    /// `text` in this style when `colour` is wanted, else as it is.
    ///
    /// `text` is not checked: see ``DisplayText``.
    package func applied(to text: String, colour: Bool) -> String {
        guard colour else { return text }
        let sequence = sequence
        return sequence.isEmpty ? text : sequence + text + Self.reset
    }

    /// Weight and reversal stay where no colours are wanted: full-screen programs show with them what is selected.
    var withoutColour: Style { Style(isBold: isBold, isDim: isDim, isReversed: isReversed) }

    package var reversed: Style { Style(colour, isBold: isBold, isDim: isDim, isReversed: true) }
}
