import CLinux
import Glibc

/// Waits for several descriptors and for a time at once: the heart of every loop here.
package enum Readiness {
    /// Milliseconds since boot; never jumps.
    package static var now: Int64 { gopm_clock(CLOCK_BOOTTIME) / 1_000_000 }

    /// Waits until one of them can be read or has ended, or until `deadline` (``now``); nil waits for ever.
    ///
    /// `output`: A descriptor whose reader may go away, which ends the wait, too.
    ///
    /// - Returns: For each descriptor, whether it is worth a read (a negative one never is); nil when the reader of
    ///   `output` is gone.
    package static func wait(for descriptors: [Int32], orEndOf output: Int32 = -1, until deadline: Int64?) -> [Bool]? {
        var requests = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        requests.append(pollfd(fd: output, events: 0, revents: 0))
        let milliseconds = deadline.map { Int32(clamping: max(0, $0 - now)) } ?? -1
        // Interrupted: nobody's turn, the caller looks at its times and comes again.
        guard poll(&requests, nfds_t(requests.count), milliseconds) > 0 else { return descriptors.map { _ in false } }
        if requests.removeLast().revents & Int16(POLLERR | POLLHUP) != 0 { return nil }
        return requests.map { $0.revents != 0 }
    }
}
