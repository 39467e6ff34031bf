/// The bytes with a meaning in JSON text.
enum ASCII {
    static let tab: UInt8 = 0x09
    static let newline: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let plus: UInt8 = 0x2B
    static let comma: UInt8 = 0x2C
    static let minus: UInt8 = 0x2D
    static let point: UInt8 = 0x2E
    static let zero: UInt8 = 0x30
    static let nine: UInt8 = 0x39
    static let colon: UInt8 = 0x3A
    static let openBracket: UInt8 = 0x5B
    static let backslash: UInt8 = 0x5C
    static let closeBracket: UInt8 = 0x5D
    static let openBrace: UInt8 = 0x7B
    static let closeBrace: UInt8 = 0x7D
}

extension UInt8 {
    var isDigit: Bool { self >= ASCII.zero && self <= ASCII.nine }
    var isWhitespace: Bool {
        self == ASCII.space || self == ASCII.newline || self == ASCII.carriageReturn || self == ASCII.tab
    }
    var isUTF8Continuation: Bool { self & 0xC0 == 0x80 }
}

extension UnsafeBufferPointer<UInt8> {
    /// The first offset from `start` on that holds a quote, a backslash or a control character below 0x20; else `count`.
    func endOfUnescapedRun(from start: Int) -> Int { endOfRun(from: start, alsoStoppingAt: 0) }

    /// The same, stopping at bytes outside ASCII too.
    func endOfUnescapedASCIIRun(from start: Int) -> Int { endOfRun(from: start, alsoStoppingAt: 0x80) }

    /// Looks at eight bytes at a time; each test sets the high bit of the bytes it holds for.
    ///
    /// The subtractions borrow from the next byte only past a byte that is a hit itself, so the lowest hit is exact
    /// ("Bit Twiddling Hacks", haszero and hasless).
    @inline(__always)
    private func endOfRun(from start: Int, alsoStoppingAt highBit: UInt8) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let raw = UnsafeRawBufferPointer(self)
        var offset = start
        while offset + 8 <= count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let quote = word ^ (ones &* UInt64(ASCII.quote))
            let backslash = word ^ (ones &* UInt64(ASCII.backslash))
            var hits = (quote &- ones) & ~quote
            hits |= (backslash &- ones) & ~backslash
            hits |= (word &- ones &* UInt64(ASCII.space)) & ~word
            hits |= word & (ones &* UInt64(highBit))
            hits &= ones &* 0x80
            if hits != 0 { return offset + hits.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < count {
            let byte = self[offset]
            if byte < ASCII.space || byte == ASCII.quote || byte == ASCII.backslash || byte & highBit != 0 { break }
            offset += 1
        }
        return offset
    }

    /// The bytes of the well-formed UTF-8 sequence at `offset`, 1...4, or 0 if there is none.
    ///
    /// This is table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing above U+10FFFF.
    func lengthOfUTF8Scalar(at offset: Int) -> Int {
        let lead = self[offset]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return 0
        }
        guard offset + length <= count, second.contains(self[offset + 1]) else { return 0 }
        for index in offset + 2..<offset + length where !self[index].isUTF8Continuation {
            return 0
        }
        return length
    }
}
