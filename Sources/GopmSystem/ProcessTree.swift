/// A family of processes, parents before their children.
package struct ProcessTree: Sendable, Hashable {
    package struct Node: Sendable, Hashable {
        package var pid: Int32
        package var parent: Int32
        /// How many of its ancestors are of the family, too.
        package var depth = 0
        /// Command line, or the name in brackets if it has none; may hold anything but NUL.
        package var command = ""

        package init(pid: Int32, parent: Int32) {
            self.pid = pid
            self.parent = parent
        }
    }

    package private(set) var nodes: [Node] = []

    /// Puts them in order: each after its parent, brothers and sisters by pid, those whose parent is not of the family
    /// at the top, `main` first of these.
    ///
    /// They were looked at one by one, so a pid may have changed hands meanwhile: one that would be its own ancestor
    /// stands at the top, too.
    package init(_ family: [Node], main: Int32) {
        let known = Set(family.map(\.pid))
        var children: [Int32: [Node]] = [:]
        var top: [Node] = []
        for node in family.sorted(by: { ($0.pid == main ? 0 : 1, $0.pid) < ($1.pid == main ? 0 : 1, $1.pid) }) {
            if known.contains(node.parent), node.pid != main {
                children[node.parent, default: []].append(node)
            } else {
                top.append(node)
            }
        }
        var open = Array(top.reversed())
        while true {
            while let node = open.popLast() {
                for var child in (children.removeValue(forKey: node.pid) ?? []).reversed() {
                    child.depth = node.depth + 1
                    open.append(child)
                }
                nodes.append(node)
            }
            // Only a circle is left over.
            guard let first = children.keys.min(), let rest = children.removeValue(forKey: first) else { return }
            open = rest.reversed()
        }
    }
}

extension ProcessTree {
    /// The living processes of a life, at most so many; read from `/proc`.
    ///
    /// `cgroup`: Holds also those whose life id was reset.
    package static func read(lifeID: UInt64, cgroup: Cgroup?, main: Int32, limit: Int) -> ProcessTree {
        var pids = Set(LifeScan.members(of: [lifeID]).map(\.pid))
        pids.formUnion(cgroup?.members ?? [])
        let family = pids.sorted().prefix(limit).compactMap { pid -> Node? in
            guard let stat = ProcStat.read(pid), !stat.isZombie else { return nil }
            var node = Node(pid: pid, parent: stat.parent)
            node.command = command(of: pid)
            return node
        }
        return ProcessTree(family, main: main)
    }

    private static func command(of pid: Int32) -> String {
        // A command line may have 2 MiB; nobody reads on after the first lines.
        let words = ((try? FileSystem.read("/proc/\(pid)/cmdline", limit: 4 << 20)) ?? []).prefix(4096)
        if let end = words.lastIndex(where: { $0 != 0 }) {
            return String(decoding: words[...end].map { $0 == 0 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
        }
        let name = (try? FileSystem.read("/proc/\(pid)/comm", limit: 64)) ?? []
        return "[\(String(decoding: name.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))]"
    }
}
