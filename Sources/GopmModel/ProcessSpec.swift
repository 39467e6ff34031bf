package import GopmJSON

/// What the user asked for: everything needed to start one program and keep it alive.
package struct ProcessSpec: Sendable, Hashable {
    package var name: String
    /// Absolute path of the program, or of the script when there is an interpreter.
    package var command: String
    package var args: [String]
    /// Absolute path of the working directory.
    package var cwd: String
    /// What was declared; the base environment and `PATH` are added at each start.
    package var env: [String: String]
    /// A name looked up on ``searchPath``, or an absolute path.
    package var interpreter: String?
    /// The `PATH` of whoever typed `start`, so that programs of nvm or pyenv come back after a reboot.
    package var searchPath: String?
    package var policy: RestartPolicy
    /// Absolute paths; the same path for both makes one stream of them.
    package var logOut: String
    package var logErr: String
    /// Bytes a log file may hold before it is rotated.
    package var maxLogSize: Int64

    package init(name: String, command: String, cwd: String) {
        self.name = name
        self.command = command
        self.cwd = cwd
        args = []
        env = [:]
        policy = RestartPolicy()
        logOut = ""
        logErr = ""
        maxLogSize = 0
    }
}

extension ProcessSpec {
    /// Writes the spec's members into the object that is open.
    package func encodeMembers(into json: inout JSONWriter) {
        json.member("name", name)
        json.member("command", command)
        json.member("args", args)
        json.member("cwd", cwd)
        json.key("env")
        json.environment(env)
        if let interpreter { json.member("interpreter", interpreter) }
        if let searchPath { json.member("path", searchPath) }
        json.key("restart_policy")
        policy.encode(into: &json)
        json.member("log_out", logOut)
        json.member("log_err", logErr)
        json.member("max_log_size", maxLogSize)
    }

    /// Takes the spec's fields as ``encodeMembers(into:)`` writes them.
    package init(savedIn fields: inout FieldReader) {
        self.init(
            name: fields.string("name") ?? "",
            command: fields.string("command") ?? "",
            cwd: fields.string("cwd") ?? "/"
        )
        args = fields.strings("args") ?? []
        env = fields.environment("env") ?? [:]
        interpreter = fields.string("interpreter").flatMap { $0.isEmpty ? nil : $0 }
        searchPath = fields.string("path")
        if let policyObject = fields.object("restart_policy") {
            var policyFields = fields.nested(policyObject, "restart_policy")
            policy.read(from: &policyFields)
            fields.add(policyFields)
        }
        logOut = fields.string("log_out") ?? ""
        logErr = fields.string("log_err") ?? ""
        maxLogSize = fields.logSize("max_log_size") ?? 0
        if command.isEmpty { fields.fatalFault("command", "missing") }
    }
}

extension JSONWriter {
    /// Writes a map of strings, sorted by key so that the same map is always the same text.
    package mutating func environment(_ env: [String: String]) {
        object { json in
            for (key, value) in env.sorted(by: { $0.key < $1.key }) { json.member(key, value) }
        }
    }
}
