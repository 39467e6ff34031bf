import GopmJSON
import GopmModel
import GopmWire

/// The tools that show processes as gopmd knows them.
extension Toolbox {
    var list: Tool {
        Tool(
            name: "gopm_list",
            title: "List processes",
            description: """
                List every process that gopm manages on this machine, with status, PID, CPU, memory, consecutive restarts \
                and the time of its last start. Begin here. A status of "errored" means that gopm has given up restarting; \
                many restarts mean that it keeps crashing.
                """,
            group: .read,
            effects: .none,
            input: .arguments(),
            output: .result(
                .init("processes", .array(of: ProcessSchema.summary), "one for each process, by id", isRequired: true)
            )
        ) { [daemon] _ async throws(ToolFailure) in
            let data = try await daemon.call(.list) { $0.member("detail", "table") }
            var json = JSONWriter(reservingCapacity: data.count + 16)
            json.object { $0.member("processes", raw: data) }
            return ToolOutput(ProcessText.table(ProcessRecord.all(in: data)), structured: json.bytes)
        }
    }

    var describe: Tool {
        Tool(
            name: "gopm_describe",
            title: "Describe a process",
            description: """
                Show everything about one process: command line, working directory, environment, restart policy, log \
                files, counters, how it ended last, and every living process that belongs to it (tree). Values of the \
                environment that look like secrets are masked; arguments are shown as they are.
                """,
            group: .read,
            effects: .none,
            input: .arguments(Argument.process, Argument.reveal),
            output: ProcessSchema.full
        ) { [daemon, policy] call async throws(ToolFailure) in
            let isRevealed = try policy.reveals(call)
            let target = call.required("target")
            let value = try await daemon.value(.describe) { $0.member("target", target) }
            let shown = isRevealed ? value : SecretMask.masked(value)
            return ToolOutput(ProcessText.description(shown), structured: shown.encoded)
        }
    }

    var isRunning: Tool {
        Tool(
            name: "gopm_isrunning",
            title: "Check whether a process runs",
            description: """
                Tell whether one process is online. An unknown name is no error: it does not run, and its status is empty.
                """,
            group: .read,
            effects: .none,
            input: .arguments(Argument.process),
            output: .result(
                .init("name", .string(), "", isRequired: true),
                .init("running", .boolean, "whether it is online", isRequired: true),
                .init("status", .string(), "online, stopped, errored, or empty if there is no such process"),
                .init("pid", .integer(0...Int.max), "0 if it does not run"),
                .init("uptime", .string(), "time of the last start, RFC 3339"),
                .init("exit_code", .integer(Int.min...Int.max), "of the last end; -1 after a signal"),
                .init("restarts", .integer(0...Int.max), "consecutive restarts")
            )
        ) { [daemon] call async throws(ToolFailure) in
            let target = call.required("target")
            let value = try await daemon.value(.isrunning) { $0.member("target", target) }
            let status = value["status"]?.stringValue ?? ""
            let pid = value["pid"]?.integerValue ?? 0
            let words = status.isEmpty ? "not found" : pid > 0 ? "\(status) (PID \(pid))" : status
            return ToolOutput("\(ProcessText.safe(target)): \(words)", structured: value.encoded)
        }
    }

    var ping: Tool {
        Tool(
            name: "gopm_ping",
            title: "Check the daemon",
            description: "Check that the gopm daemon answers, and show its PID, version, uptime and config file.",
            group: .read,
            effects: .none,
            input: .arguments(),
            output: .result(
                .init("pid", .integer(0...Int.max), "of the daemon", isRequired: true),
                .init("uptime", .string(), "for people"),
                .init("uptime_ms", .integer(0...Int.max), "milliseconds"),
                .init("version", .string(), "", isRequired: true),
                .init("config_file", .string(), "empty: defaults are in effect"),
                .init("config_source", .string(), "")
            )
        ) { [daemon] _ async throws(ToolFailure) in
            let value = try await daemon.value(.ping)
            let pid = value["pid"]?.integerValue ?? 0
            let (uptime, version) = (value["uptime"]?.stringValue ?? "", value["version"]?.stringValue ?? "")
            return ToolOutput(
                "gopm daemon running (PID \(pid), uptime \(uptime), version \(version))",
                structured: value.encoded
            )
        }
    }
}
