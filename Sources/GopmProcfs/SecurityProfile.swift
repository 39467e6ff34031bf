import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// What a process may do, and in which namespaces it does it.
package struct SecurityProfile: Sendable {
    package struct Namespace: Sendable {
        /// As in `/proc/PID/ns`: `mnt`, `net`, `pid`.
        package var name: String
        package var inode: UInt64
        /// Whether the process that asks is in it, too.
        package var isOwn: Bool
    }

    /// Capability sets as bits (capabilities(7)).
    package var effective: UInt64
    package var permitted: UInt64
    var inheritable: UInt64
    package var bounding: UInt64
    package var ambient: UInt64
    /// The bits that this kernel knows.
    package var known: UInt64
    package var hasNoNewPrivileges: Bool
    /// `off`, `strict`, `filter`.
    package var seccomp: String
    /// The label of AppArmor or SELinux; `nil` without either.
    package var label: String?
    package var namespaces: [Namespace]

    init(_ folder: ProcFolder, _ status: KeyedFile) {
        effective = status.mask("CapEff") ?? 0
        permitted = status.mask("CapPrm") ?? 0
        inheritable = status.mask("CapInh") ?? 0
        bounding = status.mask("CapBnd") ?? 0
        ambient = status.mask("CapAmb") ?? 0
        let last = (try? FileSystem.read("/proc/sys/kernel/cap_last_cap", limit: 64))?.lines.first?.number() ?? 40
        known = last < 63 ? 1 << (last + 1) - 1 : .max
        hasNoNewPrivileges = status.number("NoNewPrivs") == 1
        let modes = ["off", "strict", "filter"]
        seccomp = status.number("Seccomp").map { $0 < 3 ? modes[Int($0)] : "\($0)" } ?? "off"
        let label = (try? folder.read("attr/current"))?.prefix { $0 != 0 && $0 != UInt8(ascii: "\n") }.text ?? ""
        self.label = label.isEmpty ? nil : label
        let own = try? ProcFolder(getpid())
        namespaces = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"].compactMap { name in
            guard let link = try? folder.link("ns/\(name)"), let inode = SecurityProfile.inode(link) else { return nil }
            return Namespace(name: name, inode: inode, isOwn: (try? own?.link("ns/\(name)")) == link)
        }
    }

    /// The number in `net:[4026531840]`.
    static func inode(_ link: [UInt8]) -> UInt64? {
        guard let bracket = link.firstIndex(of: UInt8(ascii: "[")), link.last == UInt8(ascii: "]") else { return nil }
        return link[(bracket + 1)..<(link.count - 1)].number()
    }
}
