import GopmMigration
import GopmModel

/// A plan field by field, as people read it.
enum PlanText {
    typealias Field = (name: String, value: String)

    static func fields(of plan: ImportPlan) -> [Field] {
        let request = plan.request
        let policy = request.policy
        var fields: [Field] = []
        if plan.name != plan.first.name { fields.append(("name", plan.name)) }
        fields.append(("command", request.command))
        if let interpreter = request.interpreter { fields.append(("interpreter", interpreter)) }
        fields.append(("cwd", request.cwd ?? "/"))
        if !request.args.isEmpty { fields.append(("args", ShellWords.joined(request.args))) }
        if !request.env.isEmpty {
            let variables = request.env.sorted { $0.key < $1.key }
            let words = variables.map { "\($0.key)=\($0.value.isEmpty ? "" : ShellWords.quoted($0.value))" }
            fields.append(("env", words.joined(separator: ", ")))
        }
        if let path = request.searchPath { fields.append(("path", path)) }
        fields.append(("autorestart", policy.mode.rawValue))
        if !policy.noRestartOnExit.isEmpty {
            fields.append(("no_restart_on_exit", policy.noRestartOnExit.map(String.init).joined(separator: ", ")))
        }
        fields.append(("max_restarts", policy.maxRestarts == 0 ? "0 (unlimited)" : "\(policy.maxRestarts)"))
        fields.append(("min_uptime", DurationText.format(policy.minUptime)))
        fields.append(("restart_delay", DurationText.format(policy.restartDelay)))
        if policy.usesBackoff { fields.append(("exp_backoff", "up to \(DurationText.format(policy.maxDelay))")) }
        fields.append(("kill_signal", policy.killSignal.name))
        fields.append(("kill_timeout", DurationText.format(policy.killTimeout)))
        if let path = request.logOut { fields.append(("log_out", path)) }
        if let path = request.logErr { fields.append(("log_err", path)) }
        if !plan.wantsUp { fields.append(("state", "stopped, as in PM2")) }
        return fields
    }
}
