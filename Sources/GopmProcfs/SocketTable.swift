/// A socket as the tables in `/proc/PID/net` show it.
package struct Socket: Sendable, Hashable {
    /// `tcp`, `tcp6`, `udp`, `unix`, …: the name of the table.
    package var proto: String
    /// `127.0.0.1:80`, `[::1]:80`, a path, `@` before an abstract name; empty without one.
    package var local: String
    package var remote: String
    package var state: String
    package var inode: UInt64

    package var isListening: Bool { state == "LISTEN" }
}

/// The tables of the sockets of a network namespace (proc_pid_net(5)).
package enum SocketTable: String, CaseIterable, Sendable {
    // The order is what they cost: for each of the last two the kernel walks through its hash table of connections,
    // which takes one to two milliseconds however few there are.
    case unix, udp, udp6, netlink, raw, raw6, icmp, icmp6, packet, tcp, tcp6

    /// Those sockets of a table whose inode is wanted.
    ///
    /// A line is looked at up to its inode first: a busy machine has ten thousands of them.
    package func sockets(in bytes: [UInt8], wanted: (UInt64) -> Bool) -> [Socket] {
        bytes.lines.dropFirst().compactMap { line in
            let words = line.words
            switch self {
            case .tcp, .tcp6, .udp, .udp6, .raw, .raw6, .icmp, .icmp6: return internet(words, wanted)
            case .unix: return unix(line, words, wanted)
            case .netlink, .packet:
                // The inode is the last but the header's columns: sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode.
                guard let inode = words.last?.number(), wanted(inode) else { return nil }
                return Socket(proto: rawValue, local: "", remote: "", state: "UNCONN", inode: inode)
            }
        }
    }

    /// `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`.
    private func internet(_ words: [ArraySlice<UInt8>], _ wanted: (UInt64) -> Bool) -> Socket? {
        guard words.count > 9, let inode = words[9].number(), inode != 0, wanted(inode),
            let local = SocketAddress.text(words[1]), let remote = SocketAddress.text(words[2]),
            let state = words[3].number(radix: 16)
        else { return nil }
        return Socket(proto: rawValue, local: local, remote: remote, state: stateName(state), inode: inode)
    }

    /// `Num RefCount Protocol Flags Type St Inode Path`; the path may have blanks.
    private func unix(_ line: ArraySlice<UInt8>, _ words: [ArraySlice<UInt8>], _ wanted: (UInt64) -> Bool) -> Socket? {
        guard words.count > 6, let inode = words[6].number(), wanted(inode), let flags = words[3].number(radix: 16),
            let state = words[5].number(radix: 16)
        else { return nil }
        let path = line[words[6].endIndex...].dropFirst()
        // __SO_ACCEPTCON of net.h; SS_CONNECTED is 3.
        let name = flags & 0x10000 != 0 ? "LISTEN" : state == 3 ? "ESTABLISHED" : "UNCONN"
        return Socket(proto: rawValue, local: path.text, remote: "", state: name, inode: inode)
    }

    /// States of include/net/tcp_states.h; datagram sockets use two of them.
    private func stateName(_ state: UInt64) -> String {
        let names = [
            "", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT",
            "LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV",
        ]
        if self != .tcp, self != .tcp6, state == 7 { return "UNCONN" }
        return state > 0 && state < names.count ? names[Int(state)] : "\(state)"
    }
}

/// Internet addresses as the kernel prints them: each 32-bit word in the byte order of the machine, the port as a number.
package enum SocketAddress {
    /// `0100007F:0050` is `127.0.0.1:80`; `nil` for what is no address.
    static func text(_ word: ArraySlice<UInt8>) -> String? {
        guard let colon = word.firstIndex(of: UInt8(ascii: ":")),
            let port = word[(colon + 1)...].number(radix: 16), port < 65536
        else { return nil }
        let hex = word[..<colon]
        guard hex.count == 8 || hex.count == 32 else { return nil }
        var bytes: [UInt8] = []
        var rest = hex
        while !rest.isEmpty {
            guard let value = rest.prefix(8).number(radix: 16), let word = UInt32(exactly: value) else { return nil }
            withUnsafeBytes(of: word) { bytes += $0 }
            rest = rest.dropFirst(8)
        }
        let shownPort = port == 0 ? "*" : "\(port)"
        return bytes.count == 4 ? "\(ipv4(bytes)):\(shownPort)" : "[\(ipv6(bytes))]:\(shownPort)"
    }

    private static func ipv4(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { "\($0)" }.joined(separator: ".")
    }

    /// The shortest form (RFC 5952): no leading zeros, the first longest run of zero groups as `::`.
    private static func ipv6(_ bytes: [UInt8]) -> String {
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        if groups[..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xffff { return "::ffff:" + ipv4(bytes[12...]) }
        var longest = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || groups[index] != 0 {
            if index - start > max(longest.count, 1) { longest = start..<index }
            start = index + 1
        }
        func hex(_ part: ArraySlice<UInt16>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
        if longest.isEmpty { return hex(groups[...]) }
        return hex(groups[..<longest.lowerBound]) + "::" + hex(groups[longest.upperBound...])
    }
}
