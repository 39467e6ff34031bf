/// How a process ended, as `waitid(2)` tells it; kept apart from why it ended.
package enum ExitStatus: Sendable, Hashable {
    /// It called `exit`; the code is 0 to 255.
    case exited(code: Int32)
    /// A signal ended it.
    case signaled(Signal, coreDumped: Bool)
    /// It ended while nobody could see its status; counts as a failure.
    case unknown

    /// Whether it is an exit with code 0.
    package var isSuccess: Bool { self == .exited(code: 0) }

    /// The number of the manual's `exit_code`: the code, or -1 after a signal or when unknown.
    package var code: Int32 {
        if case .exited(let code) = self { code } else { -1 }
    }

    /// The signal's number, 0 if no signal ended it.
    package var signalNumber: Int32 {
        if case .signaled(let signal, _) = self { signal.number } else { 0 }
    }

    /// For log lines: `exited with code 3`, `killed by SIGSEGV (core dumped)`.
    package var sentence: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .signaled(let signal, let coreDumped): "killed by \(signal.name)\(coreDumped ? " (core dumped)" : "")"
        case .unknown: "ended with unknown status"
        }
    }

    /// Reads a wait status as `/proc/PID/stat` field 52 and `PIDFD_GET_INFO` give it (wait(2)).
    package init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self =
            signal == 0
            ? .exited(code: (waitStatus >> 8) & 0xff)
            : .signaled(Signal(number: signal), coreDumped: waitStatus & 0x80 != 0)
    }
}
