package import GopmJSON

/// The life of a session of the earlier era, as a value: what each message means, and what is to be done with it.
package struct SessionLifecycle: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        case new
        /// A version was agreed on.
        case open(Revision, client: String)
    }

    package enum Action: Sendable, Hashable {
        /// Answer with what this server is.
        case welcome(RPCRequest, Revision)
        case answer(RPCRequest, Revision, client: String)
        case refuse(id: JSONValue?, RPCError)
        /// Give up a request that is being worked on.
        case cancel(id: JSONValue)
        case ignore
    }

    package private(set) var state = State.new

    package init() {}

    package var revision: Revision? {
        if case .open(let revision, _) = state { revision } else { nil }
    }

    package mutating func receive(_ message: RPCMessage) -> Action {
        switch (message, state) {
        case (.request(let request), .new) where request.method == "initialize":
            return open(request)
        case (.request(let request), .new) where request.method == "ping":
            return .answer(request, .latestWithSession, client: "unknown")
        case (.request(let request), .new):
            return .refuse(id: request.id, RPCError(.invalidRequest, "\"initialize\" must come first"))
        case (.request(let request), .open) where request.method == "initialize":
            return .refuse(id: request.id, RPCError(.invalidRequest, "the session is initialized already"))
        // Requests before `notifications/initialized` are answered too: what that waits for is the client's affair.
        case (.request(let request), .open(let revision, let client)):
            return .answer(request, revision, client: client)
        case (.notification("notifications/cancelled", let params), .open):
            return params["requestId"].map { .cancel(id: $0) } ?? .ignore
        case (.notification, .new), (.notification, .open), (.response, .new), (.response, .open):
            return .ignore
        }
    }

    /// Takes the client's version if it is known and has sessions; else offers the newest that has, as the
    /// specification wants it.
    private mutating func open(_ request: RPCRequest) -> Action {
        guard let wanted = request.params["protocolVersion"]?.stringValue else {
            let error = RPCError(.invalidParameters, "params.protocolVersion is missing or not a string")
            return .refuse(id: request.id, error)
        }
        for key in ["capabilities", "clientInfo"] where request.params[key]?.objectValue == nil {
            let error = RPCError(.invalidParameters, "params.\(key) is missing or not an object")
            return .refuse(id: request.id, error)
        }
        let known = Revision(rawValue: wanted).flatMap { $0.isStateless ? nil : $0 }
        let revision = known ?? .latestWithSession
        state = .open(revision, client: ClientName.text(request.params["clientInfo"]))
        return .welcome(request, revision)
    }
}
