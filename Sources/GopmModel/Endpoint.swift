#if canImport(Glibc)
    import Glibc
#endif

/// The address and port of a receiver: `127.0.0.1:8094`, `[::1]:8094`, `localhost:8094`.
///
/// Other names are not looked up: the answer may take half a minute, and may be another one tomorrow.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// As inet_pton(3) reads it.
    package var address: String
    package var port: UInt16

    package init?(_ text: String) {
        guard let (host, port) = Endpoint.split(text) else { return nil }
        address = host == "localhost" ? "127.0.0.1" : host
        self.port = port
        guard Endpoint.isAddress(address) else { return nil }
    }

    package var description: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }

    /// Whether it would be one if its name were an address.
    package static func namesAHost(_ text: String) -> Bool {
        split(text).map { !isAddress($0.host) } ?? false
    }

    private static func split(_ text: String) -> (host: String, port: UInt16)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard digits.utf8.allSatisfy({ $0.decimalDigit != nil }), let port = UInt16(digits), port > 0, !host.isEmpty
        else { return nil }
        return (String(host), port)
    }

    private static func isAddress(_ text: String) -> Bool {
        var bytes = in6_addr()
        return inet_pton(AF_INET, text, &bytes) == 1 || inet_pton(AF_INET6, text, &bytes) == 1
    }
}
