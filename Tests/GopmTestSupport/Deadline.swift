import Glibc

/// How long tests wait: every wait is multiplied by `GOPM_TEST_TIMEOUT` (a factor, default 1), for slow machines.
package struct Deadline: Sendable {
    private let end: Int64

    package init(_ timeout: Duration) {
        end = Deadline.now + Int64(Deadline.nanoseconds(timeout) * Deadline.factor)
    }

    package var hasPassed: Bool { Deadline.now >= end }

    /// For poll(2).
    package var milliseconds: Int32 {
        Int32(clamping: max(0, (end - Deadline.now + 999_999) / 1_000_000))
    }

    /// `CLOCK_MONOTONIC` in nanoseconds.
    package static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static let factor = getenv("GOPM_TEST_TIMEOUT").flatMap { Double(String(cString: $0)) } ?? 1

    private static func nanoseconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) * 1e9 + Double(attoseconds) / 1e9
    }
}

/// Looks every 20 ms until a condition holds.
///
/// - Returns: Whether it came to hold before the deadline.
package func eventually(timeout: Duration = .seconds(10), _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = Deadline(timeout)
    while true {
        if try condition() { return true }
        if deadline.hasPassed { return false }
        pause(.milliseconds(20))
    }
}

/// Looks every 20 ms until there is a value.
package func firstValue<Value>(timeout: Duration = .seconds(10), _ value: () throws -> Value?) rethrows -> Value? {
    let deadline = Deadline(timeout)
    while true {
        if let value = try value() { return value }
        if deadline.hasPassed { return nil }
        pause(.milliseconds(20))
    }
}

/// Sleeps for a fixed time; whoever calls it says what that proves.
package func pause(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var left = timespec()
    while nanosleep(&time, &left) != 0, errno == EINTR { time = left }
}

/// How long a piece of work took.
package func time<Value>(_ work: () throws -> Value) rethrows -> (Value, Duration) {
    let start = Deadline.now
    let value = try work()
    return (value, .nanoseconds(Deadline.now - start))
}
