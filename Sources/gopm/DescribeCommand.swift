import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmSystem
import GopmTerminal
import GopmWire

#if canImport(Glibc)
    import Glibc
#endif

struct DescribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        _superCommandName: "gopm",
        abstract: "Show everything about a process."
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Name or id.", completion: .live(.processes))
    var target: String

    func run() throws {
        let connection = try global.connect()
        let data = try reporting { () throws(ClientError) in
            try connection.call(.describe) { $0.member("target", target) }
        }
        if global.json { return Console.json(data) }
        Console.out(table(try RecordReading.first(data), tree: tree(data)))
    }

    private func table(_ record: ProcessRecord, tree: [Table.Cell.Line]) -> Table {
        var table = Table([Table.Column("Key"), Table.Column("Value", overflow: .wraps)])
        for (key, value) in basics(record) + policy(record.spec.policy) + logs(record.spec) {
            table.append([Table.Cell(key), value])
        }
        // A main process alone is in the table already.
        if tree.count > 1 { table.append(["Tree", Table.Cell(lines: tree)]) }
        let env = record.spec.env.sorted { $0.key < $1.key }.map {
            Table.Cell.Line(DisplayText.sanitized("\($0.key)=\($0.value)"))
        }
        table.append(["Env", env.isEmpty ? "-" : Table.Cell(lines: env)])
        return table
    }

    /// Every living process of the program, a line each.
    private func tree(_ data: [UInt8]) -> [Table.Cell.Line] {
        let nodes = (try? JSONValue.parse(data))?["tree"]?.arrayValue ?? []
        let branches = TreeBranches.prefixes(of: nodes.map { Int(clamping: $0["depth"]?.integerValue ?? 0) })
        return zip(nodes, branches).map { node, branch in
            Table.Cell.Line("\(branch)\(node["pid"]?.integerValue ?? 0) \(node["command"]?.stringValue ?? "")")
        }
    }

    private func basics(_ record: ProcessRecord) -> [(String, Table.Cell)] {
        let spec = record.spec
        let isOnline = record.state.status == "online"
        let uptime = Duration.nanoseconds(max(Clock.wall - (record.startedAt?.nanoseconds ?? 0), 0))
        var rows: [(String, Table.Cell)] = [
            ("Name", cell(spec.name)), ("ID", "\(record.id)"), ("Status", StatusWord.cell(record.state)),
        ]
        if !record.reason.isEmpty { rows.append(("Reason", cell(record.reason))) }
        rows += [
            ("PID", isOnline ? "\(Int(record.pid))" : "-"),
            ("Command", cell(spec.command)),
            ("Args", cell(spec.args.joined(separator: " "))),
            ("CWD", cell(spec.cwd)),
            ("Interpreter", cell(spec.interpreter ?? "")),
            ("Uptime", isOnline ? Table.Cell(HumanFormat.uptimeInFull(uptime)) : "-"),
            ("Created At", Table.Cell(record.createdAt.readable)),
            ("Restarts", "\(record.counters.restarts)"),
            ("Last Exit Code", lastExit(record)),
            ("CPU", isOnline ? Table.Cell(HumanFormat.percent(record.cpuPercent)) : "-"),
            ("Memory", isOnline ? Table.Cell(HumanFormat.bytes(UInt64(max(record.memory, 0)))) : "-"),
        ]
        return rows
    }

    private func policy(_ policy: RestartPolicy) -> [(String, Table.Cell)] {
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

    private func logs(_ spec: ProcessSpec) -> [(String, Table.Cell)] {
        let home = getenv("HOME").map { String(cString: $0) } ?? ""
        return [
            ("Stdout Log", cell(PathText.abbreviated(spec.logOut, home: home))),
            ("Stderr Log", cell(PathText.abbreviated(spec.logErr, home: home))),
            ("Max Log Size", cell(HumanFormat.byteLimit(UInt64(max(spec.maxLogSize, 0))))),
        ]
    }

    private func lastExit(_ record: ProcessRecord) -> Table.Cell {
        switch record.lastExit {
        case nil: "-"
        case .exited(let code): "\(Int(code))"
        case .signaled(let signal, _): cell("-1 (\(signal.name))")
        case .unknown: "unknown"
        }
    }

    private func list(_ codes: [Int]) -> String {
        codes.map(String.init).joined(separator: ", ")
    }

    private func cell(_ text: String) -> Table.Cell {
        Table.Cell(text.isEmpty ? "-" : DisplayText.sanitized(text))
    }
}
