package import GopmJSON

/// When a managed process that ended is started again, and how one is stopped.
package struct RestartPolicy: Sendable, Hashable {
    package enum Mode: String, Sendable, CaseIterable {
        case always
        case onFailure = "on-failure"
        case never

        /// For refusals in flags and files, after "is not".
        package static let rule = "allowed (always, on-failure or never)"
    }

    package var mode = Mode.always
    /// Consecutive restarts before the process is given up as errored; 0 means no limit.
    package var maxRestarts = 0
    /// A run at least this long sets the restart counter back to 0.
    package var minUptime = Duration.seconds(5)
    /// The wait before a restart; with ``usesBackoff`` the wait before the first.
    package var restartDelay = Duration.seconds(2)
    /// Whether the wait doubles with each consecutive restart, up to ``maxDelay``.
    package var usesBackoff = false
    package var maxDelay = Duration.seconds(30)
    /// Exit codes (0...255) after which the process is restarted whatever the mode says.
    package var restartOnExit: [Int] = []
    /// Exit codes (0...255) after which it is never restarted; stronger than ``restartOnExit``.
    package var noRestartOnExit: [Int] = []
    /// The first signal of a stop.
    package var killSignal = Signal.terminate
    /// How long a stop waits after ``killSignal`` before SIGKILL.
    package var killTimeout = Duration.seconds(5)

    package init() {}
}

extension RestartPolicy {
    /// Writes the members of the `restart_policy` object.
    package func encode(into json: inout JSONWriter) {
        json.object { json in
            json.member("autorestart", mode.rawValue)
            json.member("max_restarts", maxRestarts)
            json.member("min_uptime", DurationText.format(minUptime))
            json.member("restart_delay", DurationText.format(restartDelay))
            json.member("exp_backoff", usesBackoff)
            json.member("max_delay", DurationText.format(maxDelay))
            if !restartOnExit.isEmpty { json.exitCodes("restart_on_exit", restartOnExit) }
            if !noRestartOnExit.isEmpty { json.exitCodes("no_restart_on_exit", noRestartOnExit) }
            json.member("kill_signal", Int(killSignal.number))
            json.member("kill_timeout", DurationText.format(killTimeout))
        }
    }

    /// Takes the policy's fields, which stand in an app of an ecosystem file, in `start` parameters and in a dump's
    /// `restart_policy` under the same names; absent ones keep their value.
    package mutating func read(from fields: inout FieldReader) {
        if let text = fields.string("autorestart", expecting: "\"always\", \"on-failure\" or \"never\"") {
            if let mode = Mode(rawValue: text) {
                self.mode = mode
            } else {
                fields.fault("autorestart", "\"\(text)\" is not \(Mode.rule)")
            }
        }
        maxRestarts = fields.integer("max_restarts", in: 0...1_000_000_000) ?? maxRestarts
        minUptime = fields.duration("min_uptime") ?? minUptime
        restartDelay = fields.duration("restart_delay") ?? restartDelay
        usesBackoff = fields.bool("exp_backoff") ?? usesBackoff
        maxDelay = fields.duration("max_delay") ?? maxDelay
        restartOnExit = fields.exitCodes("restart_on_exit") ?? restartOnExit
        noRestartOnExit = fields.exitCodes("no_restart_on_exit") ?? noRestartOnExit
        killSignal = fields.signal("kill_signal") ?? killSignal
        killTimeout = fields.duration("kill_timeout") ?? killTimeout
    }
}

extension JSONWriter {
    /// Writes a member that is a list of exit codes.
    mutating func exitCodes(_ key: String, _ codes: [Int]) {
        self.key(key)
        array { json in for code in codes { json.integer(code) } }
    }
}
