/// The address of a resource.
package enum ResourceURI: Sendable, Hashable {
    case processes
    case status
    /// By name or id.
    case process(String)
    case log(String, isError: Bool)

    /// Bytes of an address whose name is as long as a name may be, each byte of it escaped.
    ///
    /// Sessions keep addresses, so a client may not make them as long as it likes.
    private static let longest = 256

    package init?(_ text: String) {
        guard text.hasPrefix("gopm://"), text.utf8.count <= ResourceURI.longest else { return nil }
        let parts = text.dropFirst(7).split(separator: "/", omittingEmptySubsequences: false)
        guard let decoded = ResourceURI.decoded(parts) else { return nil }
        switch (decoded.first, decoded.count) {
        case ("processes", 1): self = .processes
        case ("status", 1): self = .status
        case ("process", 2) where !decoded[1].isEmpty: self = .process(decoded[1])
        case ("logs", 3) where !decoded[1].isEmpty && decoded[2] == "stdout": self = .log(decoded[1], isError: false)
        case ("logs", 3) where !decoded[1].isEmpty && decoded[2] == "stderr": self = .log(decoded[1], isError: true)
        default: return nil
        }
    }

    package var text: String {
        switch self {
        case .processes: "gopm://processes"
        case .status: "gopm://status"
        case .process(let name): "gopm://process/\(name)"
        case .log(let name, let isError): "gopm://logs/\(name)/\(isError ? "stderr" : "stdout")"
        }
    }

    /// Whether clients can be told of its changes: a log changes with every line, which gopmd does not announce.
    var isWatchable: Bool {
        switch self {
        case .processes, .status, .process: true
        case .log: false
        }
    }

    /// Names need no escapes, but clients that fill in a template may make some (`@` becomes `%40`).
    private static func decoded(_ parts: [Substring]) -> [String]? {
        var result: [String] = []
        for part in parts {
            var bytes: [UInt8] = []
            var rest = Array(part.utf8)[...]
            while let byte = rest.popFirst() {
                guard byte == UInt8(ascii: "%") else {
                    bytes.append(byte)
                    continue
                }
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                guard digits.utf8.count == 2, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }),
                    let value = UInt8(digits, radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            }
            guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
            result.append(text)
        }
        return result
    }
}
