/// Makes keys of the bytes of a terminal, however they are cut.
///
/// Understood are the sequences of xterm and the Linux console, SGR mouse reports and bracketed paste (xterm's ctlseqs);
/// what is not known is passed over, and no input makes it hold more than a bounded number of bytes.
package struct KeyParser: Sendable {
    /// A key that begins as a sequence does is the Esc key when nothing follows for so long.
    package static let escapeTimeout: Int64 = 30
    private static let longestSequence = 64
    private static let longestPaste = 1 << 20

    private var bytes: [UInt8] = []

    package init() {}

    /// Whether bytes wait for what may follow: after ``escapeTimeout`` call ``finish()``.
    package var isWaiting: Bool { !bytes.isEmpty }

    package mutating func parse(_ input: [UInt8]) -> [Key] {
        bytes += input
        return takeAll(isFinal: false)
    }

    /// Nothing followed: what waits are keys by themselves.
    package mutating func finish() -> [Key] {
        takeAll(isFinal: true)
    }

    private mutating func takeAll(isFinal: Bool) -> [Key] {
        var keys: [Key] = []
        var index = 0
        loop: while index < bytes.count {
            switch step(at: index, isFinal: isFinal) {
            case .key(let key, let length):
                keys.append(key)
                index += length
            case .nothing(let length):
                index += length
            case .needsMore:
                break loop
            }
        }
        bytes.removeFirst(index)
        return keys
    }

    private enum Step {
        case key(Key, length: Int)
        case nothing(length: Int)
        case needsMore
    }

    private func step(at index: Int, isFinal: Bool) -> Step {
        switch bytes[index] {
        case 0x1b: return escape(at: index, isFinal: isFinal)
        case 0x0d, 0x0a: return .key(.enter, length: 1)
        case 0x09: return .key(.tab, length: 1)
        case 0x7f, 0x08: return .key(.backspace, length: 1)
        case 0x01...0x1a: return .key(.control(Character(Unicode.Scalar(bytes[index] + 0x60))), length: 1)
        case 0x00...0x1f: return .nothing(length: 1)
        default: return scalar(at: index, isFinal: isFinal)
        }
    }

    private func scalar(at index: Int, isFinal: Bool) -> Step {
        let rest = bytes[index...]
        let lead = bytes[index]
        let length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
        if length == 0 { return .nothing(length: 1) }
        if rest.count < length {
            let isOpen = rest.dropFirst().allSatisfy { $0 & 0xc0 == 0x80 }
            return isOpen && !isFinal ? .needsMore : .nothing(length: 1)
        }
        guard let text = String(validating: rest.prefix(length), as: UTF8.self), let character = text.first else {
            return .nothing(length: 1)
        }
        return .key(.character(character), length: length)
    }

    private func escape(at index: Int, isFinal: Bool) -> Step {
        guard index + 1 < bytes.count else { return isFinal ? .key(.escape, length: 1) : .needsMore }
        switch bytes[index + 1] {
        case UInt8(ascii: "["): return controlSequence(at: index, isFinal: isFinal)
        case UInt8(ascii: "O"):
            guard index + 2 < bytes.count else { return isFinal ? .nothing(length: 2) : .needsMore }
            return named(bytes[index + 2], length: 3)
        // Alt and a key comes as Esc and the key, which are told apart by time only; nothing here is bound to Alt.
        default: return .key(.escape, length: 1)
        }
    }

    private func controlSequence(at index: Int, isFinal: Bool) -> Step {
        let start = index + 2
        guard let end = bytes[start...].prefix(Self.longestSequence).firstIndex(where: { (0x40...0x7e).contains($0) })
        else {
            let isLost = isFinal || bytes.count - start >= Self.longestSequence
            return isLost ? .nothing(length: bytes.count - index) : .needsMore
        }
        let length = end + 1 - index
        let parameters = bytes[start..<end]
        if parameters.first == UInt8(ascii: "<") {
            return mouse(numbers(parameters.dropFirst()), isRelease: bytes[end] == UInt8(ascii: "m"), length: length)
        }
        guard bytes[end] == UInt8(ascii: "~") else { return named(bytes[end], length: length) }
        switch numbers(parameters).first {
        case 1, 7: return .key(.home, length: length)
        case 3: return .key(.delete, length: length)
        case 4, 8: return .key(.end, length: length)
        case 5: return .key(.pageUp, length: length)
        case 6: return .key(.pageDown, length: length)
        case 200: return paste(at: index, textAt: end + 1, isFinal: isFinal)
        default: return .nothing(length: length)
        }
    }

    private func named(_ final: UInt8, length: Int) -> Step {
        switch final {
        case UInt8(ascii: "A"): .key(.up, length: length)
        case UInt8(ascii: "B"): .key(.down, length: length)
        case UInt8(ascii: "C"): .key(.right, length: length)
        case UInt8(ascii: "D"): .key(.left, length: length)
        case UInt8(ascii: "H"): .key(.home, length: length)
        case UInt8(ascii: "F"): .key(.end, length: length)
        case UInt8(ascii: "Z"): .key(.backTab, length: length)
        case UInt8(ascii: "M"): .key(.enter, length: length)
        default: .nothing(length: length)
        }
    }

    private func numbers(_ text: ArraySlice<UInt8>) -> [Int] {
        text.split(separator: UInt8(ascii: ";")).map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
    }

    private func mouse(_ numbers: [Int], isRelease: Bool, length: Int) -> Step {
        guard numbers.count == 3, !isRelease else { return .nothing(length: length) }
        let (row, column) = (numbers[2] - 1, numbers[1] - 1)
        // Bits 4, 8 and 16 are Shift, Alt and Ctrl.
        switch numbers[0] & ~0x1c {
        case 0: return .key(.mouse(.press(row: row, column: column)), length: length)
        case 64: return .key(.mouse(.wheelUp(row: row, column: column)), length: length)
        case 65: return .key(.mouse(.wheelDown(row: row, column: column)), length: length)
        default: return .nothing(length: length)
        }
    }

    /// Text up to `ESC [ 201 ~`; without that end, all there is.
    private func paste(at index: Int, textAt start: Int, isFinal: Bool) -> Step {
        let mark = Array("\u{1b}[201~".utf8)
        var place = start
        while let escape = bytes[place...].firstIndex(of: 0x1b) {
            if bytes[escape...].starts(with: mark) {
                let text = String(decoding: bytes[start..<escape], as: UTF8.self)
                return .key(.paste(text), length: escape + mark.count - index)
            }
            place = escape + 1
        }
        // A paste comes in as many pieces as it likes; only its size ends it early.
        guard bytes.count - start > Self.longestPaste else { return .needsMore }
        return .key(.paste(String(decoding: bytes[start...], as: UTF8.self)), length: bytes.count - index)
    }
}
