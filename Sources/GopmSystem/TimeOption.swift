import GopmModel

#if canImport(Glibc)
    import Glibc
#endif

/// What `--since` and `--until` take: how long ago (`10m`, `2h30m`, `3d`), or a moment.
package enum TimeOption {
    package static let rule =
        #"a time (90s, 10m, 2h, 3d; 12:30, 12:30:15; "2026-04-14", "2026-04-14 12:30"; RFC 3339)"#

    /// Milliseconds since the epoch; nil if it is none of these.
    ///
    /// A time without an offset is local, a time without a date is today's. `now`: nanoseconds since the epoch.
    package static func milliseconds(_ text: String, now: Int64) -> Int64? {
        if let ago = ago(text) { return (now - ago) / 1_000_000 }
        if let moment = Timestamp(rfc3339: text) { return moment.nanoseconds / 1_000_000 }
        let parts = text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == " " || $0 == "T" })
        switch parts.count {
        case 1:
            return local(date: parts[0].contains("-") ? parts[0] : nil, parts[0].contains(":") ? parts[0] : nil, now)
        case 2: return local(date: parts[0], parts[1], now)
        default: return nil
        }
    }

    private static func ago(_ text: String) -> Int64? {
        // Days are of no use in a restart policy, so durations don't know them.
        if text.hasSuffix("d"), let days = Int64(text.dropLast()), (0...36_500).contains(days) {
            return days * 86_400_000_000_000
        }
        return DurationText.parse(text)?.wholeNanoseconds
    }

    private static func local(date: Substring?, _ time: Substring?, _ now: Int64) -> Int64? {
        guard date != nil || time != nil else { return nil }
        var seconds = time_t(now / 1_000_000_000)
        var moment = tm()
        localtime_r(&seconds, &moment)
        (moment.tm_hour, moment.tm_min, moment.tm_sec, moment.tm_isdst) = (0, 0, 0, -1)
        if let date {
            guard let numbers = numbers(date, "-", counts: 3...3), (1970...9999).contains(numbers[0]),
                (1...12).contains(numbers[1]), (1...31).contains(numbers[2])
            else { return nil }
            (moment.tm_year, moment.tm_mon, moment.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
        }
        if let time {
            guard let numbers = numbers(time, ":", counts: 2...3), numbers[0] < 24, numbers[1] < 60,
                numbers.count < 3 || numbers[2] < 61
            else { return nil }
            (moment.tm_hour, moment.tm_min, moment.tm_sec) = (
                numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0
            )
        }
        return Int64(mktime(&moment)) * 1000
    }

    private static func numbers(_ text: Substring, _ separator: Character, counts: ClosedRange<Int>) -> [Int32]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        let numbers = parts.compactMap { $0.allSatisfy(\.isNumber) ? Int32($0) : nil }
        return numbers.count == parts.count && counts.contains(parts.count) ? numbers : nil
    }
}
