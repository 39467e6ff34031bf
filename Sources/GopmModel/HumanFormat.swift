/// Numbers as people read them, in the forms of the manual.
package enum HumanFormat {
    private static let units = ["KB", "MB", "GB", "TB", "PB", "EB"]

    /// An amount that was measured: `512 B`, `24.1 MB`, `1.0 MB`; 1 KB = 1024 B, one decimal, rounded half up.
    package static func bytes(_ count: UInt64) -> String {
        let (tenths, unit) = scaled(count)
        return unit.map { "\(tenths / 10).\(tenths % 10) \($0)" } ?? "\(count) B"
    }

    /// A limit that someone set: as ``bytes(_:)`` without a zero after the point, `100 MB`, `1.5 GB`.
    package static func byteLimit(_ count: UInt64) -> String {
        let (tenths, unit) = scaled(count)
        guard let unit, tenths % 10 == 0 else { return bytes(count) }
        return "\(tenths / 10) \(unit)"
    }

    /// A share with one decimal, `0.3%`.
    ///
    /// What is no number (a CPU share before the second sample) is `-`.
    package static func percent(_ value: Double) -> String {
        let tenths = (value * 10).rounded()
        guard tenths.isFinite, abs(tenths) < 1e15 else { return "-" }
        let whole = Int(max(tenths, 0))
        return "\(whole / 10).\(whole % 10)%"
    }

    /// Time in its largest units, `4d 12h`, `2h 15m`, `45m`, `12s`.
    ///
    /// Below a day nothing finer than minutes is shown
    /// once there are minutes. Time below zero (a clock set back) is `0s`.
    package static func uptime(_ duration: Duration) -> String {
        let time = Parts(duration)
        if time.days > 0 { return "\(time.days)d \(time.hours)h" }
        if time.hours > 0 { return "\(time.hours)h \(time.minutes)m" }
        return time.minutes > 0 ? "\(time.minutes)m" : "\(time.seconds)s"
    }

    /// Time in full, from its largest unit down to seconds: `3d 4h 22m 15s`, `22m 15s`, `0s`.
    package static func uptimeInFull(_ duration: Duration) -> String {
        let time = Parts(duration)
        let parts = [(time.days, "d"), (time.hours, "h"), (time.minutes, "m"), (time.seconds, "s")]
        let shown = parts.drop { $0.0 == 0 }
        return shown.isEmpty ? "0s" : shown.map { "\($0.0)\($0.1)" }.joined(separator: " ")
    }

    /// `1 process`, `3 processes`.
    package static func processes(_ count: Int) -> String {
        "\(count) process\(count == 1 ? "" : "es")"
    }

    /// Tenths of the largest unit that gives at least 1; no unit below 1024.
    private static func scaled(_ count: UInt64) -> (tenths: UInt64, unit: String?) {
        guard count >= 1024 else { return (0, nil) }
        var shift: UInt64 = 10
        for unit in units {
            let one: UInt64 = 1 << shift
            let whole = count >> shift
            // Tenths of the remainder first: `count * 10` would overflow from 1.6 EB on. EB's remainder is below 2^60.
            let tenths = whole * 10 + ((count & (one - 1)) * 10 + one / 2) >> shift
            // 1023.95 KB rounds to 1024.0: that is 1.0 MB.
            if tenths < 10_240 || unit == units.last { return (tenths, unit) }
            shift += 10
        }
        return (0, nil)
    }

    private struct Parts {
        let days: Int64
        let hours: Int64
        let minutes: Int64
        let seconds: Int64

        init(_ duration: Duration) {
            let total = max(0, duration.components.seconds)
            days = total / 86_400
            hours = total / 3_600 % 24
            minutes = total / 60 % 60
            seconds = total % 60
        }
    }
}
