import GopmJSON
import GopmModel
import GopmWire

/// The tools that act on what is in the list.
extension Toolbox {
    var stop: Tool {
        change(
            .stop,
            title: "Stop a process",
            """
            Stop one process, or all of them. It returns when nothing of it is left alive, its children included, which \
            takes up to its kill timeout (5 s unless set). It stays in the list and is not restarted until it is started.
            """,
            verb: "stopped",
            effects: .init(isDestructive: true, isIdempotent: true)
        )
    }

    var delete: Tool {
        change(
            .delete,
            title: "Stop and remove a process",
            """
            Stop one process, or all of them, and remove it from the list: gopm forgets its command, environment and \
            settings. Its log files stay. Ask the user first; gopm_stop is what can be taken back.
            """,
            verb: "deleted",
            effects: .init(isDestructive: true)
        )
    }

    var flush: Tool {
        change(
            .flush,
            title: "Empty logs",
            """
            Empty the log files of one process, or of all, and remove the rotated ones. What they held is lost: read what \
            is needed first.
            """,
            verb: "emptied the logs of",
            effects: .init(isDestructive: true, isIdempotent: true)
        )
    }

    var restart: Tool {
        Tool(
            name: "gopm_restart",
            title: "Restart a process",
            description: """
                Stop and start one process, or all of them; one that is stopped is started. The counting of restarts \
                begins anew, which gives an errored process another chance. It gets the settings that it had.
                """,
            group: .control,
            effects: .init(isDestructive: true),
            input: .arguments(Argument.processOrAll),
            output: ProcessSchema.processes,
            isSlow: true
        ) { [daemon] call async throws(ToolFailure) in
            let (target, caller) = (call.required("target"), call.caller)
            let result = await caller.reportingTime("restarting \(target)") {
                await attempt { () async throws(ToolFailure) in
                    try await daemon.value(.restart, client: caller.client) { $0.member("target", target) }
                }
            }
            return Toolbox.output("restarted", try result.get())
        }
    }

    var resurrect: Tool {
        Tool(
            name: "gopm_resurrect",
            title: "Bring saved processes back",
            description: """
                Start every process that should run and does not, as after a reboot of the machine or "gopm kill". \
                Those that the user stopped stay stopped. Without any to start it does nothing.
                """,
            group: .control,
            effects: .init(isIdempotent: true),
            input: .arguments(),
            output: ProcessSchema.processes,
            isSlow: true
        ) { [daemon] call async throws(ToolFailure) in
            let caller = call.caller
            let result = await caller.reportingTime("bringing processes back") {
                await attempt { () async throws(ToolFailure) in
                    try await daemon.value(.resurrect, client: caller.client)
                }
            }
            return Toolbox.output("resurrected", try result.get(), none: "nothing to do")
        }
    }

    /// A tool whose answer is that it is done.
    private func change(
        _ method: Method,
        title: String,
        _ description: String,
        verb: String,
        effects: Tool.Effects
    ) -> Tool {
        Tool(
            name: "gopm_\(method.rawValue)",
            title: title,
            description: description,
            group: .control,
            effects: effects,
            input: .arguments(Argument.processOrAll),
            output: .result(
                .init("success", .boolean, "", isRequired: true),
                .init("target", .string(), "what was asked for", isRequired: true)
            ),
            isSlow: true
        ) { [daemon] call async throws(ToolFailure) in
            let (target, caller) = (call.required("target"), call.caller)
            let result = await caller.reportingTime("\(method.rawValue) \(target)") {
                await attempt { () async throws(ToolFailure) in
                    try await daemon.call(method, client: caller.client) { $0.member("target", target) }
                }
            }
            _ = try result.get()
            let done: JSONValue = ["success": true, "target": .string(target)]
            let what = target == "all" ? "all processes" : ProcessText.safe(target)
            return ToolOutput("\(verb) \(what)", structured: done.encoded)
        }
    }

    /// One process or several, as a result.
    static func output(_ verb: String, _ value: JSONValue, none: String = "no processes") -> ToolOutput {
        let processes = (value.arrayValue ?? [value]).map { SecretMask.masked($0) }
        let lines = processes.map { ProcessText.line(verb, $0) }
        let object: JSONValue = ["processes": .array(processes)]
        return ToolOutput(lines.isEmpty ? none : lines.joined(separator: "\n"), structured: object.encoded)
    }
}

/// The outcome of an asynchronous call as a value.
func attempt<Value: Sendable>(
    _ body: () async throws(ToolFailure) -> Value
) async -> Result<Value, ToolFailure> {
    do throws(ToolFailure) {
        return .success(try await body())
    } catch {
        return .failure(error)
    }
}
