import GopmSystem

/// Names of users and groups from `/etc/passwd` and `/etc/group`.
///
/// A program without shared libraries cannot ask the name service; an account that only that knows is shown by number.
package struct AccountNames: Sendable {
    private let users = AccountNames.parse((try? FileSystem.read("/etc/passwd", limit: 8 << 20)) ?? [])
    private let groups = AccountNames.parse((try? FileSystem.read("/etc/group", limit: 8 << 20)) ?? [])

    package init() {}

    /// The name, or the number as text.
    package func user(_ id: UInt64) -> String { users[id] ?? "\(id)" }

    package func group(_ id: UInt64) -> String { groups[id] ?? "\(id)" }

    /// First field by third (passwd(5), group(5)); of two with one number the first counts.
    package static func parse(_ file: [UInt8]) -> [UInt64: String] {
        var names: [UInt64: String] = [:]
        for line in file.lines {
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count > 2, let id = fields[2].number(), names[id] == nil else { continue }
            names[id] = fields[0].text
        }
        return names
    }
}
