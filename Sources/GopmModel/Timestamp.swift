/// A moment of wall-clock time, as shown in JSON: RFC 3339 in UTC with up to nine decimals.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Since 1970-01-01 00:00:00 UTC, without leap seconds (`CLOCK_REALTIME`).
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 { floorDivide(nanoseconds, 1_000_000_000) }

    /// For example `2026-11-23T14:58:23.569314423Z`; trailing zeros of the fraction are left out, as Go does.
    package var rfc3339: String {
        let fraction = nanoseconds - seconds * 1_000_000_000
        var text = civilText(separator: "T")
        if fraction != 0 {
            var digits = String(fraction + 1_000_000_000).dropFirst()
            while digits.last == "0" { digits.removeLast() }
            text += "." + digits
        }
        return text + "Z"
    }

    /// For people: `2025-02-02 04:00:12 UTC`.
    package var readable: String { civilText(separator: " ") + " UTC" }

    /// Reads RFC 3339 with `Z` or a numeric offset; `nil` for anything else.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[range] {
                guard let digit = byte.decimalDigit else { return nil }
                value = value * 10 + digit
            }
            return value
        }
        let separators: [(Int, [UInt8])] = [
            (4, Array("-".utf8)), (7, Array("-".utf8)), (10, Array("Tt ".utf8)), (13, Array(":".utf8)),
            (16, Array(":".utf8)),
        ]
        guard bytes.count > 19, separators.allSatisfy({ $0.1.contains(bytes[$0.0]) }) else { return nil }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), (1...12).contains(month),
            (1...31).contains(day),
            hour < 24, minute < 60, second < 61, (1678...2261).contains(year)
        else { return nil }
        var index = 19
        var fraction: Int64 = 0
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            guard index < bytes.count, bytes[index].decimalDigit != nil else { return nil }
            var scale: Int64 = 1_000_000_000
            while index < bytes.count, let digit = bytes[index].decimalDigit {
                scale /= 10
                fraction += digit * scale
                index += 1
            }
        }
        var offset: Int64 = 0
        guard index < bytes.count else { return nil }
        if bytes[index] == UInt8(ascii: "Z") || bytes[index] == UInt8(ascii: "z") {
            guard index + 1 == bytes.count else { return nil }
        } else {
            guard "+-".utf8.contains(bytes[index]), index + 6 == bytes.count, bytes[index + 3] == UInt8(ascii: ":"),
                let hours = number(index + 1..<index + 3), let minutes = number(index + 4..<index + 6), hours < 24,
                minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (bytes[index] == UInt8(ascii: "-") ? -60 : 60)
        }
        let days = daysFromCivil(year: year, month: month, day: day)
        // The calendar has the last word on the 30th of February.
        guard civilFromDays(days) == (year, month, day) else { return nil }
        nanoseconds = (days * 86400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000_000 + fraction
    }

    private func civilText(separator: String) -> String {
        let days = floorDivide(seconds, 86400)
        let rest = seconds - days * 86400
        let (year, month, day) = civilFromDays(days)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return
            "\(year)-\(two(month))-\(two(day))\(separator)\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
    }
}

private func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
    value >= 0 ? value / by : -((-value + by - 1) / by)
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, counted in eras of 400 years that begin in March.
private func daysFromCivil(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = floorDivide(shifted, 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

private func civilFromDays(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
}
