import CLinux
import Glibc

/// The stamp of the current millisecond, `2026-04-14T13:25:59.595-04:00 `: local time with a numeric offset.
///
/// The text is kept and only the digits that changed are made anew; the time zone is asked once a second.
package struct StampClock: ~Copyable {
    /// `LineStamper.stampLength` bytes, valid as long as the clock is and until the next `set`.
    package let bytes: UnsafeMutablePointer<UInt8>

    private var second = Int.min
    private var millisecond = -1

    package init() {
        bytes = .allocate(capacity: LineStamper.stampLength)
        bytes.initialize(repeating: UInt8(ascii: " "), count: LineStamper.stampLength)
        tzset()
    }

    deinit {
        bytes.deallocate()
    }

    /// Makes it the stamp of now.
    package mutating func update() {
        let milliseconds = Int(gopm_clock(CLOCK_REALTIME) / 1_000_000)
        set(second: milliseconds / 1000, millisecond: milliseconds % 1000)
    }

    /// Makes it the stamp of that time since 1970, UTC.
    package mutating func set(second: Int, millisecond: Int) {
        if second != self.second {
            self.second = second
            setSecond()
        }
        if millisecond != self.millisecond {
            self.millisecond = millisecond
            put(millisecond, at: 20, digits: 3)
        }
    }

    private func setSecond() {
        var time = second
        var local = tm()
        localtime_r(&time, &local)
        put(min(Int(local.tm_year) + 1900, 9999), at: 0, digits: 4)
        put(Int(local.tm_mon) + 1, at: 5, digits: 2)
        put(Int(local.tm_mday), at: 8, digits: 2)
        put(Int(local.tm_hour), at: 11, digits: 2)
        put(Int(local.tm_min), at: 14, digits: 2)
        put(Int(local.tm_sec), at: 17, digits: 2)
        let offset = abs(local.tm_gmtoff) / 60
        put(offset / 60, at: 24, digits: 2)
        put(offset % 60, at: 27, digits: 2)
        for index in [4, 7] { bytes[index] = UInt8(ascii: "-") }
        for index in [13, 16, 26] { bytes[index] = UInt8(ascii: ":") }
        bytes[10] = UInt8(ascii: "T")
        bytes[19] = UInt8(ascii: ".")
        bytes[23] = UInt8(ascii: local.tm_gmtoff < 0 ? "-" : "+")
    }

    private func put(_ number: Int, at offset: Int, digits: Int) {
        var rest = number
        for index in stride(from: offset + digits - 1, through: offset, by: -1) {
            bytes[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }
}
