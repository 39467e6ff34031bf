package import GopmModel
package import GopmTerminal

/// The table of processes, as `list`, `watch` and bare `gopm` show it.
package enum ProcessTable {
    package static func table(_ records: [ProcessRecord], now: Timestamp, ports: Bool) -> Table {
        let titles = ["ID", "Name", "Status", "PID", "CPU", "Memory", "Restart", "Uptime"] + (ports ? ["Ports"] : [])
        var table = Table(titles.map(column))
        for record in records { table.append(row(record, now: now, ports: ports)) }
        return table
    }

    /// With ports a table of usual numbers fits 80 columns; a port that is cut off would say nothing.
    private static func column(_ title: String) -> Table.Column {
        switch title {
        case "Name": Table.Column(title, overflow: .truncates, minimumWidth: 6)
        case "Ports": Table.Column(title, overflow: .wraps)
        default: Table.Column(title)
        }
    }

    private static func row(_ record: ProcessRecord, now: Timestamp, ports: Bool) -> [Table.Cell] {
        let isOnline = record.state.status == "online"
        var cells: [Table.Cell] = [
            "\(record.id)",
            Table.Cell(DisplayText.sanitized(record.spec.name)),
            Table.Cell(record.state.word, record.state.style),
            isOnline ? "\(Int(record.pid))" : "-",
            isOnline ? Table.Cell(HumanFormat.percent(record.cpuPercent)) : "-",
            isOnline && record.memory > 0 ? Table.Cell(HumanFormat.bytes(UInt64(record.memory))) : "-",
            "\(record.counters.restarts)",
            isOnline ? Table.Cell(HumanFormat.uptime(record.uptime(at: now))) : "-",
        ]
        if ports { cells.append(listeners(record)) }
        return cells
    }

    /// One line a listener; what the whole network can reach is red.
    private static func listeners(_ record: ProcessRecord) -> Table.Cell {
        guard !record.listeners.isEmpty else { return "-" }
        return Table.Cell(
            lines: record.listeners.map { listener in
                Table.Cell.Line(DisplayText.sanitized(listener), isLocal(listener) ? nil : .red)
            }
        )
    }

    /// Whether only this machine reaches a listener such as `tcp@127.0.0.1:8080`.
    static func isLocal(_ listener: String) -> Bool {
        listener.contains("@127.") || listener.contains("@[::1]") || listener.contains("@localhost")
    }
}

extension ProcessRecord {
    package func uptime(at now: Timestamp) -> Duration {
        .nanoseconds(max(now.nanoseconds - (startedAt ?? now).nanoseconds, 0))
    }
}

extension ProcessState {
    /// The state as people see it.
    package var word: String {
        switch self {
        case .starting, .running: "online"
        case .stopping: "stopping"
        case .waiting: "restarting"
        case .stopped: "stopped"
        case .errored: "errored"
        }
    }

    package var style: Style {
        switch self {
        case .starting, .running: .green
        case .stopping, .waiting: .yellow
        case .stopped: .dim
        case .errored: .red
        }
    }
}
