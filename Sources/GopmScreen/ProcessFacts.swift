package import GopmModel
package import GopmTerminal

/// Everything about a process in lines of a name and a value, as `describe` and the gui show it.
package enum ProcessFacts {
    /// `path` writes a path for people.
    package static func rows(
        _ record: ProcessRecord,
        now: Timestamp,
        path: (String) -> String
    ) -> [(String, Table.Cell)] {
        basics(record, now) + policy(record.spec.policy) + logs(record.spec, path)
    }

    private static func basics(_ record: ProcessRecord, _ now: Timestamp) -> [(String, Table.Cell)] {
        let spec = record.spec
        let isOnline = record.state.status == "online"
        var rows: [(String, Table.Cell)] = [
            ("Name", cell(spec.name)), ("ID", "\(record.id)"),
            ("Status", Table.Cell(record.state.word, record.state.style)),
        ]
        if !record.reason.isEmpty { rows.append(("Reason", cell(record.reason))) }
        rows += [
            ("PID", isOnline ? "\(Int(record.pid))" : "-"),
            ("Command", cell(spec.command)),
            ("Args", cell(spec.args.joined(separator: " "))),
            ("CWD", cell(spec.cwd)),
            ("Interpreter", cell(spec.interpreter ?? "")),
            ("Uptime", isOnline ? Table.Cell(HumanFormat.uptimeInFull(record.uptime(at: now))) : "-"),
            ("Created At", Table.Cell(record.createdAt.readable)),
            ("Restarts", "\(record.counters.restarts)"),
            ("Last Exit Code", lastExit(record)),
            ("CPU", isOnline ? Table.Cell(HumanFormat.percent(record.cpuPercent)) : "-"),
            ("Memory", isOnline ? Table.Cell(HumanFormat.bytes(UInt64(max(record.memory, 0)))) : "-"),
        ]
        return rows
    }

    private static func policy(_ policy: RestartPolicy) -> [(String, Table.Cell)] {
        var rows: [(String, Table.Cell)] = [
            ("Auto Restart", cell(policy.mode.rawValue)),
            ("Max Restarts", policy.maxRestarts == 0 ? "unlimited" : "\(policy.maxRestarts)"),
            ("Min Uptime", cell(DurationText.format(policy.minUptime))),
            ("Restart Delay", cell(DurationText.format(policy.restartDelay))),
            ("Exp Backoff", "\(policy.usesBackoff ? "true" : "false")"),
        ]
        if policy.usesBackoff { rows.append(("Max Delay", cell(DurationText.format(policy.maxDelay)))) }
        if !policy.restartOnExit.isEmpty { rows.append(("Restart On Exit", cell(list(policy.restartOnExit)))) }
        if !policy.noRestartOnExit.isEmpty { rows.append(("No Restart On Exit", cell(list(policy.noRestartOnExit)))) }
        return rows + [
            ("Kill Signal", cell(policy.killSignal.name)),
            ("Kill Timeout", cell(DurationText.format(policy.killTimeout))),
        ]
    }

    private static func logs(_ spec: ProcessSpec, _ path: (String) -> String) -> [(String, Table.Cell)] {
        [
            ("Stdout Log", cell(path(spec.logOut))),
            ("Stderr Log", cell(path(spec.logErr))),
            ("Max Log Size", cell(HumanFormat.byteLimit(UInt64(max(spec.maxLogSize, 0))))),
        ]
    }

    private static func lastExit(_ record: ProcessRecord) -> Table.Cell {
        switch record.lastExit {
        case nil: "-"
        case .exited(let code): "\(Int(code))"
        case .signaled(let signal, _): cell("-1 (\(signal.name))")
        case .unknown: "unknown"
        }
    }

    private static func list(_ codes: [Int]) -> String {
        codes.map(String.init).joined(separator: ", ")
    }

    private static func cell(_ text: String) -> Table.Cell {
        Table.Cell(text.isEmpty ? "-" : DisplayText.sanitized(text))
    }
}
