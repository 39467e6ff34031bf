import HTTPTypes
import HummingbirdCore
import Synchronization

extension HTTPEndpoint {
    /// GET: the stream on which a session is told of changes.
    func openStream(_ request: Request) async -> HTTPAnswer {
        if let refusal = refuseWithoutSessions(request) { return refusal }
        guard HTTPEndpoint.accepts(request, "text/event-stream") else {
            return .plain(.notAcceptable, "Accept must allow text/event-stream")
        }
        guard let id = HTTPEndpoint.session(request) else { return HTTPEndpoint.noSession }
        guard let session = await sessions.find(id) else { return HTTPEndpoint.unknownSession }
        guard await sessions.openStream(id) else { return .plain(.conflict, "the session has a stream already") }
        await session.openStream()
        return .events(
            HTTPEndpoint.naming(id),
            EventStream {
                await session.nextChanges()
            } abandon: {
                session.abandonStream()
            } stop: { [sessions] in
                await sessions.closeStream(id)
            }
        )
    }

    /// DELETE: the client is done.
    func endSession(_ request: Request) async -> HTTPAnswer {
        if let refusal = refuseWithoutSessions(request) { return refusal }
        guard let id = HTTPEndpoint.session(request) else { return HTTPEndpoint.noSession }
        return await sessions.remove(id) ? .whole(.noContent, [:], []) : HTTPEndpoint.unknownSession
    }

    /// The stateless revision knows POST only.
    private func refuseWithoutSessions(_ request: Request) -> HTTPAnswer? {
        guard let version = HTTPEndpoint.routing(request).version.first,
            Revision(rawValue: version)?.isStateless != false
        else { return nil }
        return .plain(.methodNotAllowed, "only POST is allowed in \(version)", headers: [.allow: "POST"])
    }

    private static let noSession = HTTPAnswer.refusal(
        400,
        RPCError(.invalidRequest, "the header Mcp-Session-Id is missing")
    )
    private static let unknownSession = HTTPAnswer.refusal(
        404,
        RPCError(.invalidRequest, "the session is unknown or has ended")
    )
}

/// The streams that have no session, so that all can be ended; a bounded number.
final class OpenStreams: Sendable {
    private struct State {
        var next = 0
        var closers: [Int: @Sendable () -> Void] = [:]
        var isShut = false
    }

    private static let limit = 64
    private let state = Mutex(State())

    /// A place; nil if there is none.
    func open(_ close: @escaping @Sendable () -> Void) -> Int? {
        state.withLock { state in
            guard !state.isShut, state.closers.count < OpenStreams.limit else { return nil }
            state.next += 1
            state.closers[state.next] = close
            return state.next
        }
    }

    func close(_ place: Int) { state.withLock { $0.closers[place] = nil } }

    func closeAll() {
        let closers = state.withLock { state in
            state.isShut = true
            return Array(state.closers.values)
        }
        for close in closers { close() }
    }
}
