import GopmJSON
package import GopmModel

/// The daemon's list as a subscriber knows it: the answer to `list`, and every event since.
package struct ProcessFeed: Sendable {
    package struct Entry: Sendable {
        package var record: ProcessRecord
        /// As it came, for those who pass it on.
        fileprivate var object: JSONObject
    }

    /// By id.
    package private(set) var entries: [Entry] = []
    /// Whether a list has come.
    package private(set) var isKnown = false

    package init() {}

    package var records: [ProcessRecord] { entries.map(\.record) }

    /// What changed with an event.
    package enum Change: Sendable, Hashable {
        case nothing
        /// CPU and memory only.
        case samples
        case processes
    }

    /// Takes the answer to `list`; what was known before is forgotten.
    package mutating func replace(with data: [UInt8]) {
        let objects = (try? JSONValue.parse(data))?.arrayValue?.compactMap(\.objectValue) ?? []
        entries = objects.map(Self.entry).sorted { $0.record.id < $1.record.id }
        isKnown = true
    }

    /// Takes an event of the subscription.
    package mutating func apply(event name: String, _ data: [UInt8]) -> Change {
        guard isKnown, let value = try? JSONValue.parse(data) else { return .nothing }
        switch name {
        case "changed":
            guard let object = value.objectValue else { return .nothing }
            let entry = Self.entry(object)
            let (index, isPresent) = place(of: entry.record.id)
            if isPresent { entries[index] = entry } else { entries.insert(entry, at: index) }
            return .processes
        case "removed":
            guard let id = value["id"]?.integerValue else { return .nothing }
            let (index, isPresent) = place(of: Int(id))
            guard isPresent else { return .nothing }
            entries.remove(at: index)
            return .processes
        case "samples":
            for sample in value.arrayValue ?? [] { apply(sample) }
            return .samples
        default:
            return .nothing
        }
    }

    private mutating func apply(_ sample: JSONValue) {
        guard let id = sample["id"]?.integerValue else { return }
        let (index, isPresent) = place(of: Int(id))
        guard isPresent else { return }
        if let cpu = sample["cpu"]?.doubleValue { entries[index].record.cpuPercent = cpu }
        if let memory = sample["memory"]?.integerValue { entries[index].record.memory = memory }
    }

    private static func entry(_ object: JSONObject) -> Entry {
        var fields = FieldReader(object)
        return Entry(record: ProcessRecord(from: &fields), object: object)
    }

    /// Where an id is, or belongs.
    private func place(of id: Int) -> (index: Int, isPresent: Bool) {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].record.id < id { low = middle + 1 } else { high = middle }
        }
        return (low, low < entries.count && entries[low].record.id == id)
    }
}

extension ProcessFeed {
    /// Those that a command's target names: `all`, a name, or an id.
    package func selected(by target: String) -> [Entry] {
        if target == "all" { return entries }
        let id = Int(target)
        return entries.filter { $0.record.spec.name == target || $0.record.id == id }
    }

    /// Process objects with the newest samples, as one line of JSON.
    package static func encoded(_ entries: [Entry]) -> [UInt8] {
        var json = JSONWriter(reservingCapacity: entries.count * 1024 + 16)
        json.array { json in
            for entry in entries {
                json.object { json in
                    for member in entry.object.members {
                        switch member.key {
                        case "cpu": json.member("cpu", entry.record.cpuPercent)
                        case "memory": json.member("memory", entry.record.memory)
                        default: json.member(member.key, member.value)
                        }
                    }
                }
            }
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }
}
