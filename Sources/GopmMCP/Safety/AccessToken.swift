package import GopmSystem

/// The token that makes a request one of this user's: `mcp.token` in the home, for clients that the kernel cannot vouch for.
package enum AccessToken {
    /// Bytes of randomness.
    private static let strength = 32

    /// The token; nil if there is none yet.
    package static func read(_ home: Home) -> String? {
        guard let bytes = try? FileSystem.read(home.mcpToken, limit: 4096) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        return text.isEmpty ? nil : text
    }

    /// The token, which is made if there is none.
    package static func readOrCreate(_ home: Home) throws(SystemError) -> String {
        if let token = read(home) { return token }
        try home.create()
        let token = RandomText.hex(bytes: strength)
        try FileSystem.replace(home.mcpToken, with: Array((token + "\n").utf8), isDurable: true)
        return token
    }

    /// Whether the header Authorization bears the token; how long it takes does not tell how much of it was right.
    package static func isBorne(by header: String?, token: String?) -> Bool {
        guard let token, let header, header.count > 7, header.prefix(7).lowercased() == "bearer " else { return false }
        let (given, expected) = (Array(header.dropFirst(7).utf8), Array(token.utf8))
        guard given.count == expected.count else { return false }
        return zip(given, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
