/// Host and port of a receiver: `127.0.0.1:8094`, `[::1]:8094`, `telegraf:8094`.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// An address, or a name that is to be looked up; not empty.
    package var host: String
    /// From 1.
    package var port: UInt16

    /// - Returns: `nil` for anything but `host:port`, the host of an IPv6 address in brackets.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ $0.decimalDigit != nil }), let port = UInt16(digits), port > 0 else {
            return nil
        }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.contains(where: { $0 == "[" || $0 == "]" || ($0 == ":" && !isBracketed) }) else {
            return nil
        }
        self.host = String(host)
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
