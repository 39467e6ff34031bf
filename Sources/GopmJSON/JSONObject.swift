/// The members of a JSON object in source order, duplicates included.
///
/// Keys are compared byte by byte. Swift's `==` calls the Kelvin sign equal to the letter K, and a key that other
/// readers of the same file do not see must not count here either.
package struct JSONObject: Sendable, Hashable {
    package struct Member: Sendable, Hashable {
        package var key: String
        package var value: JSONValue

        package init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package var members: [Member]

    package init(_ members: [Member] = []) {
        self.members = members
    }

    /// The value of the last member with this key, as most readers of JSON have it.
    package subscript(key: String) -> JSONValue? {
        members.last { $0.key.hasSameBytes(as: key) }?.value
    }

    /// Each key that occurs more than once, in the order of its second occurrence.
    package var duplicateKeys: [String] {
        guard members.count > 1 else { return [] }
        var occurrences = [ExactKey: Int](minimumCapacity: members.count)
        return members.map(\.key).filter { key in
            occurrences[ExactKey(text: key), default: 0] += 1
            return occurrences[ExactKey(text: key)] == 2
        }
    }
}

extension String {
    func hasSameBytes(as other: String) -> Bool {
        // The lengths are known and settle nearly every comparison; `==` settles most of the rest at once.
        utf8.count == other.utf8.count && self == other && utf8.elementsEqual(other.utf8)
    }
}

private struct ExactKey: Hashable {
    let text: String

    static func == (left: ExactKey, right: ExactKey) -> Bool { left.text.hasSameBytes(as: right.text) }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 {
            hasher.combine(byte)
        }
    }
}
