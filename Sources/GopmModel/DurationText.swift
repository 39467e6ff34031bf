/// Durations the way people write them in flags and files, and the way Go prints them: `500ms`, `5s`, `1m30s`, `2h0m0s`.
package enum DurationText {
    /// The longest duration that any setting accepts: 10 years.
    ///
    /// It keeps all sums far from overflow.
    package static let longest = Duration.seconds(10 * 366 * 86400)

    /// What a duration is, for refusals in flags and files.
    package static let rule = "a duration (such as 500ms, 5s, 1m30s, 2h)"

    /// Reads a duration: one or more of a decimal number and a unit (`ns us µs ms s m h`), or a bare `0`.
    ///
    /// - Returns: `nil` for anything else, for a negative duration, and for one over ``longest``.
    package static func parse(_ text: some StringProtocol) -> Duration? {
        if text == "0" { return .zero }
        var rest = Substring(text).utf8
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            guard let nanoseconds = takeTerm(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(nanoseconds)
            guard !overflow else { return nil }
            total = sum
        }
        let result = Duration.nanoseconds(total)
        return result <= longest ? result : nil
    }

    /// Prints a duration the way Go does: `0s`, `1.5s`, `250ms`, `1m30s`, `2h0m0s`.
    package static func format(_ duration: Duration) -> String {
        let nanoseconds = duration.wholeNanoseconds
        if nanoseconds == 0 { return "0s" }
        if nanoseconds < 0 { return "-" + format(.zero - duration) }
        if nanoseconds < 1_000 { return "\(nanoseconds)ns" }
        if nanoseconds < 1_000_000 { return decimal(nanoseconds, unit: 1_000) + "µs" }
        if nanoseconds < 1_000_000_000 { return decimal(nanoseconds, unit: 1_000_000) + "ms" }
        let minutes = nanoseconds / 60_000_000_000
        let seconds = decimal(nanoseconds % 60_000_000_000, unit: 1_000_000_000) + "s"
        if minutes == 0 { return seconds }
        if minutes < 60 { return "\(minutes)m\(seconds)" }
        return "\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    private static func decimal(_ value: Int64, unit: Int64) -> String {
        let fraction = value % unit
        guard fraction != 0 else { return "\(value / unit)" }
        var digits = String(fraction + unit).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(value / unit).\(digits)"
    }

    /// Takes one number and unit off the front; `nil` where there is none or it is too large.
    private static func takeTerm(_ rest: inout Substring.UTF8View) -> Int64? {
        var whole: Int64 = 0
        var fraction: Int64 = 0
        var scale: Int64 = 1
        var digits = 0
        var isFraction = false
        while let byte = rest.first {
            if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
            } else if let digit = byte.decimalDigit {
                digits += 1
                if !isFraction {
                    guard whole < 10_000_000_000_000_000 else { return nil }
                    whole = whole * 10 + digit
                } else if scale < 1_000_000_000 {
                    fraction = fraction * 10 + digit
                    scale *= 10
                }
            } else {
                break
            }
            rest.removeFirst()
        }
        guard digits > 0, let unit = takeUnit(&rest) else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        // The fraction is below one unit (at most an hour), so this cannot overflow.
        let part = Int64(Double(fraction) / Double(scale) * Double(unit) + 0.5)
        return product.addingReportingOverflow(part).overflow ? nil : product + part
    }

    private static func takeUnit(_ rest: inout Substring.UTF8View) -> Int64? {
        for (name, nanoseconds) in units where rest.starts(with: name.utf8) {
            rest.removeFirst(name.utf8.count)
            return nanoseconds
        }
        return nil
    }

    /// Longer names first, so that `m` does not hide `ms`.
    private static let units: [(String, Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]
}

extension Duration {
    /// The duration in nanoseconds, cut towards zero; saturates at the ends of `Int64` (292 years).
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carry) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }

    /// The duration in milliseconds, cut towards zero.
    package var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }
}

extension UInt8 {
    /// The value of an ASCII decimal digit.
    package var decimalDigit: Int64? {
        self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") ? Int64(self - UInt8(ascii: "0")) : nil
    }
}
