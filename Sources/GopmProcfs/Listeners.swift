/// Where programs listen: one look at the kernel's tables of a network namespace serves all programs in it.
package enum Listeners {
    /// Finds the addresses at which each of several programs waits for whoever comes: TCP sockets that listen, UDP
    /// sockets that are bound and not connected.
    ///
    /// `programs`: The processes of each.
    ///
    /// Returns `tcp@127.0.0.1:8080`, `udp@[::]:53`, each once and sorted, in the order of the programs. A process whose
    /// descriptors may not be seen adds nothing.
    package static func find(_ programs: [[Int32]], root: String = "/proc") -> [[String]] {
        var spaces: [[UInt8]: Namespace] = [:]
        let owned = programs.map { pids in
            pids.compactMap { pid -> Owned? in
                guard let folder = try? ProcFolder(pid, root: root), let inodes = sockets(of: folder), !inodes.isEmpty,
                    let space = try? folder.link("ns/net")
                else { return nil }
                spaces[space, default: Namespace()].add(inodes, seenBy: folder)
                return Owned(space: space, inodes: inodes)
            }
        }
        let listening = spaces.mapValues { $0.listening() }
        return owned.map { processes in
            let addresses = processes.flatMap { process in
                process.inodes.compactMap { listening[process.space]?[$0] }
            }
            return Set(addresses).sorted()
        }
    }

    /// The sockets of one process.
    private struct Owned {
        var space: [UInt8]
        var inodes: [UInt64]
    }

    private static func sockets(of folder: ProcFolder) -> [UInt64]? {
        guard let links = try? folder.folder("fd"), let numbers = try? links.numbers(in: ".") else { return nil }
        return numbers.compactMap { links.socketInode($0) }
    }

    /// A network namespace, read through the processes in it.
    private struct Namespace {
        private var wanted: Set<UInt64> = []
        /// All that have sockets: the first may have ended when the tables are read.
        private var members: [ProcFolder] = []

        mutating func add(_ inodes: [UInt64], seenBy folder: ProcFolder) {
            wanted.formUnion(inodes)
            // The folder stays open, so only as many as are likely to be needed.
            if members.count < 4 { members.append(folder) }
        }

        func listening() -> [UInt64: String] {
            var found: [UInt64: String] = [:]
            for table in [SocketTable.tcp, .tcp6, .udp, .udp6] {
                let name = "net/\(table.rawValue)"
                guard let bytes = members.lazy.compactMap({ try? $0.read(name, limit: 256 << 20) }).first else {
                    continue
                }
                for socket in table.sockets(in: bytes, wanted: { wanted.contains($0) }) where socket.takesAnybody {
                    found[socket.inode] = "\(table == .tcp || table == .tcp6 ? "tcp" : "udp")@\(socket.local)"
                }
            }
            return found
        }
    }
}

extension Socket {
    /// A port of 0, shown as `*`, is a UDP socket that was made and not used yet.
    fileprivate var takesAnybody: Bool {
        isListening || (state == "UNCONN" && !local.hasSuffix(":*"))
    }
}
