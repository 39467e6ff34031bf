import SystemPackage

/// A socket of one process.
package struct OpenSocket: Sendable {
    package var descriptor: Int32
    package var socket: Socket

    /// The sockets among the descriptors, looked up in the tables of the process's own network namespace.
    ///
    /// Tables are read until every socket is found; one that is in none (a netlink socket of an inner namespace, vsock)
    /// stays with what is known of it.
    package static func all(_ files: [OpenFile], of folder: ProcFolder) -> [OpenSocket] {
        let open = files.filter { $0.kind == .socket && $0.inode != nil }
        var missing = Set(open.compactMap(\.inode))
        var found: [UInt64: Socket] = [:]
        for table in SocketTable.allCases where !missing.isEmpty {
            guard let bytes = try? folder.read("net/\(table.rawValue)", limit: 256 << 20) else { continue }
            for socket in table.sockets(in: bytes, wanted: { missing.contains($0) }) {
                found[socket.inode] = socket
                missing.remove(socket.inode)
            }
        }
        return open.compactMap { file in
            file.inode.map { inode in
                let unknown = Socket(proto: "other", local: "", remote: "", state: "", inode: inode)
                return OpenSocket(descriptor: file.number, socket: found[inode] ?? unknown)
            }
        }
    }
}
