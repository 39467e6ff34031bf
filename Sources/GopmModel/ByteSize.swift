/// Sizes the way people write them in flags and files: `500K`, `5M`, `1G`, `4096`; units are powers of 1,024.
package enum ByteSize {
    /// The smallest and largest size of a log file that is accepted, in bytes: 1 KiB to 1 TiB.
    package static let logSizeRange: ClosedRange<Int64> = 1_024...1_099_511_627_776

    /// What such a size is, for refusals in flags and files.
    package static let logSizeRule = "a size (such as 500K, 10M, 1G; 1K to 1T)"

    /// Reads a size: digits, an optional `K`, `M`, `G` or `T`, an optional `B` or `iB`; case does not matter.
    ///
    /// - Returns: bytes, or `nil` for anything else and for what does not fit in 63 bits.
    package static func parse(_ text: some StringProtocol) -> Int64? {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        var digits = text.uppercased()[...]
        if digits.hasSuffix("IB"), digits.count > 2 {
            digits.removeLast(2)
        } else if digits.hasSuffix("B") {
            digits.removeLast()
        }
        var unit: Int64 = 1
        if let letter = digits.last, let factor = factors[letter] {
            unit = factor
            digits.removeLast()
        }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0.decimalDigit != nil }), let value = Int64(digits) else {
            return nil
        }
        let (bytes, overflow) = value.multipliedReportingOverflow(by: unit)
        return overflow ? nil : bytes
    }

    /// The shortest form that ``parse(_:)`` reads back to the same number: `100M`, `1536K`, `1000`.
    package static func format(_ bytes: Int64) -> String {
        for (letter, unit) in [("T", Int64(1) << 40), ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)]
        where bytes >= unit && bytes % unit == 0 {
            return "\(bytes / unit)\(letter)"
        }
        return "\(bytes)"
    }

    private static let factors: [Character: Int64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
}
