import GopmSystem
package import SystemPackage

/// Everything that `/proc` tells of one process, by section.
package struct ProcessInspection: Sendable {
    package enum Section: String, CaseIterable, Sendable {
        case identity, resources, limits, tree, fds, sockets, env, cgroup, security
    }

    package let folder: ProcFolder
    package private(set) var identity: ProcessIdentity
    package private(set) var limits: LimitsFile
    package private(set) var resources: ProcessResources?
    package private(set) var family: ProcessFamily?
    package private(set) var files: Reading<[OpenFile]>?
    package private(set) var sockets: Reading<[OpenSocket]>?
    package private(set) var environment: Reading<[(name: String, value: String)]>?
    package private(set) var cgroups: Reading<[(controllers: String, path: String)]>?
    package private(set) var security: SecurityProfile?

    /// Reads the given sections, each file once.
    ///
    /// - Throws: `noSuchFileOrDirectory` or `noSuchProcess` if there is no such process, or it ended meanwhile.
    package init(_ pid: Int32, sections: Set<Section>, root: String = "/proc") throws(Errno) {
        folder = try ProcFolder(pid, root: root)
        guard let stat = ProcStat(parsing: try folder.read("stat")) else { throw .noSuchProcess }
        let status = KeyedFile(parsing: try folder.read("status"))
        identity = ProcessIdentity(folder, stat, status)
        limits = LimitsFile(parsing: (try? folder.read("limits")) ?? [])
        if sections.contains(.resources) {
            resources = ProcessResources(folder, stat, status, limits, age: identity.age)
        }
        if sections.contains(.tree) { family = ProcessFamily(of: pid, root: root) }
        if !sections.isDisjoint(with: [.fds, .sockets]) {
            let folder = folder
            let files = Reading { () throws(Errno) in try OpenFile.all(of: folder) }
            self.files = files
            sockets = files.map { OpenSocket.all($0, of: folder) }
        }
        if sections.contains(.env) { environment = ProcessInspection.environment(folder) }
        if sections.contains(.cgroup) { cgroups = ProcessInspection.cgroups(folder) }
        if sections.contains(.security) { security = SecurityProfile(folder, status) }
    }

    private static func environment(_ folder: ProcFolder) -> Reading<[(name: String, value: String)]> {
        Reading { () throws(Errno) in try folder.read("environ") }.map { parseEnvironment($0) }
    }

    private static func cgroups(_ folder: ProcFolder) -> Reading<[(controllers: String, path: String)]> {
        Reading { () throws(Errno) in try folder.read("cgroup") }.map { CgroupFile.parse($0) }
    }

    /// `NAME=value` with a NUL after each; of a name that is there twice the first counts, as for getenv(3).
    static func parseEnvironment(_ bytes: [UInt8]) -> [(name: String, value: String)] {
        var seen: Set<String> = []
        return bytes.split(separator: 0).compactMap { entry in
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = entry[..<equals].text
            return seen.insert(name).inserted ? (name, entry[(equals + 1)...].text) : nil
        }
    }
}
