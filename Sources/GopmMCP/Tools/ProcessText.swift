import GopmJSON
import GopmModel
import GopmSystem
import GopmTerminal

/// Processes as text for a model or a person; text from outside cannot act or look like a line of ours.
enum ProcessText {
    static func safe(_ text: String) -> String { DisplayText.sanitized(text) }

    static func table(_ records: [ProcessRecord]) -> String {
        guard !records.isEmpty else { return "no processes" }
        let titles = ["ID", "Name", "Status", "PID", "CPU", "Memory", "Restarts", "Uptime", "Reason"]
        var table = Table(titles.map { Table.Column($0) })
        let now = Clock.wall
        for record in records {
            let isOnline = record.state.status == "online"
            let age = Duration.nanoseconds(max(0, now - (record.startedAt?.nanoseconds ?? now)))
            table.append([
                "\(record.id)", Table.Cell(record.spec.name), Table.Cell(word(record.state)),
                isOnline ? "\(Int(record.pid))" : "-",
                isOnline ? Table.Cell(HumanFormat.percent(record.cpuPercent)) : "-",
                isOnline ? Table.Cell(HumanFormat.bytes(UInt64(max(0, record.memory)))) : "-",
                "\(record.counters.restarts)",
                isOnline ? Table.Cell(HumanFormat.uptime(age)) : "-",
                Table.Cell(record.reason),
            ])
        }
        return String(decoding: table.rendered(maximumWidth: nil, colour: false), as: UTF8.self)
    }

    /// A state as `gopm list` calls it.
    static func word(_ state: ProcessState) -> String {
        switch state {
        case .starting, .running: "online"
        case .waiting: "restarting"
        case .stopping, .stopped, .errored: state.rawValue
        }
    }

    /// One line a field, in the object's order: what was written by others is on one line with its name before it.
    static func description(_ process: JSONValue) -> String {
        (process.objectValue?.members ?? []).map { member in
            let value: String
            if let text = member.value.stringValue {
                value = text
            } else {
                value = String(decoding: member.value.encoded, as: UTF8.self)
            }
            return "\(safe(member.key)): \(safe(value))"
        }
        .joined(separator: "\n")
    }

    /// `started api (id 0, PID 4521)`.
    static func line(_ verb: String, _ process: JSONValue) -> String {
        let name = process["name"]?.stringValue ?? ""
        let (id, pid) = (process["id"]?.integerValue ?? 0, process["pid"]?.integerValue ?? 0)
        return
            "\(verb) \(safe(name)) (id \(id), \(pid > 0 ? "PID \(pid)" : process["status"]?.stringValue ?? "stopped"))"
    }
}

extension ProcessRecord {
    /// The process objects of an answer of gopmd.
    static func all(in data: [UInt8]) -> [ProcessRecord] {
        guard let value = try? JSONValue.parse(data) else { return [] }
        return (value.arrayValue ?? [value]).compactMap { value in
            value.objectValue.map { object in
                var fields = FieldReader(object)
                return ProcessRecord(from: &fields)
            }
        }
    }
}
