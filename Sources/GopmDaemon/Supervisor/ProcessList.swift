import GopmModel

/// The managed processes by id, with what must be unique among them.
@SupervisorActor
struct ProcessList {
    /// Sorted by id.
    private(set) var all: [ManagedProcess] = []
    /// The id of the next entry.
    private(set) var nextID = 0
    private var byName: [String: ManagedProcess] = [:]
    private var byLogPath: [String: ManagedProcess] = [:]

    /// Takes an id for a new entry.
    ///
    /// Ids are not reused while the list is not empty.
    mutating func takeID() -> Int {
        if all.isEmpty { nextID = 0 }
        defer { nextID += 1 }
        return nextID
    }

    /// Goes on counting where an earlier supervisor was.
    mutating func reserveIDs(below id: Int) {
        nextID = max(nextID, id)
    }

    /// Adds an entry.
    ///
    /// The caller has made sure that its name and log files are free.
    mutating func insert(_ process: ManagedProcess) {
        let index = all.last.map { $0.id < process.id } ?? true ? all.endIndex : all.firstIndex { $0.id > process.id }
        all.insert(process, at: index ?? all.endIndex)
        nextID = max(nextID, process.id + 1)
        byName[process.name] = process
        for path in process.logPaths { byLogPath[path] = process }
    }

    mutating func remove(_ process: ManagedProcess) {
        if let index = index(ofID: process.id) { all.remove(at: index) }
        byName[process.name] = nil
        for path in process.logPaths { byLogPath[path] = nil }
    }

    /// By name, else by id.
    func lookUp(_ target: String) -> ManagedProcess? {
        if let process = byName[target] { return process }
        guard let id = Int(target) else { return nil }
        return withID(id)
    }

    func withID(_ id: Int) -> ManagedProcess? {
        index(ofID: id).map { all[$0] }
    }

    private func index(ofID id: Int) -> Int? {
        var range = all.startIndex..<all.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if all[middle].id == id { return middle }
            range = all[middle].id < id ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    /// Who writes a log file.
    func owner(ofLog path: String) -> ManagedProcess? {
        byLogPath[path]
    }

    func contains(_ process: ManagedProcess) -> Bool {
        withID(process.id) === process
    }
}

extension ManagedProcess {
    /// The files that belong to this process alone; devices may be shared.
    fileprivate var logPaths: Set<String> {
        Set([record.spec.logOut, record.spec.logErr].filter { !$0.hasPrefix("/dev/") })
    }
}
