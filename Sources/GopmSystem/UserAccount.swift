import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A user of this machine.
///
/// Our programs are static and can't load libc's name services (LDAP and the like); getent(1) does it for them.
package struct UserAccount: Sendable, Hashable {
    package var name: String
    package var uid: UInt32
    package var gid: UInt32
    /// The home directory, absolute.
    package var directory: String

    /// Looks a user up by name or by number; `nil` if there is none.
    package static func find(_ nameOrID: String) -> UserAccount? {
        guard isPlausible(nameOrID) else { return nil }
        let answer = try? CommandRun.run("getent", ["passwd", nameOrID], deadline: .seconds(10))
        // 2: it knows no such user. Anything else says that it can't tell, as it can't where it is not installed.
        if let answer, answer.status == 0 || answer.status == 2 {
            return answer.output.split(separator: "\n").first.flatMap { UserAccount(line: $0) }
        }
        return inFile((try? FileSystem.read("/etc/passwd")) ?? [], nameOrID)
    }

    package static func find(uid: UInt32) -> UserAccount? {
        find(String(uid))
    }

    /// The same in the text of an `/etc/passwd`.
    package static func inFile(_ bytes: [UInt8], _ nameOrID: String) -> UserAccount? {
        let accounts = String(decoding: bytes, as: UTF8.self).split(separator: "\n").lazy
            .compactMap { UserAccount(line: $0) }
        return accounts.first { $0.name == nameOrID } ?? accounts.first { String($0.uid) == nameOrID }
    }

    /// `name:password:uid:gid:comment:directory:shell` (passwd(5)).
    package init?(line: Substring) {
        let fields = line.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count >= 6, !fields[0].isEmpty, let uid = UInt32(fields[2]), let gid = UInt32(fields[3]),
            fields[5].hasPrefix("/")
        else { return nil }
        name = String(fields[0])
        self.uid = uid
        self.gid = gid
        directory = PathText.normalized(String(fields[5]), relativeTo: "/")
    }

    /// No flag of getent, and nothing that could be more than one word of a unit file.
    static func isPlausible(_ name: String) -> Bool {
        let first = name.utf8.first ?? UInt8(ascii: "-")
        return first != UInt8(ascii: "-") && name.utf8.count <= 256
            && name.utf8.allSatisfy { byte in
                let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
                let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
                return letters.contains(byte | 0x20) || digits.contains(byte) || "._-@".utf8.contains(byte)
            }
    }
}
