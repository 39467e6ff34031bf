/// `/proc/PID/cgroup` (cgroups(7)): the path for each hierarchy.
package enum CgroupFile {
    /// The controllers of a hierarchy and the path in it; `unified` for cgroup v2, `name=…` for one without controllers.
    package static func parse(_ bytes: [UInt8]) -> [(controllers: String, path: String)] {
        bytes.lines.compactMap { line in
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].number() != nil else { return nil }
            return (parts[1].isEmpty ? "unified" : parts[1].text, parts[2].text)
        }
    }
}
