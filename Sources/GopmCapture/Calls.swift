import CLinux
import Glibc

/// errno as a function, because Swift's `errno` and a local of that name are easily mixed up.
func lastError() -> Int32 { errno }

/// Repeats a call that a signal interrupted.
func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

/// Nanoseconds that only grow, suspend included.
func monotonicNow() -> Int64 { gopm_clock(CLOCK_BOOTTIME) }

let oneSecond: Int64 = 1_000_000_000
