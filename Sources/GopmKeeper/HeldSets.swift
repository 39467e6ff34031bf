/// The descriptors that the keeper holds, by name, in the order in which they came.
struct HeldSets: ~Copyable {
    private struct Entry {
        let name: String
        let descriptors: [Int32]
    }

    private var entries: [Entry] = []
    private var descriptorCount = 0
    private let capacity: Int

    /// - Parameter capacity: How many descriptors it may hold in all. Staying below the process's limit keeps room for
    ///   connections and for the next message, so that a full keeper can still be emptied.
    init(capacity: Int) {
        self.capacity = capacity
    }

    deinit {
        for entry in entries { closeAll(entry.descriptors) }
    }

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    subscript(index: Int) -> (name: String, descriptors: [Int32])? {
        entries.indices.contains(index) ? (entries[index].name, entries[index].descriptors) : nil
    }

    /// Takes the descriptors over, or closes them if they are too many.
    ///
    /// A set of the same name gives way in any case.
    mutating func store(_ name: String, _ descriptors: [Int32]) -> Bool {
        remove(name)
        let count = descriptors.count
        guard KeeperLimit.descriptors.contains(count), descriptorCount + count <= capacity else {
            closeAll(descriptors)
            return false
        }
        entries.append(Entry(name: name, descriptors: descriptors))
        descriptorCount += count
        return true
    }

    mutating func removeAll() {
        for entry in entries { closeAll(entry.descriptors) }
        entries = []
        descriptorCount = 0
    }

    @discardableResult
    mutating func remove(_ name: String) -> Bool {
        guard let index = entries.firstIndex(where: { $0.name == name }) else { return false }
        let entry = entries.remove(at: index)
        descriptorCount -= entry.descriptors.count
        closeAll(entry.descriptors)
        return true
    }
}
