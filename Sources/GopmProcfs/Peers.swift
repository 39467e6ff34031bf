import CLinux
import GopmSystem

/// Who is at the other end of the pipes and sockets of a process.
///
/// The kernel tells that of no descriptor, so every process's descriptors are looked through, once for all questions.
package struct Peers: Sendable {
    package struct Peer: Sendable, Hashable {
        package var pid: Int32
        package var name: String
        package var descriptor: Int32
    }

    /// By the descriptor of the process that was asked about; at most a few for each.
    package private(set) var byDescriptor: [Int32: [Peer]] = [:]

    private static let limit = 4

    /// Looks for the other ends of the given descriptors.
    ///
    /// `sockets`: Those of the process, with their addresses.
    package init(of folder: ProcFolder, files: [OpenFile], sockets: [OpenSocket], root: String = "/proc") {
        var wanted: [[UInt8]: [OpenFile]] = [:]
        for file in files where file.kind == .pipe || file.kind == .fifo {
            wanted[Array(file.target.utf8), default: []].append(file)
        }
        let others = Peers.otherEnds(of: sockets, folder)
        for file in files where file.kind == .socket {
            guard let inode = file.inode, let other = others[inode] else { continue }
            wanted[Array("socket:[\(other)]".utf8), default: []].append(file)
        }
        guard !wanted.isEmpty else { return }
        // Itself last: that it also holds the other end, as every program of gopm does, is rarely what is asked.
        for pid in AllProcesses.pids(root: root) where pid != folder.pid {
            look(into: pid, root: root, for: wanted, from: folder.pid)
        }
        look(
            into: folder.pid,
            root: root,
            for: wanted.filter { $0.value.contains { byDescriptor[$0.number] == nil } },
            from: folder.pid
        )
    }

    private mutating func look(into pid: Int32, root: String, for wanted: [[UInt8]: [OpenFile]], from own: Int32) {
        guard let folder = try? ProcFolder(pid, root: root), let links = try? folder.folder("fd"),
            let numbers = try? links.numbers(in: ".")
        else { return }
        var name: String?
        for number in numbers {
            guard let target = try? links.link(String(number)), let files = wanted[target] else { continue }
            for file in files where isOtherEnd(links, number, of: file, isOwn: pid == own) {
                let known = byDescriptor[file.number, default: []]
                if known.count >= Peers.limit || known.contains(where: { $0.pid == pid }) { continue }
                let peerName = name ?? ((try? folder.read("comm"))?.lines.first?.text ?? "?")
                name = peerName
                byDescriptor[file.number, default: []].append(Peer(pid: pid, name: peerName, descriptor: number))
            }
        }
    }

    /// A pipe is one inode for both ends, so the other end is who holds it open the other way.
    private func isOtherEnd(_ links: ProcFolder, _ number: Int32, of file: OpenFile, isOwn: Bool) -> Bool {
        guard file.kind != .socket else { return true }
        if isOwn, number == file.number { return false }
        guard let mode = links.linkMode(String(number)) else { return false }
        let (reads, writes) = (mode & 0o400 != 0, mode & 0o200 != 0)
        return file.mode.contains("r") && writes || file.mode.contains("w") && reads
    }

    /// The inodes of the sockets at the other ends, where those are on this machine.
    private static func otherEnds(of sockets: [OpenSocket], _ folder: ProcFolder) -> [UInt64: UInt64] {
        var ends: [UInt64: UInt64] = [:]
        let connected = sockets.map(\.socket).filter { $0.state == "ESTABLISHED" }
        if connected.contains(where: { $0.proto == "unix" }) { ends = unixPairs() }
        for table in [SocketTable.tcp, .tcp6] {
            // An IPv6 socket may talk to an IPv4 one, whose table has the address in another form.
            let mine = connected.filter { $0.proto == "tcp" || $0.proto == "tcp6" }
            guard !mine.isEmpty, let bytes = try? folder.read("net/\(table.rawValue)", limit: 256 << 20) else {
                continue
            }
            var byAddresses: [[String]: UInt64] = [:]
            for socket in table.sockets(in: bytes, wanted: { _ in true }) {
                byAddresses[[plain(socket.local), plain(socket.remote)]] = socket.inode
            }
            for socket in mine {
                if let other = byAddresses[[plain(socket.remote), plain(socket.local)]] { ends[socket.inode] = other }
            }
        }
        return ends
    }

    /// `127.0.0.1:80` also for `[::ffff:127.0.0.1]:80`.
    private static func plain(_ address: String) -> String {
        guard address.hasPrefix("[::ffff:"), let end = address.lastIndex(of: "]") else { return address }
        return String(
            address[address.index(address.startIndex, offsetBy: 8)..<end] + address[address.index(after: end)...]
        )
    }

    private static func unixPairs() -> [UInt64: UInt64] {
        let room = 65536
        var count: Int32 = 0
        let pairs = [gopm_socket_pair](unsafeUninitializedCapacity: room) { buffer, filled in
            count = gopm_unix_pairs(buffer.baseAddress, Int32(room))
            filled = Int(max(count, 0))
        }
        return Dictionary(pairs.map { (UInt64($0.inode), UInt64($0.peer)) }) { first, _ in first }
    }
}
