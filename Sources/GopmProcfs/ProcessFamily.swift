import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// A process with its parents up to the first process, and everything below it.
package struct ProcessFamily: Sendable {
    package struct Member: Sendable {
        package enum Relation: String, Sendable {
            case ancestor
            case itself = "self"
            case descendant
        }

        package var pid: Int32
        package var parent: Int32
        package var relation: Relation
        /// How far below the first of them.
        package var depth: Int
        /// Empty if it may not be read.
        package var exe: String
        /// The name in brackets if there is no command line.
        package var command: String
        package var uid: UInt64
        /// Nanoseconds since 1970, and since the start.
        package var startedAt: Int64
        package var age: Int64
        package var isZombie: Bool
    }

    /// More below it are left out: nobody reads them, and a bomb of forks may have any number.
    private static let limit = 1000

    /// Each process before its children, brothers and sisters by pid.
    package private(set) var members: [Member] = []
    /// How many descendants ``members`` does not hold.
    package private(set) var omitted = 0

    /// From the outermost to the process itself.
    package var chain: [Member] { members.filter { $0.relation != .descendant } }

    package init(of pid: Int32, root: String = "/proc") {
        let parents = ProcessFamily.walk(from: pid, root) ?? ProcessFamily.lookAtAll(for: pid, root)
        let chain = ProcessFamily.chain(of: pid, parents)
        let descendants = ProcessFamily.descendants(of: pid, parents)
        omitted = max(0, descendants.count - ProcessFamily.limit)
        let nodes = (chain + descendants.prefix(ProcessFamily.limit)).compactMap { pid in
            parents[pid].map { ProcessTree.Node(pid: pid, parent: $0) }
        }
        for node in ProcessTree(nodes, main: chain[0]).nodes {
            let relation: Member.Relation =
                node.pid == pid ? .itself : chain.contains(node.pid) ? .ancestor : .descendant
            if let member = Member(node, relation, root) { members.append(member) }
        }
    }

    /// The parents of the process, of its ancestors and of all below it, at the cost of that many reads.
    ///
    /// - Returns: `nil` if the kernel does not tell children (CONFIG_PROC_CHILDREN).
    private static func walk(from pid: Int32, _ root: String) -> [Int32: Int32]? {
        var parents: [Int32: Int32] = [:]
        var above = pid
        while parents[above] == nil, let stat = try? ProcFolder(above, root: root).read("stat"),
            let parent = stat.withUnsafeBufferPointer({ ProcStat.parent(in: $0) })
        {
            parents[above] = parent
            above = parent
        }
        var open = [pid]
        while let next = open.popLast() {
            guard let children = AllProcesses.children(of: next, root: root) else {
                // Only the first is sure to be there still.
                if next == pid { return nil }
                continue
            }
            for child in children where parents[child] == nil {
                parents[child] = next
                open.append(child)
            }
        }
        return parents
    }

    /// One look at every process.
    private static func lookAtAll(for pid: Int32, _ root: String) -> [Int32: Int32] {
        var parents: [Int32: Int32] = [:]
        // Threads of the kernel, most of the processes of a small machine, are in group 0; so is a process whose group is
        // of an outer PID namespace. What descends from one in a group of ours is in a group of ours.
        let isInGroup = root == "/proc" && getpgid(pid) > 0
        AllProcesses.forEachStat(root: root, skippingGroupZero: isInGroup) { pid, stat in
            parents[pid] = ProcStat.parent(in: stat)
        }
        return parents
    }

    /// The parents, outermost first, and the process itself.
    private static func chain(of pid: Int32, _ parents: [Int32: Int32]) -> [Int32] {
        var chain = [pid]
        // A pid that changed hands meanwhile could close a circle.
        while let parent = parents[chain[chain.count - 1]], parents[parent] != nil, !chain.contains(parent) {
            chain.append(parent)
        }
        return chain.reversed()
    }

    /// Those below, nearest first, each level in rising order.
    private static func descendants(of pid: Int32, _ parents: [Int32: Int32]) -> [Int32] {
        var children: [Int32: [Int32]] = [:]
        for (child, parent) in parents { children[parent, default: []].append(child) }
        // Removing what was taken ends a circle, too.
        var found = (children.removeValue(forKey: pid) ?? []).sorted()
        var next = 0
        while next < found.count {
            found += (children.removeValue(forKey: found[next]) ?? []).filter { $0 != pid }.sorted()
            next += 1
        }
        return found
    }
}

extension ProcessFamily.Member {
    /// - Returns: `nil` if it is gone meanwhile.
    fileprivate init?(_ node: ProcessTree.Node, _ relation: Relation, _ root: String) {
        guard let folder = try? ProcFolder(node.pid, root: root), let bytes = try? folder.read("stat"),
            let stat = ProcStat(parsing: bytes)
        else { return nil }
        let status = KeyedFile(parsing: (try? folder.read("status")) ?? [])
        let command = ProcessCommand((try? folder.read("cmdline")) ?? []).text
        (pid, parent, depth) = (node.pid, node.parent, node.depth)
        self.relation = relation
        exe = (try? folder.link("exe"))?.text ?? ""
        self.command = command.isEmpty ? "[\(stat.name.text)]" : command
        uid = status.effective("Uid")
        age = max(0, Clock.boot - ProcessTimes.nanoseconds(stat.startTicks))
        startedAt = Clock.wall - age
        isZombie = stat.isZombie
    }
}
