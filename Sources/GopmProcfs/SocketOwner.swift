#if canImport(Glibc)
    import Glibc
#endif

/// Who has the other end of a TCP connection within this machine, by the kernel's table of sockets.
package enum SocketOwner {
    /// One end: 4 or 16 bytes of address in network order.
    package struct End: Sendable, Hashable {
        package var address: [UInt8]
        package var port: UInt16

        package init(address: [UInt8], port: UInt16) {
            self.address = address
            self.port = port
        }

        package var isLoopback: Bool {
            if address.count == 4 { return address[0] == 127 }
            let isMapped = address.starts(with: End.mappedPrefix) && address[12] == 127
            return isMapped || address == [UInt8](repeating: 0, count: 15) + [1]
        }

        fileprivate static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]

        /// The same end as a socket of IPv6 has it.
        fileprivate var mapped: End {
            address.count == 4 ? End(address: End.mappedPrefix + address, port: port) : self
        }

        /// As the tables have it: each 32-bit word in the byte order of the machine, then the port as a number.
        fileprivate var tableText: [UInt8] {
            var text: [UInt8] = []
            for start in stride(from: 0, to: address.count, by: 4) {
                let word = address[start..<start + 4].withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
                End.append(UInt64(word), digits: 8, to: &text)
            }
            text.append(UInt8(ascii: ":"))
            End.append(UInt64(port), digits: 4, to: &text)
            return text
        }

        private static func append(_ value: UInt64, digits: Int, to text: inout [UInt8]) {
            let hex = Array("0123456789ABCDEF".utf8)
            for digit in (0..<digits).reversed() { text.append(hex[Int(value >> (4 * UInt64(digit)) & 0xf)]) }
        }
    }

    /// The user whose socket is `local` of the connection to `remote`; nil if no process has that socket open.
    ///
    /// A program of IPv6 has its connection to an address of IPv4 in the other table.
    package static func user(of local: End, to remote: End, root: String = "/proc") -> UInt32? {
        guard let folder = try? ProcFolder(getpid(), root: root) else { return nil }
        if local.address.count == 4, let bytes = try? folder.read("net/tcp", limit: 64 << 20),
            let user = user(of: local, to: remote, in: bytes)
        {
            return user
        }
        guard let bytes = try? folder.read("net/tcp6", limit: 64 << 20) else { return nil }
        return user(of: local.mapped, to: remote.mapped, in: bytes)
    }

    /// `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`.
    ///
    /// Without an inode nobody has the socket any more: the kernel then says user 0 of what was anybody's.
    static func user(of local: End, to remote: End, in table: [UInt8]) -> UInt32? {
        let (wanted, other) = (local.tableText, remote.tableText)
        for line in table.lines.dropFirst() {
            let words = line.words
            guard words.count > 9, words[1].elementsEqual(wanted), words[2].elementsEqual(other),
                let inode = words[9].number(), inode != 0
            else { continue }
            return words[7].number().flatMap { UInt32(exactly: $0) }
        }
        return nil
    }
}
