package import GopmJSON

/// A wish to start a program as people and files write it: what is absent takes a default later.
///
/// It is the app of an ecosystem file, the parameters of the `start` request, and what `gopm start` makes of its flags;
/// the supervisor makes a ``ProcessSpec`` of it, for which it alone knows the config's defaults.
package struct StartRequest: Sendable, Hashable {
    package var command = ""
    package var name: String?
    package var args: [String] = []
    package var cwd: String?
    package var env: [String: String] = [:]
    package var interpreter: String?
    package var searchPath: String?
    package var policy = RestartPolicy()
    package var logOut: String?
    package var logErr: String?
    package var maxLogSize: Int64?

    package init() {}

    /// Takes the fields of an app; faults stay in the reader.
    package init(from fields: inout FieldReader) {
        if let command = fields.string("command") {
            self.command = command
            if command.isEmpty { fields.fault("command", "cannot be empty") }
            if command.utf8.contains(0) { fields.fault("command", "cannot hold a NUL character") }
        } else if !fields.hasValue("command") {
            fields.fault("command", "missing (the program or script to start)")
        }
        if let name = fields.string("name") {
            self.name = name
            if !ProcessName.isValid(name) { fields.fault("name", "\"\(name)\" is not \(ProcessName.rule)") }
        }
        args = fields.strings("args") ?? []
        if args.contains(where: { $0.utf8.contains(0) }) {
            fields.fault("args", "an argument cannot hold a NUL character")
        }
        cwd = fields.nonEmptyPath("cwd")
        env = fields.environment("env") ?? [:]
        interpreter = fields.nonEmptyPath("interpreter")
        searchPath = fields.nonEmptyPath("path")
        policy.read(from: &fields)
        logOut = fields.nonEmptyPath("log_out")
        logErr = fields.nonEmptyPath("log_err")
        maxLogSize = fields.logSize("max_log_size")
    }

    /// Writes the request as an app of an ecosystem file.
    package func encode(into json: inout JSONWriter, includesDefaults: Bool = false) {
        json.object { json in encodeMembers(into: &json, includesDefaults: includesDefaults) }
    }

    /// Writes the members into the object that is open; only what differs from the defaults, unless those are wanted.
    package func encodeMembers(into json: inout JSONWriter, includesDefaults: Bool = false) {
        if let name { json.member("name", name) }
        json.member("command", command)
        if !args.isEmpty { json.member("args", args) }
        if let cwd { json.member("cwd", cwd) }
        if let interpreter { json.member("interpreter", interpreter) }
        if !env.isEmpty {
            json.key("env")
            json.environment(env)
        }
        if let searchPath { json.member("path", searchPath) }
        let defaults = RestartPolicy()
        func differs<Value: Equatable>(_ field: KeyPath<RestartPolicy, Value>) -> Bool {
            includesDefaults || policy[keyPath: field] != defaults[keyPath: field]
        }
        if differs(\.mode) { json.member("autorestart", policy.mode.rawValue) }
        if differs(\.maxRestarts) { json.member("max_restarts", policy.maxRestarts) }
        if differs(\.minUptime) { json.member("min_uptime", DurationText.format(policy.minUptime)) }
        if differs(\.restartDelay) { json.member("restart_delay", DurationText.format(policy.restartDelay)) }
        if differs(\.usesBackoff) { json.member("exp_backoff", policy.usesBackoff) }
        if differs(\.maxDelay) { json.member("max_delay", DurationText.format(policy.maxDelay)) }
        if !policy.restartOnExit.isEmpty { json.exitCodes("restart_on_exit", policy.restartOnExit) }
        if !policy.noRestartOnExit.isEmpty { json.exitCodes("no_restart_on_exit", policy.noRestartOnExit) }
        if policy.killSignal != defaults.killSignal { json.member("kill_signal", policy.killSignal.name) }
        if differs(\.killTimeout) { json.member("kill_timeout", DurationText.format(policy.killTimeout)) }
        if let logOut { json.member("log_out", logOut) }
        if let logErr { json.member("log_err", logErr) }
        if let maxLogSize { json.member("max_log_size", ByteSize.format(maxLogSize)) }
    }
}

extension FieldReader {
    /// A string that names something on disk: empty means absent, NUL is refused.
    fileprivate mutating func nonEmptyPath(_ key: String) -> String? {
        guard let text = string(key), !text.isEmpty else { return nil }
        if text.utf8.contains(0) { fault(key, "cannot hold a NUL character") }
        return text
    }
}
