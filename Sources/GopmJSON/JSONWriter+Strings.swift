extension JSONWriter {
    /// Appends the text in quotes, with escapes for quotes, backslashes and controls below 0x20, and for nothing else.
    mutating func appendQuoted(_ text: String, isKey: Bool) {
        text.utf8.span.withUnsafeBufferPointer { utf8 in
            guard utf8.endOfUnescapedRun(from: 0) == utf8.count else { return appendEscaped(utf8, isKey: isKey) }
            append(atMost: utf8.count + 3) { output in
                output.append(ASCII.quote)
                output.append(contentsOf: utf8)
                output.append(ASCII.quote)
                if isKey { output.append(ASCII.colon) }
            }
        }
    }

    @inline(never)
    private mutating func appendEscaped(_ utf8: UnsafeBufferPointer<UInt8>, isKey: Bool) {
        append(atMost: 1) { $0.append(ASCII.quote) }
        var start = 0
        while true {
            let end = utf8.endOfUnescapedRun(from: start)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<end]))
            guard end < utf8.count else { break }
            appendEscape(for: utf8[end])
            start = end + 1
        }
        bytes.append(ASCII.quote)
        if isKey { bytes.append(ASCII.colon) }
    }

    private mutating func appendEscape(for byte: UInt8) {
        bytes.append(ASCII.backslash)
        switch byte {
        case ASCII.quote, ASCII.backslash: bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case ASCII.newline: bytes.append(UInt8(ascii: "n"))
        case ASCII.carriageReturn: bytes.append(UInt8(ascii: "r"))
        case ASCII.tab: bytes.append(UInt8(ascii: "t"))
        default:
            let low = byte & 0xF
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(ASCII.zero + byte >> 4)
            bytes.append(low < 10 ? ASCII.zero + low : UInt8(ascii: "a") + low - 10)
        }
    }
}
