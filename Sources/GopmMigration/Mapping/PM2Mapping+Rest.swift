import GopmJSON
import GopmModel

/// The settings that gopm has no equivalent of: each that is not PM2's default is named, with what to do instead.
extension PM2Mapping {
    private struct Rule: Sendable {
        let isDefault: @Sendable (JSONValue) -> Bool
        let advice: @Sendable (JSONValue, String) -> String

        init(default values: [JSONValue], _ advice: @escaping @Sendable (JSONValue, String) -> String) {
            isDefault = { values.contains($0) }
            self.advice = advice
        }

        init(default values: [JSONValue], _ advice: String) {
            self.init(default: values) { _, _ in advice }
        }
    }

    /// PM2 keeps them for itself while it runs; nothing of them was ever a wish.
    private static let bookkeeping: Set = [
        "vizion_running", "axm_actions", "axm_monitor", "axm_options", "axm_dynamic", "unique_id", "_pm2_version",
        "_tree_pids", "versioning", "node_version", "version", "prev_restart_delay", "unstable_restarts",
        "restart_time",
        "created_at", "pm_uptime", "pm_id", "exit_code", "monit", "pid", "SHLVL", "_", "NODE_APP_INSTANCE",
        "restart_task", "command", "started_inside",
    ]

    private static let off: [JSONValue] = [.bool(false), .string("false")]
    private static let on: [JSONValue] = [.bool(true), .string("true")]
    private static let empty: [JSONValue] = off + [.string(""), .array([]), .object(JSONObject()), .integer(0)]

    private static let rules: [String: Rule] = [
        "watch": Rule(default: off) { _, name in
            "gopm does not watch files; let the program do it (node --watch), or run gopm restart \(name) after a change"
        },
        "ignore_watch": Rule(default: empty, "belongs to watch"),
        "watch_delay": Rule(default: empty, "belongs to watch"),
        "watch_options": Rule(default: empty, "belongs to watch"),
        "cron_restart": Rule(default: empty + [.string("0")]) { value, name in
            "gopm has no clock; put this into crontab -e: \(value.asText ?? "") gopm restart \(name)"
        },
        "max_memory_restart": Rule(default: empty) { value, _ in
            let size = value.integerValue.map { ByteSize.format($0) } ?? value.asText ?? ""
            return "gopm sets no limit on memory; set one in the program (node --max-old-space-size=MB), "
                + "or MemoryMax= of its service (was \(size))"
        },
        "wait_ready": Rule(
            default: off,
            "gopm takes no ready message; a start counts once the program has run for min_uptime (gopm start --wait)"
        ),
        "listen_timeout": Rule(default: empty, "gopm does not wait for a port; see min_uptime and gopm start --wait"),
        "shutdown_with_message": Rule(default: off) { _, _ in
            "gopm sends no message but the kill signal; handle that in the program"
        },
        "source_map_support": Rule(
            default: off,
            "gopm puts nothing into node; for traces of the sources set NODE_OPTIONS=--enable-source-maps"
        ),
        "disable_source_map_support": Rule(default: off, "gopm puts nothing into node, so there is none to disable"),
        "treekill": Rule(default: on, "gopm always ends the whole tree of a program when it stops it"),
        "namespace": Rule(
            default: [.string("default"), .string("")],
            "gopm has no namespaces; a common beginning of names, such as team-web, does the same"
        ),
        "log_date_format": Rule(default: empty, "gopm begins every line with its time (2026-11-24T10:00:00.000Z)"),
        "time": Rule(default: off, "gopm begins every line with its time anyway"),
        "log_type": Rule(default: empty, "gopm's logs are lines of text; gopm logs --json makes JSON of them"),
        "autostart": Rule(default: on, "after a reboot gopm starts what was up before, and nothing that was stopped"),
        "kill_retry_time": Rule(default: [.integer(100)], withoutMeaning),
        "windowsHide": Rule(default: on + off, withoutMeaning),
        "vizion": Rule(default: on, withoutMeaning), "pmx": Rule(default: on, withoutMeaning),
        "automation": Rule(default: on, withoutMeaning), "km_link": Rule(default: off, withoutMeaning),
        "trace": Rule(default: off, withoutMeaning), "disable_trace": Rule(default: on, withoutMeaning),
        "v8": Rule(default: off, withoutMeaning), "event_loop_inspector": Rule(default: off, withoutMeaning),
        "deep_monitoring": Rule(default: off, withoutMeaning), "io": Rule(default: empty, withoutMeaning),
        "post_update": Rule(default: empty, "gopm does not deploy; run these commands in your deploy script"),
        "force": Rule(default: off, "gopm starts one of a name"), "write": Rule(default: off, withoutMeaning),
        "execute_command": Rule(default: off, withoutMeaning), "install_url": Rule(default: empty, withoutMeaning),
        "name_prefix": Rule(default: empty, "the name is taken as PM2 shows it"),
        "append_env_to_name": Rule(default: off, "the name is taken as PM2 shows it"),
        "disable_logs": Rule(default: off, "logs are written"),
    ]

    private static let withoutMeaning = "has no meaning outside PM2"

    mutating func remarkTheRest() {
        for member in process.fields.members {
            let (key, value) = (member.key, member.value)
            if handled.contains(key) || PM2Mapping.bookkeeping.contains(key) || value.isNull { continue }
            // A variable that PM2 wrote beside the settings once more.
            if process.environment[key] != nil || key == process.name || key.hasPrefix("PM2_") { continue }
            if let rule = PM2Mapping.rules[key] {
                if !rule.isDefault(value) { plan.remark("\(key)=\(value.shortened)", rule.advice(value, plan.name)) }
            } else if key.hasPrefix("env_") {
                let use = "gopm has no named environments: write one ecosystem file for each, or use gopm start --env"
                plan.remark("\(key)=\(value.shortened)", use)
            } else {
                plan.remark("\(key)=\(value.shortened)", "gopm knows no such setting")
            }
            handled.insert(key)
        }
        for key in PM2Mapping.rules.keys.sorted() where process.environment[key] != nil {
            plan.remark(key, "the variable of this name hides what PM2 was told; look it up in your ecosystem file")
        }
    }
}
