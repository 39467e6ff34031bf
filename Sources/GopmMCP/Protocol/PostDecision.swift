package import GopmJSON

/// What to do with the body of an HTTP POST: one endpoint serves both eras of the protocol.
package enum PostDecision: Sendable, Hashable {
    /// A request that stands by itself.
    case stateless(RPCRequest, Envelope)
    /// The first request of a session.
    case initialize(RPCRequest)
    /// Something within a session: one message, or a batch where its revision has them.
    case inSession(String, JSONValue)
    /// Taken note of; nothing is to be said.
    case accepted
    case refused(status: Int, RPCError, id: JSONValue?)

    /// `session`: the header Mcp-Session-Id.
    package init(_ body: JSONValue, headers: RoutingHeaders, session: String?) {
        let version = headers.version.first
        let known = version.flatMap { Revision(rawValue: $0) }
        let hasEnvelope = Envelope.isPresent(in: body["params"]?.objectValue ?? JSONObject())
        let isInitialize = body["method"]?.stringValue == "initialize"
        // A version that is neither of the session-based ones nor absent is a stateless client's; so is an envelope.
        let isStateless = (version != nil && known?.isStateless != false) || (hasEnvelope && !isInitialize)
        do throws(RPCError) {
            self =
                isStateless
                ? try PostDecision.stateless(body, headers)
                : try PostDecision.withSession(body, isInitialize: isInitialize, session)
        } catch {
            self = .refused(status: error.httpStatus, error, id: RPCMessage.id(of: body))
        }
    }

    private static func stateless(_ body: JSONValue, _ headers: RoutingHeaders) throws(RPCError) -> PostDecision {
        switch try RPCMessage(body) {
        case .request(let request):
            // Without an envelope all that is known of the client is a version that nobody speaks.
            if !Envelope.isPresent(in: request.params), let version = headers.version.first,
                Revision(rawValue: version) == nil
            {
                throw RPCError.unsupportedVersion(version)
            }
            return .stateless(request, try Envelope(of: request, headers: headers))
        case .notification:
            // There are none in this era over HTTP: a client cancels by closing the response. Those that send one all
            // the same do no harm.
            guard let version = headers.version.first, Revision(rawValue: version)?.isStateless == true else {
                throw RPCError.unsupportedVersion(headers.version.first ?? "")
            }
            return .accepted
        case .response:
            throw RPCError(.invalidRequest, "expected a request or a notification, found a response")
        }
    }

    private static func withSession(
        _ body: JSONValue,
        isInitialize: Bool,
        _ session: String?
    ) throws(RPCError) -> PostDecision {
        if isInitialize, session == nil {
            guard case .request(let request) = try RPCMessage(body) else {
                throw RPCError(.invalidRequest, "\"initialize\" is a request and needs an \"id\"")
            }
            return .initialize(request)
        }
        guard let session else {
            throw RPCError(
                .invalidRequest,
                "no session: send \"initialize\" first and its Mcp-Session-Id with every request, or a request with "
                    + "the envelope of \(Revision.july2026.rawValue)"
            )
        }
        return .inSession(session, body)
    }
}
