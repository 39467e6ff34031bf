package import GopmJSON

/// What a stateless request says of its sender, in `_meta` (2026-07-28).
package struct Envelope: Sendable, Hashable {
    package var revision: Revision
    /// For people; the client says it of itself.
    package var client: String

    private static let versionKey = "io.modelcontextprotocol/protocolVersion"
    private static let capabilitiesKey = "io.modelcontextprotocol/clientCapabilities"
    private static let clientKey = "io.modelcontextprotocol/clientInfo"

    /// Whether a request means to be a stateless one; the version's key alone tells, a half envelope is an error then.
    package static func isPresent(in params: JSONObject) -> Bool {
        params["_meta"]?.objectValue?[versionKey] != nil
    }

    /// Checks a request from the outside in: its envelope, then the headers against the body, then the version.
    ///
    /// A client that contradicts itself is told so before it is told that a version is not spoken. `headers`: nil where
    /// there are none (stdio).
    package init(of request: RPCRequest, headers: RoutingHeaders?) throws(RPCError) {
        guard let meta = request.meta else {
            throw RPCError(
                .invalidParameters,
                "params._meta is missing (needed: \(Envelope.versionKey), \(Envelope.capabilitiesKey))"
            )
        }
        let missing = [Envelope.versionKey, Envelope.capabilitiesKey].filter { meta[$0] == nil }
        guard missing.isEmpty else {
            throw RPCError(.invalidParameters, "params._meta has no \(missing.joined(separator: ", "))")
        }
        let version = meta[Envelope.versionKey]?.stringValue
        try headers?.check(against: request, version: version)
        guard let version else {
            throw RPCError(.invalidParameters, "\(Envelope.versionKey) is not a string")
        }
        guard let revision = Revision(rawValue: version), revision.isStateless else {
            throw RPCError.unsupportedVersion(version)
        }
        guard meta[Envelope.capabilitiesKey]?.objectValue != nil else {
            throw RPCError(.invalidParameters, "\(Envelope.capabilitiesKey) is not an object")
        }
        self.revision = revision
        client = ClientName.text(meta[Envelope.clientKey])
    }
}

/// How a client calls itself, for the daemon's log.
package enum ClientName {
    /// `name version` of an `Implementation` object; short, as it goes into a log line.
    package static func text(_ info: JSONValue?) -> String {
        let name = info?["name"]?.stringValue ?? ""
        let version = info?["version"]?.stringValue ?? ""
        let words = [name, version].filter { !$0.isEmpty }.map { String($0.prefix(60)) }
        return words.isEmpty ? "unknown" : words.joined(separator: " ")
    }
}

/// The headers by which intermediaries route a stateless request; each value as often as it was sent.
package struct RoutingHeaders: Sendable, Hashable {
    package var version: [String]
    package var method: [String]
    package var name: [String]

    package init(version: [String] = [], method: [String] = [], name: [String] = []) {
        self.version = version
        self.method = method
        self.name = name
    }

    /// Which parameter a request's name is.
    private static func nameKey(_ method: String) -> String? {
        switch method {
        case "tools/call", "prompts/get": "name"
        case "resources/read": "uri"
        default: nil
        }
    }

    /// Headers and body must say the same: who routes by the one and who acts by the other must not be told apart.
    fileprivate func check(against request: RPCRequest, version: String?) throws(RPCError) {
        try compare("MCP-Protocol-Version", self.version, version, "the protocol version in _meta")
        try compare("Mcp-Method", method, request.method, "the method")
        guard let key = RoutingHeaders.nameKey(request.method), let value = request.params[key]?.stringValue else {
            return
        }
        try compare("Mcp-Name", name.map { HeaderText.decode($0) ?? "\u{0}damaged" }, value, "params.\(key)")
    }

    private func compare(_ header: String, _ found: [String], _ expected: String?, _ what: String) throws(RPCError) {
        guard found.count < 2 else { throw RPCError(.headerMismatch, "the header \(header) stands there twice") }
        guard let value = found.first else { throw RPCError(.headerMismatch, "the header \(header) is missing") }
        guard value == expected else { throw RPCError(.headerMismatch, "the header \(header) is not \(what)") }
    }
}
