import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// The places between two facts of which a crash may leave only the first behind.
///
/// A debug build kills itself at the one that `GOPM_CRASH_POINT` names (`afterClone`, or `afterClone:3` for the third
/// time it comes there); in a release build nothing of this exists.
package enum CrashPoint: String, CaseIterable, Sendable {
    /// A life is decided on, and nothing is written of it.
    case beforeSpawnNoted
    /// Its life id is in the journal, and there is no child.
    case afterSpawnNoted
    /// There is a child, and its pid is not written.
    case afterClone
    case afterPIDNoted
    /// The stop signal is out.
    case afterStopSignal
    /// The main process is reaped, and nothing is decided about it.
    case afterReap
    /// A restart is decided on, and its time is not written.
    case beforeRestartNoted
    case afterRestartNoted
    /// Nothing of a life is left, and what comes next is not decided.
    case afterLifeCleared
    case beforeDumpWritten
    case afterDumpWritten
    /// A process is gone from the list, and the journal still has it.
    case beforeDeletionNoted
    case afterDeletionNoted

    #if DEBUG
        private static let armed: (point: CrashPoint, countdown: Countdown)? = {
            guard let text = Environment.value("GOPM_CRASH_POINT") else { return nil }
            let parts = text.split(separator: ":")
            guard let name = parts.first, let point = CrashPoint(rawValue: String(name)) else { return nil }
            return (point, Countdown(parts.count > 1 ? Int(parts[1]) ?? 1 : 1))
        }()

        private final class Countdown: @unchecked Sendable {
            /// Used by whichever thread passes the armed point, of which there is one a point.
            var left: Int

            init(_ left: Int) {
                self.left = left
            }
        }
    #endif

    /// Comes here.
    @inline(__always)
    func pass() {
        #if DEBUG
            guard let armed = CrashPoint.armed, armed.point == self else { return }
            armed.countdown.left -= 1
            if armed.countdown.left == 0 { kill(getpid(), SIGKILL) }
        #endif
    }
}
