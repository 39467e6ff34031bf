import GopmJSON
import GopmModel

/// The program's variables without those that PM2 or a terminal put beside them.
extension PM2Mapping {
    /// Of the shell that once typed `pm2 start`: they tell of a terminal and a place that a service does not have.
    private static let ofTerminal: Set = [
        "_", "SHLVL", "PWD", "OLDPWD", "COLUMNS", "LINES", "LS_COLORS", "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY",
        "STY",
        "TMUX", "TMUX_PANE", "WINDOWID",
    ]

    mutating func mapEnvironment() {
        let instanceVariable = take("instance_var")?.stringValue ?? "NODE_APP_INSTANCE"
        for member in process.environment.members {
            let (key, value) = (member.key, member.value)
            if isOfPM2(key, instanceVariable) || PM2Mapping.ofTerminal.contains(key) {
                plan.leftOut.append(key)
            } else if key.isEmpty || key.utf8.contains(UInt8(ascii: "=")) || key.utf8.contains(0) {
                plan.remark("env", "\"\(key)\" cannot be the name of a variable")
            } else if key == "PATH" {
                plan.request.searchPath = value.asText
            } else if let text = value.asText, !text.utf8.contains(0) {
                if site.base[key] != text { plan.request.env[key] = text }
            } else {
                plan.remark("env.\(key)", "\(value.shortened) is no text that a variable can hold")
            }
        }
        if plan.request.searchPath == nil { plan.request.searchPath = site.searchPath }
        mapInstance(instanceVariable)
        handled.insert("filter_env")
        let filter = process.setting("filter_env") ?? .bool(false)
        if filter != .bool(false), filter != .array([]) {
            plan.remark("filter_env", "the environment is taken as PM2 filtered it; gopm passes no shell's on anyway")
        }
    }

    /// Instances tell themselves apart by a number; the one that is left is the first.
    private mutating func mapInstance(_ variable: String) {
        handled.insert(variable)
        if process.isCluster {
            plan.request.env[variable] = "0"
        } else if variable != "NODE_APP_INSTANCE" {
            plan.request.env[variable] = process.fields[variable]?.asText ?? "0"
        }
        if variable != "NODE_APP_INSTANCE" {
            plan.remark("instance_var", "kept as a variable: \(variable)=\(plan.request.env[variable] ?? "0")")
        }
    }

    private func isOfPM2(_ key: String, _ instanceVariable: String) -> Bool {
        // PM2 puts the settings of a module of the process's name there, `{}` for everything that is none.
        if key == process.name, let value = process.environment[key] {
            return value == .string("{}") || value.objectValue?.members.isEmpty == true
        }
        return key == "unique_id" || key == instanceVariable || key == "NODE_APP_INSTANCE" || key.hasPrefix("PM2_")
            || key.hasPrefix("axm_") || key.hasPrefix("km_") || key == "vizion_running"
    }
}
