/// Text from outside (names, arguments, environments, error texts, log lines), made safe to show on a terminal.
///
/// A terminal obeys what it is sent: an escape sequence in a process name can move the cursor, retitle the window or
/// answer a question for the user, and a bidirectional override can show `gpj.exe` where `exe.jpg` is meant. So what
/// acts, or cannot be seen, is spelled out:
///
/// | found | shown as |
/// |---|---|
/// | newline, carriage return, tab | `\n` `\r` `\t` |
/// | other C0 controls, ESC, DEL | `\x1b` |
/// | C1 controls, bidi and other format characters, line separators, invisible fillers | `\u{202e}` |
/// | bytes that are not UTF-8 | `\xff` |
///
/// The result is for eyes: a backslash in the input stays as it is, so it cannot be turned back.
package enum DisplayText {
    /// `text` with everything that acts on a terminal made visible; the same string when there is nothing of the kind.
    package static func sanitized(_ text: String) -> String {
        var text = text
        return text.withUTF8 { utf8 -> String? in
            let bytes = UnsafeRawBufferPointer(utf8)
            return bytes.allSatisfy(isPrintableASCII) ? nil : sanitized(bytes: bytes)
        } ?? text
    }

    /// As for a string, for bytes that may be anything (`/proc/PID/cmdline`, file names).
    package static func sanitized(bytes: UnsafeRawBufferPointer) -> String {
        var shown: [UInt8] = []
        shown.reserveCapacity(bytes.count + 16)
        var previous: Unicode.Scalar?
        var index = 0
        while index < bytes.count {
            index += appendVisibly(at: index, of: bytes, after: &previous, to: &shown)
        }
        return String(decoding: shown, as: UTF8.self)
    }

    /// As for a string, for bytes in an array.
    package static func sanitized(bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { sanitized(bytes: $0) }
    }

    /// Appends what is at `index` of `bytes`, as it is or spelled out, and returns how many bytes that were (1...4).
    ///
    /// `previous` is the scalar before it, nil at the start and after a byte that is none.
    static func appendVisibly(
        at index: Int,
        of bytes: UnsafeRawBufferPointer,
        after previous: inout Unicode.Scalar?,
        to output: inout [UInt8]
    ) -> Int {
        if isPrintableASCII(bytes[index]) {
            previous = Unicode.Scalar(bytes[index])
            output.append(bytes[index])
            return 1
        }
        switch UTF8Scan.step(at: index, in: bytes) {
        case .scalar(let scalar, let length):
            if needsEscape(scalar, after: previous, before: { nextScalar(at: index + length, in: bytes) }) {
                appendEscape(of: scalar, to: &output)
            } else {
                output.append(contentsOf: bytes[index..<index + length])
            }
            previous = scalar
            return length
        case .invalid(let length):
            for byte in bytes[index..<index + length] {
                appendHexEscape(of: byte, to: &output)
            }
            previous = nil
            return length
        }
    }

    @inline(__always)
    static func isPrintableASCII(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7f
    }

    private static func nextScalar(at index: Int, in bytes: UnsafeRawBufferPointer) -> Unicode.Scalar? {
        guard index < bytes.count, case .scalar(let scalar, _) = UTF8Scan.step(at: index, in: bytes) else { return nil }
        return scalar
    }
}

// MARK: - Which scalars, and how they are spelled

extension DisplayText {
    private static let zeroWidthNonJoiner: Unicode.Scalar = "\u{200c}"
    private static let zeroWidthJoiner: Unicode.Scalar = "\u{200d}"

    /// Whether a scalar acts on the terminal or cannot be seen.
    ///
    /// Joiners and variation selectors cannot be seen either, but pass where scripts and emoji need them: a joiner
    /// between two visible scalars beyond ASCII (Persian, Hindi, family emoji), a selector of text or emoji style right
    /// after an emoji. In `a\u{200c}pi` they are spelled out.
    private static func needsEscape(
        _ scalar: Unicode.Scalar,
        after previous: Unicode.Scalar?,
        before next: () -> Unicode.Scalar?
    ) -> Bool {
        guard acts(scalar) else { return false }
        switch scalar {
        case zeroWidthNonJoiner, zeroWidthJoiner:
            guard let previous, let next = next(), !previous.isASCII, !next.isASCII else { return true }
            return acts(next) || (acts(previous) && !isStyleSelector(previous))
        case _ where isStyleSelector(scalar):
            return previous?.properties.isEmoji != true
        default:
            return true
        }
    }

    private static func acts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// U+FE0E and U+FE0F: show the emoji before it as text, or in colour.
    private static func isStyleSelector(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value == 0xfe0e || scalar.value == 0xfe0f
    }

    private static func appendEscape(of scalar: Unicode.Scalar, to output: inout [UInt8]) {
        switch scalar {
        case "\n": output.append(contentsOf: "\\n".utf8)
        case "\r": output.append(contentsOf: "\\r".utf8)
        case "\t": output.append(contentsOf: "\\t".utf8)
        case _ where scalar.isASCII: appendHexEscape(of: UInt8(scalar.value), to: &output)
        default: output.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".utf8)
        }
    }

    private static func appendHexEscape(of byte: UInt8, to output: inout [UInt8]) {
        let digits: StaticString = "0123456789abcdef"
        let base = digits.utf8Start
        output.append(contentsOf: [0x5c, 0x78, base[Int(byte >> 4)], base[Int(byte & 0xf)]])
    }
}
