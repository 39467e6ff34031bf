/// Whether a request was meant for this server: the defence against web pages, which can send requests here but not lie
/// about where they come from or which name they used (DNS rebinding).
package struct HostCheck: Sendable, Hashable {
    /// Lower case, IPv6 without brackets.
    private let names: Set<String>
    private let port: Int

    /// `addresses`: Those that are listened on; `machine`: this machine's names.
    package init(addresses: [String], machine: [String], port: Int) {
        var names = Set(["localhost"] + addresses.map { $0.lowercased() })
        let isOnLoopback = addresses.allSatisfy { $0.hasPrefix("127.") || $0 == "::1" }
        if isOnLoopback {
            names.formUnion(["127.0.0.1", "::1"])
        } else {
            names.formUnion(["127.0.0.1", "::1"] + machine.map { $0.lowercased() }.filter { !$0.isEmpty })
        }
        self.names = names
        self.port = port
    }

    /// A request without a Host, which no browser sends, is refused as well.
    package func allows(host: String?) -> Bool {
        guard let host, let (name, hostPort) = HostCheck.split(host) else { return false }
        return names.contains(name) && (hostPort ?? 80) == port
    }

    /// Programs send no Origin; pages of this server itself may.
    package func allows(origin: String?) -> Bool {
        guard let origin else { return true }
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            return allows(host: String(origin.dropFirst(scheme.count)))
        }
        return false
    }

    /// `name:port`, `[::1]:port`, or without a port; nil for anything else.
    static func split(_ text: String) -> (name: String, port: Int?)? {
        let lower = text.lowercased()
        let name: Substring
        var rest: Substring
        if lower.hasPrefix("[") {
            guard let end = lower.firstIndex(of: "]") else { return nil }
            name = lower[lower.index(after: lower.startIndex)..<end]
            rest = lower[lower.index(after: end)...]
        } else {
            let colon = lower.firstIndex(of: ":") ?? lower.endIndex
            name = lower[..<colon]
            rest = lower[colon...]
        }
        guard !name.isEmpty else { return nil }
        if rest.isEmpty { return (String(name), nil) }
        guard rest.popFirst() == ":" else { return nil }
        guard (1...5).contains(rest.utf8.count), rest.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(rest)
        else { return nil }
        return (String(name), port)
    }
}
