package import GopmJSON
import Synchronization

/// A session of the earlier era: what was agreed on, what is being worked on, what the client has subscribed to.
package actor Session {
    private let server: MCPServer
    private var lifecycle = SessionLifecycle()
    private let inFlight = InFlight()
    private var listener: Int?
    /// Changes on their way to the client.
    package nonisolated let changes = ChangeQueue(wantsList: true)

    private let isStreamAbandoned = Mutex(false)
    private var hasGreeted = false

    private static let subscriptionLimit = 1000
    private var subscriptions: Set<String> = []

    package init(server: MCPServer) {
        self.server = server
    }

    package var revision: Revision? { lifecycle.revision }

    /// What comes of a message.
    package enum Reply: Sendable, Hashable {
        case message([UInt8])
        /// The client has called the request off.
        case cancelled
        /// There is nothing to say.
        case none
    }

    /// Takes one message; `notify` sends what belongs to its answer before it.
    package func receive(
        _ value: JSONValue,
        notify: (@Sendable ([UInt8]) async -> Void)? = nil
    ) async -> Reply {
        let message: RPCMessage
        do throws(RPCError) {
            message = try RPCMessage(value)
        } catch {
            return .message(RPCText.error(error, to: RPCMessage.id(of: value)))
        }
        switch lifecycle.receive(message) {
        case .welcome(let request, let revision):
            return .message(RPCText.result(ServerIdentity.welcome(revision), to: request.id))
        case .answer(let request, let revision, let client):
            let caller = Caller(
                revision: revision,
                client: client,
                progressToken: request.progressToken,
                notify: notify
            )
            return await answer(request, caller)
        case .refuse(let id, let error): return .message(RPCText.error(error, to: id))
        case .cancel(let id):
            inFlight.cancel(id)
            return .none
        case .ignore: return .none
        }
    }

    /// Takes a batch; the replies that there are.
    package func receive(batch: [JSONValue]) async -> [[UInt8]] {
        await withTaskGroup(of: Reply.self) { group in
            for value in batch { group.addTask { await self.receive(value) } }
            var replies: [[UInt8]] = []
            for await case .message(let reply) in group { replies.append(reply) }
            return replies
        }
    }

    /// Ends it: whoever waits is let go.
    package func close() {
        inFlight.cancelAll()
        changes.close()
        if let listener { server.feed.stop(listener) }
        listener = nil
    }

    private func answer(_ request: RPCRequest, _ caller: Caller) async -> Reply {
        if request.method == "resources/subscribe" || request.method == "resources/unsubscribe" {
            return .message(await subscription(request, caller.revision))
        }
        let reply = await inFlight.run(request.id) { [server] in await server.reply(to: request, caller) }
        return reply.map { .message($0) } ?? .cancelled
    }

    private func subscription(_ request: RPCRequest, _ revision: Revision) async -> [UInt8] {
        guard let text = request.params["uri"]?.stringValue, ResourceURI(text)?.isWatchable == true else {
            let error = RPCError(.invalidParameters, "params.uri is no resource whose changes are told (logs are not)")
            return RPCText.error(error, to: request.id)
        }
        if request.method == "resources/unsubscribe" {
            subscriptions.remove(text)
            changes.unsubscribe(text)
        } else {
            guard subscriptions.count < Session.subscriptionLimit else {
                let error = RPCError(
                    .invalidParameters,
                    "at most \(Session.subscriptionLimit) subscriptions are allowed"
                )
                return RPCText.error(error, to: request.id)
            }
            subscriptions.insert(text)
            changes.subscribe(text)
            await listen()
        }
        return RPCText.result(ResultText.encode(revision) { _ in }, to: request.id)
    }

    /// What a stream of changes has next; first, as clients wait for it, a sign of life.
    func nextChanges() async -> StreamEvent {
        guard hasGreeted else {
            hasGreeted = true
            return .alive
        }
        switch await changes.next(within: StreamEvent.keepAlive) {
        case .changes(let uris, let isListChanged): return .messages(ChangeMessages.encode(uris, isListChanged))
        case .nothing: return isStreamAbandoned.withLock { $0 } ? .end(nil) : .alive
        case .closed: return .end(nil)
        }
    }

    /// The client has opened a stream for changes.
    package func openStream() async {
        hasGreeted = false
        isStreamAbandoned.withLock { $0 = false }
        await listen()
    }

    /// The client has closed it.
    nonisolated func abandonStream() {
        isStreamAbandoned.withLock { $0 = true }
        changes.wake()
    }

    /// Has changes told from now on: after the first subscription, or when the client opens a stream for them.
    package func listen() async {
        guard listener == nil else { return }
        // Taken before the wait, so that a second call does not listen as well.
        listener = 0
        let id = await server.feed.listen { [changes] in changes.push($0) }
        listener = id
    }
}

extension MCPServer {
    /// The answer to a request, as a message.
    package func reply(to request: RPCRequest, _ caller: Caller) async -> [UInt8] {
        do throws(RPCError) {
            return RPCText.result(try await answer(request, caller), to: request.id)
        } catch {
            return RPCText.error(error, to: request.id)
        }
    }
}
