import GopmJSON
import GopmModel
import GopmSystem

/// Maps one process of PM2, or the instances of one cluster.
///
/// Every setting that is not PM2's default ends up in the request or in a remark.
struct PM2Mapping {
    let process: PM2Process
    let site: ImportSite
    var plan: ImportPlan
    /// Settings that were dealt with.
    var handled: Set<String> = ["name", "env", "pm_exec_path", "pm_cwd", "status"]

    init(_ group: [PM2Process], as name: String, at site: ImportSite) {
        process = group[0]
        self.site = site
        plan = ImportPlan(processes: group, request: StartRequest())
        plan.request.name = name
    }

    mutating func map() {
        mapEnvironment()
        mapCommand()
        mapPolicy()
        mapLogs()
        mapInstances()
        mapUser()
        if plan.wantsUp, plan.isCrashLoop {
            plan.remark("status", "it keeps crashing in PM2 (status \"waiting restart\"); gopm goes on restarting it")
        }
        if process.status == "errored" {
            plan.remark(
                "status",
                "PM2 gave it up (errored), so it is taken over stopped; to try: gopm start \(plan.name)"
            )
        }
        remarkTheRest()
    }

    // MARK: - What is run

    private mutating func mapCommand() {
        let cwd = process.fields["pm_cwd"]?.stringValue ?? PathText.folder(process.script)
        plan.request.cwd = PathText.normalized(cwd, relativeTo: "/")
        let script = PathText.normalized(process.script, relativeTo: cwd)
        let interpreter = take("exec_interpreter")?.stringValue ?? "none"
        let interpreterArguments = words("node_args")
        let arguments = words("args")
        if interpreter == "none" || interpreter.isEmpty {
            plan.request.command = script
            plan.request.args = arguments
            if !interpreterArguments.isEmpty {
                plan.remark("node_args", "there is no interpreter that would take \(interpreterArguments)")
            }
            return
        }
        guard !interpreterArguments.isEmpty else {
            plan.request.command = script
            plan.request.interpreter = interpreter
            plan.request.args = arguments
            return
        }
        // gopm's interpreter takes no arguments, so the interpreter itself becomes the program.
        plan.request.command = interpreter
        plan.request.args = interpreterArguments + [script] + arguments
        plan.remark("node_args", "the interpreter becomes the command, and the script the argument after its own")
        let path = plan.request.searchPath ?? ProcessDefaults.searchPath
        guard !interpreter.hasPrefix("/") else { return }
        if let found = Program.find(interpreter, on: path) {
            plan.request.command = found
        } else if interpreter.contains("/") {
            plan.request.command = PathText.normalized(interpreter, relativeTo: cwd)
        } else {
            plan.obstacle = "interpreter \"\(interpreter)\" is not found on its PATH"
        }
    }

    /// A list of words, or a line that is split into them.
    private mutating func words(_ key: String) -> [String] {
        switch take(key) {
        case .array(let values): return values.compactMap(\.asText)
        case .string(let line): return ShellWords.split(line)
        case .some(let other): return other.asText.map { [$0] } ?? []
        case nil: return []
        }
    }

    private mutating func mapInstances() {
        let instances = plan.processes.count
        let asked = take("instances")?.asText ?? "1"
        let isCluster = process.isCluster
        handled.insert("exec_mode")
        let others = "for more cores start several with ports of their own, or use node's cluster module in the program"
        if isCluster {
            let count = instances > 1 ? "\(instances)" : asked
            plan.remark("exec_mode", "cluster mode with \(count) instance(s) becomes ONE process; \(others)")
        } else if asked != "1" {
            plan.remark("instances", "\(asked) instances become ONE process; \(others)")
        }
        if let variable = take("increment_var")?.asText {
            let value = plan.request.env[variable].map { ", \($0)" } ?? ""
            plan.remark("increment_var", "the one process keeps \(variable) of the first instance\(value)")
        }
    }

    // MARK: - Who runs it

    /// gopm runs programs as its own user; as another one they could do more, or less, than they may.
    private mutating func mapUser() {
        handled.insert("username")
        if let user = take("uid")?.asText, user != String(site.uid), user != site.userName {
            plan.obstacle =
                "PM2 runs it as user \(user), gopm would run it as \(site.userName ?? String(site.uid)): "
                + "import it as that user (sudo gopm install --user \(user) makes a gopm for it)"
        }
        if let group = take("gid")?.asText {
            plan.remark("gid", "PM2 runs it with group \(group); gopm's programs have the group of gopm itself")
        }
    }

    // MARK: - Settings

    /// A setting that is dealt with here.
    mutating func take(_ key: String) -> JSONValue? {
        handled.insert(key)
        return process.setting(key)
    }

    /// Milliseconds as a number, its text, or `10s`, `5m`, `2h`.
    mutating func duration(_ key: String) -> Duration? {
        guard let value = take(key), let text = value.asText else { return nil }
        let duration = Int64(text).flatMap { $0 >= 0 ? DurationText.parse("\($0)ms") : nil } ?? DurationText.parse(text)
        if duration == nil { plan.remark(key, "\(value.shortened) is no duration; gopm takes PM2's default") }
        return duration
    }
}

/// What PM2 does when nothing is said (its `constants.js` and `God.js`).
enum ProcessDefaults {
    static let minUptime = Duration.seconds(1)
    static let maxRestarts = 16
    static let killTimeout = Duration.milliseconds(1600)
    /// The longest wait of `exp_backoff_restart_delay`.
    static let longestBackoff = Duration.seconds(15)
    static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}
