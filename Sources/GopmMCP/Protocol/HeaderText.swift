/// Values in HTTP headers that HTTP could not carry as they are: `=?base64?…?=` around the base64 of their UTF-8.
package enum HeaderText {
    private static let prefix = "=?base64?"
    private static let suffix = "?="

    /// The value that a header's text means; nil for damaged base64, which then equals nothing.
    package static func decode(_ text: String) -> String? {
        guard text.hasPrefix(prefix), text.hasSuffix(suffix), text.utf8.count >= prefix.utf8.count + suffix.utf8.count
        else { return text }
        let payload = text.dropFirst(prefix.count).dropLast(suffix.count)
        guard let bytes = base64(Array(payload.utf8)) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// RFC 4648 §4, canonical only: padded, and without bits that mean nothing; else two texts would mean one value.
    static func base64(_ text: [UInt8]) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return nil }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for character in text.dropLast(padding) {
            guard let digit = digit(character) else { return nil }
            bits = bits << 6 | digit
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        guard bits & (1 << UInt32(count) - 1) == 0 else { return nil }
        return bytes
    }

    private static func digit(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
