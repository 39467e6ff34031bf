/// The time at the start of a log line: `2026-04-14T13:25:59.595-04:00 `, as gopmd writes it (the offset may be `Z`).
package struct LogStamp: Sendable, Hashable {
    /// The longest stamp with its blank, in bytes.
    static let maximumByteCount = 30

    /// Milliseconds since 1970-01-01T00:00:00Z: stamps with different offsets compare as moments.
    package let milliseconds: Int64
    /// How much of the line it takes, with the blank after it: 30, or 25 with `Z`.
    package let byteCount: Int

    /// The stamp that `line` begins with; nil when it does not begin with one, to the last digit and the blank.
    package init?(_ line: UnsafeRawBufferPointer) {
        guard line.count >= 25,
            line[4] == UInt8(ascii: "-"), line[7] == UInt8(ascii: "-"), line[10] == UInt8(ascii: "T"),
            line[13] == UInt8(ascii: ":"), line[16] == UInt8(ascii: ":"), line[19] == UInt8(ascii: "."),
            let year = Self.number(line, 0, digits: 4),
            let month = Self.number(line, 5, digits: 2), (1...12).contains(month),
            let day = Self.number(line, 8, digits: 2), (1...31).contains(day),
            let hour = Self.number(line, 11, digits: 2), hour < 24,
            let minute = Self.number(line, 14, digits: 2), minute < 60,
            let second = Self.number(line, 17, digits: 2), second <= 60,
            let millisecond = Self.number(line, 20, digits: 3),
            let offset = Self.offset(line)
        else { return nil }
        let minutes = (Self.days(year, month, day) * 24 + hour) * 60 + minute - offset.minutes
        milliseconds = Int64((minutes * 60 + second) * 1000 + millisecond)
        byteCount = 23 + offset.byteCount
    }

    /// As for raw bytes.
    package init?(_ line: some Sequence<UInt8>) {
        let stamp = Array(line.prefix(Self.maximumByteCount)).withUnsafeBytes { LogStamp($0) }
        guard let stamp else { return nil }
        self = stamp
    }

    /// The offset from UTC behind the milliseconds, and its length with the blank.
    private static func offset(_ line: UnsafeRawBufferPointer) -> (minutes: Int, byteCount: Int)? {
        if line[23] == UInt8(ascii: "Z") { return line[24] == UInt8(ascii: " ") ? (0, 2) : nil }
        guard line.count >= maximumByteCount, line[26] == UInt8(ascii: ":"), line[29] == UInt8(ascii: " "),
            line[23] == UInt8(ascii: "+") || line[23] == UInt8(ascii: "-"),
            let hours = number(line, 24, digits: 2), hours < 24,
            let minutes = number(line, 27, digits: 2), minutes < 60
        else { return nil }
        let east = hours * 60 + minutes
        return (line[23] == UInt8(ascii: "-") ? -east : east, 7)
    }

    @inline(__always)
    private static func number(_ line: UnsafeRawBufferPointer, _ start: Int, digits: Int) -> Int? {
        var value = 0
        for index in start..<start + digits {
            let digit = Int(line[index]) - 0x30
            guard digit >= 0, digit < 10 else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Days from 1970-01-01 to a date of the Gregorian calendar; the year begins in March, so that a leap day ends it
    /// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`; years below 0 left out).
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let marchYear = month > 2 ? year : year - 1 + 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear
        return days - 719_468 - (month > 2 ? 0 : 146_097)
    }
}
