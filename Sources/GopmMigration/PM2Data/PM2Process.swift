package import GopmJSON

/// One process as PM2 tells of it: an element of `pm2 jlist` or `dump.pm2`, or an app of an ecosystem file that was
/// brought into the same shape.
///
/// `pm2_env` is one flat object in which PM2 mixes its settings, its bookkeeping and, once more, every variable of the
/// program's environment. So a field of the name of a variable says nothing about the setting of that name.
package struct PM2Process: Sendable, Hashable {
    package enum Origin: String, Sendable {
        /// PM2's daemon runs and has it.
        case live
        /// `dump.pm2`, and no daemon runs.
        case dump
        /// A file that PM2 would start; PM2 itself holds nothing of it.
        case file
    }

    package var origin: Origin
    package var name: String
    /// PM2's number of it; files have none.
    package var id: Int?
    /// 0 when none runs; in files always.
    package var pid: Int32
    /// `pm2_env`.
    package var fields: JSONObject

    /// `nil` for what is no process.
    package init?(_ element: JSONValue, origin: Origin) {
        guard let outer = element.objectValue else { return nil }
        let fields = outer["pm2_env"]?.objectValue ?? outer
        guard fields["pm_exec_path"]?.stringValue != nil else { return nil }
        self.origin = origin
        self.fields = fields
        name = outer["name"]?.asText ?? fields["name"]?.asText ?? ""
        id = (outer["pm_id"] ?? fields["pm_id"])?.integerValue.flatMap { Int(exactly: $0) }
        pid = outer["pid"]?.integerValue.flatMap { Int32(exactly: $0) } ?? 0
    }
}

extension PM2Process {
    /// The program's environment with what PM2 put into it.
    package var environment: JSONObject { fields["env"]?.objectValue ?? JSONObject() }

    /// A setting; `nil` if it is absent, null, or hidden by a variable of its name.
    package func setting(_ key: String) -> JSONValue? {
        guard let value = fields[key], !value.isNull, environment[key] == nil else { return nil }
        return value
    }

    package func flag(_ key: String) -> Bool? {
        switch setting(key) {
        case .bool(let flag): flag
        case .string("true"): true
        case .string("false"): false
        default: nil
        }
    }

    /// What PM2 knows it by over restarts: the same for all instances of a cluster, and in the environment of every
    /// process that was started for it.
    var uniqueID: String? {
        let text = environment["unique_id"]?.stringValue ?? fields["unique_id"]?.stringValue
        // Shorter ones would be found in environments by accident.
        return text.flatMap { $0.utf8.count >= 16 ? $0 : nil }
    }

    package var script: String { fields["pm_exec_path"]?.stringValue ?? "" }

    package var status: String { fields["status"]?.stringValue ?? "stopped" }

    /// Whether PM2 has it up or is about to.
    package var isUp: Bool {
        switch status {
        case "online", "launching", "waiting restart", "one-launch-status": true
        default: false
        }
    }

    var isCluster: Bool { setting("exec_mode")?.stringValue?.hasPrefix("cluster") == true }

    /// Part of PM2, such as pm2-logrotate.
    package var isModule: Bool { flag("pmx_module") == true }

    /// Whether PM2 starts it even when it is stopped, so that only one that it no longer has stays down.
    var comesBackWhenStopped: Bool {
        let cron = setting("cron_restart")?.asText ?? ""
        let watch = setting("watch") ?? .bool(false)
        return !(cron.isEmpty || cron == "0") || !(watch == .bool(false) || watch == .string("false"))
    }

    /// Whether both are the same entry of PM2's list.
    package func isSame(as other: PM2Process) -> Bool {
        if let uniqueID, let theirs = other.uniqueID { return uniqueID == theirs }
        return name == other.name && script == other.script
    }
}

extension JSONValue {
    /// A string, or the text of a number or truth value, as node makes one of it.
    var asText: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .double(let number): number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : "\(number)"
        case .bool(let flag): String(flag)
        case .null, .array, .object: nil
        }
    }

    /// Compact JSON for one line, cut where it is long.
    package var shortened: String {
        let text = String(decoding: encoded, as: UTF8.self)
        return text.count > 80 ? text.prefix(79) + "…" : text
    }
}
