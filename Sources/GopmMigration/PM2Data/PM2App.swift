package import GopmJSON
import GopmModel
import GopmSystem

/// An app of an ecosystem file, brought into the shape in which PM2 lists it once it has started it.
package struct PM2App: Sendable {
    /// The settings under the names that PM2's list has for them.
    private var settings: JSONObject

    package init(_ app: JSONObject) {
        settings = JSONObject(app.members.map { .init(key: PM2App.listed[$0.key] ?? $0.key, value: $0.value) })
    }

    package var script: String? { settings["pm_exec_path"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }

    /// Other words for a setting (PM2's `schema.json`), and what the list calls it (`Common.js`, prepareAppConf).
    private static let listed = [
        "script": "pm_exec_path", "exec": "pm_exec_path", "cwd": "pm_cwd", "interpreter": "exec_interpreter",
        "interpreterArgs": "node_args", "interpreter_args": "node_args", "out": "pm_out_log_path",
        "output": "pm_out_log_path", "out_log": "pm_out_log_path", "out_file": "pm_out_log_path",
        "error": "pm_err_log_path", "err": "pm_err_log_path", "err_file": "pm_err_log_path",
        "err_log": "pm_err_log_path", "error_file": "pm_err_log_path", "log": "pm_log_path", "log_file": "pm_log_path",
        "pid": "pm_pid_path", "pid_file": "pm_pid_path", "cron": "cron_restart", "combine_logs": "merge_logs",
        "user": "uid",
    ]

    /// Where an app's relative paths begin, and what looks at files.
    package struct Surroundings {
        /// Of the ecosystem file.
        package var folder: String
        package var home: String
        package var searchPath: String
        /// Whether a file is a program by itself: machine code, or a script that names its interpreter and may be
        /// executed.
        var runsByItself: (String) -> Bool

        package init(folder: String, home: String, searchPath: String, runsByItself: @escaping (String) -> Bool) {
            self.folder = folder
            self.home = home
            self.searchPath = searchPath
            self.runsByItself = runsByItself
        }
    }

    /// The process that PM2 would make of it.
    package func process(in place: Surroundings) -> PM2Process? {
        guard let script else { return nil }
        var fields = settings
        let cwd = path(settings["pm_cwd"]?.stringValue ?? ".", relativeTo: place.folder, place)
        var full = path(script, relativeTo: cwd, place)
        if !FileSystem.exists(full), !script.contains("/"), let found = Program.find(script, on: place.searchPath) {
            full = found
        }
        fields.set("pm_exec_path", .string(full))
        fields.set("pm_cwd", .string(cwd))
        for key in ["pm_out_log_path", "pm_err_log_path", "pm_log_path", "pm_pid_path"] {
            guard let file = settings[key]?.stringValue else { continue }
            fields.set(key, .string(file == "NULL" ? "/dev/null" : path(file, relativeTo: cwd, place)))
        }
        var environment = settings["env"]?.objectValue ?? JSONObject()
        if let port = settings["port"] { environment.set("PORT", port) }
        fields.members.removeAll { $0.key == "port" }
        let interpreter = self.interpreter(of: full, place)
        fields.set("exec_interpreter", .string(interpreter))
        if interpreter.contains("python") { environment.set("PYTHONUNBUFFERED", .string("1")) }
        fields.set("env", .object(environment))
        fields.set("exec_mode", .string(isCluster(interpreter) ? "cluster_mode" : "fork_mode"))
        // What the file says is wanted up.
        fields.set("status", .string("online"))
        let name = settings["name"]?.asText ?? defaultName(full)
        fields.set("name", .string(name))
        return PM2Process(.object(fields), origin: .file)
    }

    /// The script's file name without its ending.
    private func defaultName(_ script: String) -> String {
        let name = PathText.lastPart(script)
        return name.lastIndex(of: ".").map { $0 == name.startIndex ? name : String(name[..<$0]) } ?? name
    }

    /// By the ending, as PM2 does it (`interpreter.json`, Common.js resolveInterpreter).
    private func interpreter(of script: String, _ place: Surroundings) -> String {
        if let named = settings["exec_interpreter"]?.stringValue, !named.isEmpty { return named }
        switch PathText.lastPart(script).split(separator: ".", omittingEmptySubsequences: false).dropFirst().last {
        case "sh": return "bash"
        case "py": return Program.find("python", on: place.searchPath) == nil ? "python3" : "python"
        case "rb": return "ruby"
        case "php": return "php"
        case "pl": return "perl"
        case "coffee": return "coffee"
        case "ls": return "lsc"
        case "ts", "tsx": return "bun"
        case "js", "cjs", "mjs": return "node"
        default: return place.runsByItself(script) ? "none" : "node"
        }
    }

    /// A number of instances makes node programs a cluster (Common.js, determineExecMode).
    private func isCluster(_ interpreter: String) -> Bool {
        if let mode = settings["exec_mode"]?.stringValue { return mode.hasPrefix("cluster") }
        return settings["instances"].map { !$0.isNull } == true && PathText.lastPart(interpreter) == "node"
    }

    private func path(_ text: String, relativeTo folder: String, _ place: Surroundings) -> String {
        let full = text == "~" ? place.home : PathText.expandingTilde(text, home: place.home)
        return PathText.normalized(full, relativeTo: folder)
    }
}

extension JSONObject {
    /// Replaces a member, or appends it.
    fileprivate mutating func set(_ key: String, _ value: JSONValue) {
        members.removeAll { $0.key == key }
        members.append(Member(key: key, value: value))
    }
}
