extension JSONScanner {
    /// A string that was checked in full but not decoded.
    struct StringToken {
        /// The bytes between the quotes.
        let range: Range<Int>
        let hasEscapes: Bool
    }

    /// Consumes the string under the cursor after checking its escapes and its UTF-8.
    mutating func string() throws(JSONError) -> StringToken {
        let start = offset + 1
        var index = start
        var hasEscapes = false
        while true {
            index = bytes.endOfUnescapedASCIIRun(from: index)
            guard index < bytes.count else { throw fault(.unexpectedEnd, at: offset, "this string has no end") }
            switch bytes[index] {
            case ASCII.quote:
                advance(to: index + 1)
                return StringToken(range: start..<index, hasEscapes: hasEscapes)
            case ASCII.backslash:
                hasEscapes = true
                index += try lengthOfEscape(at: index)
            case 0x80...:
                let length = bytes.lengthOfUTF8Scalar(at: index)
                guard length > 0 else {
                    let byte = hexadecimal(bytes[index], digits: 2)
                    throw fault(.invalidUTF8, at: index, "byte 0x\(byte) in a string is not valid UTF-8")
                }
                index += length
            case ASCII.newline:
                throw fault(.controlCharacter, at: index, "a string ends with its line; write \\n for a line end")
            case let byte:
                let code = hexadecimal(byte, digits: 4)
                throw fault(.controlCharacter, at: index, "a control character in a string; write \\u\(code)")
            }
        }
    }

    /// The text of a string that `string()` consumed.
    func text(of token: StringToken) -> String {
        let source = UnsafeBufferPointer(rebasing: bytes[token.range])
        guard token.hasEscapes else { return String(decoding: source, as: UTF8.self) }
        // An escape never stands for more bytes than it takes: 6 for at most 3, 12 for 4.
        return String(unsafeUninitializedCapacity: source.count) { target in source.unescape(into: target) }
    }

    private func lengthOfEscape(at start: Int) throws(JSONError) -> Int {
        guard start + 1 < bytes.count else { throw fault(.unexpectedEnd, at: offset, "this string has no end") }
        if simpleEscape(bytes[start + 1]) != nil { return 2 }
        if let escape = bytes.escapedScalar(at: start) { return escape.length }
        guard bytes[start + 1] == UInt8(ascii: "u") else {
            let found = bytes.found(at: start + 1)
            throw fault(.invalidEscape, at: start, "expected one of \"\\/bfnrtu after a backslash, found \(found)")
        }
        guard let unit = bytes.escapedUnit(at: start) else {
            throw fault(.invalidEscape, at: start, "expected four hexadecimal digits after \\u")
        }
        let name = "\\u\(hexadecimal(unit, digits: 4))"
        throw fault(.loneSurrogate, at: start, "\(name) is one half of a surrogate pair, the other half is missing")
    }
}

/// What a backslash and this byte stand for, `\u` aside.
private func simpleEscape(_ byte: UInt8) -> UInt8? {
    switch byte {
    case ASCII.quote, ASCII.backslash, UInt8(ascii: "/"): byte
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): ASCII.newline
    case UInt8(ascii: "r"): ASCII.carriageReturn
    case UInt8(ascii: "t"): ASCII.tab
    default: nil
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The UTF-16 unit that `\uXXXX` at `start` stands for; nil if that is not what stands there.
    fileprivate func escapedUnit(at start: Int) -> UInt16? {
        guard start + 6 <= count, self[start] == ASCII.backslash, self[start + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var unit: UInt16 = 0
        for byte in self[start + 2..<start + 6] {
            let digit: UInt8
            switch byte {
            case ASCII.zero...ASCII.nine: digit = byte - ASCII.zero
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// The scalar that `\uXXXX`, or a surrogate pair of them, at `start` stands for, and the bytes it takes.
    fileprivate func escapedScalar(at start: Int) -> (scalar: Unicode.Scalar, length: Int)? {
        guard let unit = escapedUnit(at: start) else { return nil }
        if let scalar = Unicode.Scalar(unit) { return (scalar, 6) }
        guard UTF16.isLeadSurrogate(unit), let low = escapedUnit(at: start + 6), UTF16.isTrailSurrogate(low) else {
            return nil
        }
        let code = 0x1_0000 + (UInt32(unit - 0xD800) << 10 | UInt32(low - 0xDC00))
        return Unicode.Scalar(code).map { ($0, 12) }
    }

    /// Writes this checked content of a string with its escapes resolved, and returns the number of bytes written.
    fileprivate func unescape(into target: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var read = 0
        var written = 0
        func write(_ byte: UInt8) {
            target.initializeElement(at: written, to: byte)
            written += 1
        }
        while read < count {
            if self[read] != ASCII.backslash {
                write(self[read])
                read += 1
            } else if let byte = simpleEscape(self[read + 1]) {
                write(byte)
                read += 2
            } else if let escape = escapedScalar(at: read) {
                for byte in escape.scalar.utf8 {
                    write(byte)
                }
                read += escape.length
            } else {
                return written  // not reached: `string()` threw
            }
        }
        return written
    }
}
