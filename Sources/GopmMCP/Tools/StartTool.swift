import GopmJSON
import GopmModel
import GopmWire

extension Toolbox {
    var start: Tool {
        Tool(
            name: "gopm_start",
            title: "Start a program",
            description: """
                Start a program under gopm, which keeps it alive, logs what it writes and brings it back after a reboot. \
                Give the program in "command" and its arguments in "args": no shell is involved, so pipes, globs and \
                variables are not expanded. For a script give the "interpreter" (python3, node, bash). It returns as soon \
                as the program is executed; look at gopm_isrunning or gopm_logs to see whether it stays up. To start a \
                process that is in the list already, use gopm_restart. Variables of any shell are not passed on: declare \
                what it needs in "env".
                """,
            group: .start,
            effects: .init(),
            input: .arguments(
                .init(
                    "command",
                    .string(),
                    "a program of PATH, or a path (absolute, or relative to cwd)",
                    isRequired: true
                ),
                .init("name", .string(), "unique name; default: the program's file name. \(ProcessName.allowed)"),
                .init("args", .array(of: .string()), "arguments of the program"),
                .init("cwd", .string(), "working directory, absolute; default: the user's home"),
                .init("env", .map(of: .string()), "environment variables"),
                .init("interpreter", .string(), "program that runs the command as a script"),
                .init(
                    "autorestart",
                    .string(allowed: RestartPolicy.Mode.allCases.map(\.rawValue)),
                    "when it is restarted; default: always"
                ),
                .init(
                    "max_restarts",
                    .integer(0...1_000_000_000),
                    "consecutive restarts before giving up; 0: no limit"
                ),
                .init("restart_delay", .string(), "wait before a restart, such as 500ms, 2s, 1m; default: 2s")
            ),
            output: ProcessSchema.full,
            isSlow: true
        ) { [daemon, settings] call async throws(ToolFailure) in
            var fields = FieldReader(call.arguments)
            var request = StartRequest(from: &fields)
            var faults = fields.faults.map(\.description)
            faults += Toolbox.maskedValues(in: request.env)
            if let cwd = request.cwd, !cwd.hasPrefix("/") { faults.append("cwd: \"\(cwd)\" is not an absolute path") }
            guard faults.isEmpty else { throw ToolFailure(faults.joined(separator: "\n")) }
            request.cwd = request.cwd ?? settings.userFolder
            request.searchPath = settings.searchPath
            let (wish, caller) = (request, call.caller)
            let result = await caller.reportingTime("starting \(wish.name ?? wish.command)") {
                await attempt { () async throws(ToolFailure) in
                    try await daemon.value(.start, client: caller.client) { wish.encodeMembers(into: &$0) }
                }
            }
            let process = SecretMask.masked(try result.get())
            return ToolOutput(ProcessText.line("started", process), structured: process.encoded)
        }
    }

    /// What stands where a secret was is not one: a program that got it would only fail in a way that is hard to see.
    static func maskedValues(in environment: [String: String], at path: String = "env") -> [String] {
        environment.filter { $0.value == SecretMask.text }.keys.sorted().map { name in
            "\(path).\(name): \"\(SecretMask.text)\" stands for a secret that is not shown; ask the user for its value"
        }
    }
}
