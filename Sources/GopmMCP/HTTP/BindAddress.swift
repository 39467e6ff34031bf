#if canImport(Glibc)
    import Glibc
#endif

/// From the words of `mcpserver.device` to addresses to listen on.
package enum BindAddress {
    /// The addresses without doubles, in the order of the words.
    ///
    /// An interface stands for all of its addresses but those of IPv6 that are of one link only. Throws a line that names
    /// the word that means nothing.
    package static func resolve(_ devices: [String]) throws(ServeError) -> [String] {
        var addresses: [String] = []
        for device in devices.isEmpty ? ["127.0.0.1"] : devices {
            let found = isAddress(device) ? [device] : device == "localhost" ? ["127.0.0.1"] : ofInterface(device)
            guard !found.isEmpty else {
                let known = Set(interfaces().map(\.name)).sorted().joined(separator: ", ")
                throw ServeError(
                    "mcpserver.device: \"\(device)\" is no IP address and no interface that is up and has one "
                        + "(interfaces: \(known))"
                )
            }
            for address in found where !addresses.contains(address) { addresses.append(address) }
        }
        return addresses
    }

    /// Every address of this machine: what a wildcard listens on.
    static func all() -> [String] { interfaces().map(\.address) }

    static func isWildcard(_ address: String) -> Bool { address == "0.0.0.0" || address == "::" }

    private static func isAddress(_ text: String) -> Bool {
        // The larger of the two addresses.
        var room = [UInt8](repeating: 0, count: 16)
        return inet_pton(AF_INET, text, &room) == 1 || inet_pton(AF_INET6, text, &room) == 1
    }

    private static func ofInterface(_ name: String) -> [String] {
        interfaces().filter { $0.name == name && !$0.address.hasPrefix("fe80:") }.map(\.address)
    }

    private static func interfaces() -> [(name: String, address: String)] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: [(String, String)] = []
        var next = first
        while let entry = next {
            next = entry.pointee.ifa_next
            if let address = text(entry.pointee.ifa_addr) {
                found.append((String(cString: entry.pointee.ifa_name), address))
            }
        }
        return found
    }

    private static func text(_ address: UnsafeMutablePointer<sockaddr>?) -> String? {
        guard let address else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let raw = UnsafeRawPointer(address)
        // Where the address stands in sockaddr_in (ip(7)) and sockaddr_in6 (ipv6(7)).
        switch Int32(address.pointee.sa_family) {
        case AF_INET: inet_ntop(AF_INET, raw + 4, &buffer, socklen_t(buffer.count))
        case AF_INET6: inet_ntop(AF_INET6, raw + 8, &buffer, socklen_t(buffer.count))
        default: return nil
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Why nothing is served, in one line for people.
package struct ServeError: Error, Sendable, Hashable {
    package var message: String

    package init(_ message: String) {
        self.message = message
    }
}
