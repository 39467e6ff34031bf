/// How the programs of the family end; listed in the README.
package enum ExitReason: Int32, Sendable {
    case done = 0
    /// Asked for, not achieved.
    case failed = 1
    /// Unknown subcommand, flag or flag value (EX_USAGE of sysexits.h).
    case usage = 64
    /// No daemon, and none could be started (EX_UNAVAILABLE).
    case unavailable = 69
    /// Our bug (EX_SOFTWARE).
    case bug = 70
}

/// Why a command was not done: lines for people and the exit code.
package struct CommandFailure: Error, Sendable {
    package var reason: ExitReason
    /// Usually one; a bad file has one a fault.
    package var lines: [String]
    /// JSON that stands for the whole answer with `--json`; without it that is `{"error":"…"}`.
    package var json: [UInt8]?

    package init(_ reason: ExitReason, _ lines: [String], json: [UInt8]? = nil) {
        self.reason = reason
        self.lines = lines
        self.json = json
    }

    package init(_ line: String) {
        self.init(.failed, [line])
    }

    /// Ends with a code and has nothing to say, because everything was said.
    package static func silent(_ reason: ExitReason) -> CommandFailure {
        CommandFailure(reason, [])
    }
}

/// What several commands advise.
package enum Advice {
    package static let noProcesses = "no processes; start one with: gopm start ./myapp --name api"
}
