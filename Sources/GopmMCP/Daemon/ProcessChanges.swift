package import GopmJSON

/// What changed in the list of processes, as resources.
package struct ResourceChange: Sendable, Hashable {
    package var uris: Set<String>
    /// Whether processes came or went.
    package var isListChanged = false
}

/// Finds out what has changed from one look at the process list to the next, as a value.
package struct ProcessChanges: Sendable {
    private struct Known: Sendable, Hashable {
        var name: String
        /// What a reader would notice; not CPU and memory, which never stand still.
        var traits: [JSONValue]
    }

    private var known: [Int64: Known] = [:]
    private var hasSeenList = false

    package init() {}

    /// Takes the whole list, as after a new connection; nil if nothing is new, or it is the first one.
    package mutating func reset(to list: JSONValue) -> ResourceChange? {
        let before = known
        known = [:]
        for process in list.arrayValue ?? [] {
            if let (id, traits) = ProcessChanges.traits(process) { known[id] = traits }
        }
        defer { hasSeenList = true }
        guard hasSeenList, before != known else { return nil }
        let names = Set(before.keys).union(known.keys).filter { before[$0] != known[$0] }
            .flatMap { [before[$0]?.name, known[$0]?.name, "\($0)"].compactMap(\.self) }
        let isListChanged = Set(before.values.map(\.name)) != Set(known.values.map(\.name))
        return ResourceChange(uris: ProcessChanges.uris(names), isListChanged: isListChanged)
    }

    /// Takes one event; nil if a reader would notice nothing.
    package mutating func take(event: String, _ process: JSONValue) -> ResourceChange? {
        guard let (id, now) = ProcessChanges.traits(process) else { return nil }
        let before = known[id]
        known[id] = event == "removed" ? nil : now
        guard before != known[id] else { return nil }
        let names = [before?.name, now.name, "\(id)"].compactMap(\.self)
        return ResourceChange(uris: ProcessChanges.uris(names), isListChanged: before?.name != known[id]?.name)
    }

    /// A process is known by its id, too.
    private static func uris(_ names: [String]) -> Set<String> {
        Set(names.map { ResourceURI.process($0).text }).union([ResourceURI.processes.text])
    }

    private static func traits(_ process: JSONValue) -> (Int64, Known)? {
        guard let id = process["id"]?.integerValue, let name = process["name"]?.stringValue else { return nil }
        let keys = [
            "status", "state", "pid", "restarts", "instance", "exit_code", "wanted", "command", "status_reason",
        ]
        return (id, Known(name: name, traits: keys.map { process[$0] ?? .null }))
    }
}
