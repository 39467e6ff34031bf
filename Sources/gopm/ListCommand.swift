import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmSystem
import GopmTerminal
import GopmWire

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        _superCommandName: "gopm",
        abstract: "List all processes.",
        aliases: ["ls"]
    )

    @OptionGroup var global: GlobalOptions

    @Flag(name: .shortAndLong, help: "Show listening ports.")
    var ports = false

    func run() throws {
        let answer = try ListAnswer(try global.connect(), isFull: global.json)
        answer.print(json: global.json, ports: ports)
    }
}

/// The daemon's list and its version.
struct ListAnswer {
    private let data: [UInt8]
    private let daemonVersion: String?
    let records: [ProcessRecord]

    init(_ connection: ControlConnection, isFull: Bool) throws(CommandFailure) {
        let (list, ping) = try reporting { () throws(ClientError) -> ([UInt8], [UInt8]) in
            let list = try connection.call(.list) { json in if !isFull { json.member("detail", "table") } }
            return (list, try connection.call(.ping))
        }
        data = list
        daemonVersion = (try? JSONValue.parse(ping))?["version"]?.stringValue
        // With --json the text is passed on as it is.
        records = isFull ? [] : try RecordReading.records(list)
    }

    func print(json: Bool, ports: Bool) {
        if json { return Console.json(data) }
        if records.isEmpty {
            Console.out("no processes; start one with: gopm start ./myapp --name api")
        } else {
            Console.out(ProcessTable.table(records, ports: ports))
        }
        if let warning = VersionWarning.line(daemonVersion: daemonVersion) { Console.out(warning) }
    }
}

/// The table of processes, as `list` and bare `gopm` show it.
enum ProcessTable {
    static func table(_ records: [ProcessRecord], ports: Bool) -> Table {
        let titles = ["ID", "Name", "Status", "PID", "CPU", "Memory", "Restart", "Uptime"] + (ports ? ["Ports"] : [])
        var table = Table(
            titles.map { Table.Column($0, overflow: $0 == "Name" || $0 == "Ports" ? .truncates : .keeps) }
        )
        let now = Timestamp(nanoseconds: Clock.wall)
        for record in records { table.append(row(record, now: now, ports: ports)) }
        return table
    }

    private static func row(_ record: ProcessRecord, now: Timestamp, ports: Bool) -> [Table.Cell] {
        let isOnline = record.state.status == "online"
        let uptime = Duration.nanoseconds(max(now.nanoseconds - (record.startedAt ?? now).nanoseconds, 0))
        var cells: [Table.Cell] = [
            "\(record.id)",
            Table.Cell(DisplayText.sanitized(record.spec.name)),
            StatusWord.cell(record.state),
            isOnline ? "\(Int(record.pid))" : "-",
            isOnline ? Table.Cell(HumanFormat.percent(record.cpuPercent)) : "-",
            isOnline && record.memory > 0 ? Table.Cell(HumanFormat.bytes(UInt64(record.memory))) : "-",
            "\(record.counters.restarts)",
            isOnline ? Table.Cell(HumanFormat.uptime(uptime)) : "-",
        ]
        if ports { cells.append(listeners(record)) }
        return cells
    }

    /// One line a listener; what the whole network can reach is red.
    private static func listeners(_ record: ProcessRecord) -> Table.Cell {
        guard !record.listeners.isEmpty else { return "-" }
        return Table.Cell(
            lines: record.listeners.map { listener in
                let isLocal =
                    listener.contains("@127.") || listener.contains("@[::1]") || listener.contains("@localhost")
                return Table.Cell.Line(DisplayText.sanitized(listener), isLocal ? nil : .red)
            }
        )
    }
}

/// A state as people see it, with its colour.
enum StatusWord {
    static func cell(_ state: ProcessState) -> Table.Cell {
        switch state {
        case .starting, .running: Table.Cell("online", .green)
        case .stopping: Table.Cell("stopping", .yellow)
        case .waiting: Table.Cell("restarting", .yellow)
        case .stopped: Table.Cell("stopped", .dim)
        case .errored: Table.Cell("errored", .red)
        }
    }
}
