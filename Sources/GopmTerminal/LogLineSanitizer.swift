/// Makes the bytes of log lines safe for where they go, piece by piece; a line may come in any number of pieces.
///
/// What a cut between two pieces could split (a UTF-8 sequence, a colour sequence) is kept back, at most 64 bytes, until
/// the next piece comes.
package struct LogLineSanitizer {
    /// Where the lines go.
    package enum Destination: Sendable, Hashable {
        /// A pipe or a file: every byte as it is.
        case plain
        /// A terminal that shows colours: SGR sequences (`ESC [ 31;1 m`) and tabs pass, all else that acts on a terminal
        /// is made visible, and a line that leaves a colour on is followed by a reset.
        case terminal
        /// A terminal that shows none (`NO_COLOR`, `TERM=dumb`): as `terminal`, with the SGR sequences left out.
        case monochromeTerminal

        /// What `descriptor` calls for.
        package init(descriptor: Int32) {
            if !Terminal.isTerminal(descriptor) {
                self = .plain
            } else {
                self = Terminal.wantsColour(descriptor) ? .terminal : .monochromeTerminal
            }
        }
    }

    private static let escape: UInt8 = 0x1b
    private static let tab: UInt8 = 0x09
    private static let carriageReturn: UInt8 = 0x0d
    /// The longest colour sequence that is looked for.
    ///
    /// `ESC[38;2;255;255;255;48;2;255;255;255;1;3;4m` has 42 bytes.
    private static let longestSequence = 64
    /// A joiner (3 bytes) is judged by the scalar after it (up to 4).
    private static let scalarLookahead = 8

    package let destination: Destination
    private var heldBack: [UInt8] = []
    private var previous: Unicode.Scalar?
    private var leftColourOn = false

    package init(_ destination: Destination) {
        self.destination = destination
    }

    /// Appends a piece of a line, without its newline.
    ///
    /// `endsLine` says that the line is complete with it.
    ///
    /// On a terminal a carriage return at the very end of a line (from a CRLF file) is left out.
    package mutating func append(_ piece: UnsafeRawBufferPointer, endsLine: Bool, to output: inout [UInt8]) {
        if destination == .plain {
            output.append(contentsOf: piece)
        } else if heldBack.isEmpty {
            appendSafely(piece, endsLine: endsLine, to: &output)
        } else {
            let joined = heldBack + piece
            heldBack.removeAll(keepingCapacity: true)
            joined.withUnsafeBytes { appendSafely($0, endsLine: endsLine, to: &output) }
        }
    }

    private mutating func appendSafely(_ piece: UnsafeRawBufferPointer, endsLine: Bool, to output: inout [UInt8]) {
        var index = 0
        while index < piece.count {
            let clean = endOfCleanRun(in: piece, from: index)
            if clean > index {
                output.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece[index..<clean]))
                previous = Unicode.Scalar(piece[clean - 1])
                index = clean
                continue
            }
            let left = piece.count - index
            if !endsLine, left < (piece[index] == Self.escape ? Self.longestSequence : Self.scalarLookahead) {
                heldBack.append(contentsOf: piece[index...])
                return
            }
            if let length = lengthOfColourSequence(in: piece, at: index) {
                passColour(UnsafeRawBufferPointer(rebasing: piece[index..<index + length]), to: &output)
                index += length
            } else if endsLine, left == 1, piece[index] == Self.carriageReturn {
                index += 1
            } else {
                index += DisplayText.appendVisibly(at: index, of: piece, after: &previous, to: &output)
            }
        }
        if endsLine {
            if leftColourOn { output.append(contentsOf: Style.reset.utf8) }
            leftColourOn = false
            previous = nil
        }
    }

    private func endOfCleanRun(in piece: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index < piece.count, DisplayText.isPrintableASCII(piece[index]) || piece[index] == Self.tab {
            index += 1
        }
        return index
    }

    /// The length of a sequence `ESC [ parameters m` at `index`, nil if there is none.
    ///
    /// Parameters are digits, `;` and the `:` of ITU T.416 colours.
    private func lengthOfColourSequence(in piece: UnsafeRawBufferPointer, at index: Int) -> Int? {
        guard piece[index] == Self.escape, index + 1 < piece.count, piece[index + 1] == UInt8(ascii: "[") else {
            return nil
        }
        for position in (index + 2)..<max(index + 2, min(piece.count, index + Self.longestSequence)) {
            switch piece[position] {
            case UInt8(ascii: "0")...UInt8(ascii: ";"): continue
            case UInt8(ascii: "m"): return position + 1 - index
            default: return nil
            }
        }
        return nil
    }

    private mutating func passColour(_ sequence: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        guard destination == .terminal else { return }
        output.append(contentsOf: sequence)
        // `ESC[m`, `ESC[0m`, `ESC[0;0m`. Any other may leave something on; a reset too many does no harm.
        leftColourOn = !sequence.dropFirst(2).dropLast().allSatisfy {
            $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: ";")
        }
    }
}
