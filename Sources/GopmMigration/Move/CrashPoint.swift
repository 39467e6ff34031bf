import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// The places of a move between two facts of which a crash may leave only the first behind.
///
/// A debug build kills itself at the one that `GOPM_PM2_CRASH_POINT` names; in a release build nothing of this exists.
package enum CrashPoint: Sendable, Hashable {
    /// The step is written down, and nothing of it is done.
    case begun(Move.Step)
    /// The step is done, and the next one is not written.
    case done(Move.Step)
    /// PM2's is stopped, and still stands in the dump.
    case stoppedInPM2
    /// Ours is started, and nobody knows whether it stays up.
    case startedInGopm
    /// The dump has it again, and PM2's daemon has not.
    case dumpRestored

    package static let all: [CrashPoint] =
        Move.Step.allCases.filter { !Move(step: $0).isOver }.flatMap { [.begun($0), .done($0)] }
        + [.stoppedInPM2, .startedInGopm, .dumpRestored]

    package var name: String {
        switch self {
        case .begun(let step): "begun-\(step.rawValue)"
        case .done(let step): "done-\(step.rawValue)"
        case .stoppedInPM2: "stoppedInPM2"
        case .startedInGopm: "startedInGopm"
        case .dumpRestored: "dumpRestored"
        }
    }

    /// Comes here.
    func pass() {
        #if DEBUG
            if Environment.value("GOPM_PM2_CRASH_POINT") == name { kill(getpid(), SIGKILL) }
        #endif
    }
}
