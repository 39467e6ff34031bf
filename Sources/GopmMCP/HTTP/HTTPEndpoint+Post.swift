import GopmJSON
import HTTPTypes
import HummingbirdCore
import NIOCore

extension HTTPEndpoint {
    /// Bytes of a body.
    private static let bodyLimit = 1 << 20

    /// One message, or a batch, from a client.
    func post(_ request: Request) async -> HTTPAnswer {
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        // A page can have a browser send text/plain or a form anywhere; this type it would have to ask for first.
        guard type == "application/json" else {
            return .plain(.unsupportedMediaType, "Content-Type must be application/json")
        }
        guard HTTPEndpoint.accepts(request, "application/json") else {
            return .plain(.notAcceptable, "Accept must allow application/json (and text/event-stream)")
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > HTTPEndpoint.bodyLimit {
            return HTTPEndpoint.tooLarge
        }
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: HTTPEndpoint.bodyLimit)
        } catch is NIOTooManyBytesError {
            return HTTPEndpoint.tooLarge
        } catch {
            return .plain(.badRequest, "the body ended too early")
        }
        let body: JSONValue
        do throws(RPCError) {
            body = try RPCMessage.parse(Array(bytes.readableBytesView))
        } catch {
            return .refusal(400, error)
        }
        let routing = HTTPEndpoint.routing(request)
        switch PostDecision(body, headers: routing, session: HTTPEndpoint.session(request)) {
        case .stateless(let message, let envelope): return await stateless(message, envelope, request)
        case .initialize: return await initialize(body)
        case .inSession(let id, let body): return await inSession(id, body, request)
        case .accepted: return .accepted
        case .refused(let status, let error, let id): return .refusal(status, error, id: id)
        }
    }

    private static let tooLarge = HTTPAnswer.plain(.contentTooLarge, "a body may have \(bodyLimit) bytes at most")

    // MARK: - Requests that stand by themselves

    private func stateless(_ message: RPCRequest, _ envelope: Envelope, _ request: Request) async -> HTTPAnswer {
        let takesEvents = HTTPEndpoint.accepts(request, "text/event-stream")
        let caller = Caller(
            revision: envelope.revision,
            client: envelope.client,
            progressToken: message.progressToken
        )
        if message.method == "subscriptions/listen" {
            guard takesEvents else {
                return .plain(.notAcceptable, "Accept must allow text/event-stream for subscriptions/listen")
            }
            return listen(message, envelope.revision)
        }
        if takesEvents, server.isSlow(message) {
            return .events(
                [:],
                progress { [server] notify in
                    var caller = caller
                    caller.notify = notify
                    return await server.reply(to: message, caller)
                }
            )
        }
        do throws(RPCError) {
            return .json(.ok, RPCText.result(try await server.answer(message, caller), to: message.id))
        } catch {
            return .refusal(error.httpStatus, error, id: message.id)
        }
    }

    private func listen(_ message: RPCRequest, _ revision: Revision) -> HTTPAnswer {
        let stream: ListenStream
        do throws(RPCError) {
            stream = try ListenStream(message, revision, feed: server.feed)
        } catch {
            return .refusal(error.httpStatus, error, id: message.id)
        }
        guard let place = streams.open({ stream.close() }) else {
            return .plain(.serviceUnavailable, "too many streams are open")
        }
        return .events(
            [:],
            EventStream {
                await stream.next()
            } abandon: {
                stream.close()
            } stop: { [streams] in
                streams.close(place)
                await stream.stop()
            }
        )
    }

    // MARK: - Sessions

    private func initialize(_ body: JSONValue) async -> HTTPAnswer {
        guard let (id, session) = await sessions.create() else {
            return .plain(
                .serviceUnavailable,
                "\(SessionStore.limit) sessions are open; try again in a minute",
                headers: [.retryAfter: "60"]
            )
        }
        guard case .message(let reply) = await session.receive(body) else { return .accepted }
        // A session that was not agreed on is none.
        guard await session.revision != nil else {
            await sessions.remove(id)
            return .json(.badRequest, reply)
        }
        return .json(.ok, reply, headers: HTTPEndpoint.naming(id))
    }

    static func naming(_ session: String) -> HTTPFields { sessionHeader.map { [$0: session] } ?? [:] }

    private func inSession(_ id: String, _ body: JSONValue, _ request: Request) async -> HTTPAnswer {
        guard let session = await sessions.find(id) else {
            return .refusal(
                404,
                RPCError(.invalidRequest, "the session is unknown or has ended"),
                id: RPCMessage.id(of: body)
            )
        }
        let headers = HTTPEndpoint.naming(id)
        if let batch = body.arrayValue { return await self.batch(batch, session, headers) }
        let message: RPCMessage
        do throws(RPCError) {
            message = try RPCMessage(body)
        } catch {
            return .refusal(400, error, id: RPCMessage.id(of: body))
        }
        if case .request(let call) = message, server.isSlow(call), HTTPEndpoint.accepts(request, "text/event-stream") {
            return .events(
                headers,
                progress { notify in
                    await HTTPEndpoint.message(session.receive(body, notify: notify), of: call.id)
                }
            )
        }
        switch await session.receive(body) {
        case .none: return .whole(.accepted, headers, [])
        case .message(let reply): return .json(.ok, reply, headers: headers)
        case .cancelled:
            guard case .request(let call) = message else { return .accepted }
            return .json(.ok, HTTPEndpoint.message(.cancelled, of: call.id) ?? [], headers: headers)
        }
    }

    /// An exchange of HTTP needs an end even where the protocol wants none.
    private static func message(_ reply: Session.Reply, of id: JSONValue) -> [UInt8]? {
        switch reply {
        case .message(let reply): reply
        case .cancelled: RPCText.error(RPCError(.cancelled, "cancelled"), to: id)
        case .none: nil
        }
    }

    private func batch(_ batch: [JSONValue], _ session: Session, _ headers: HTTPFields) async -> HTTPAnswer {
        guard await session.revision?.hasBatches == true else {
            return .refusal(400, RPCError(.invalidRequest, "batches exist in \(Revision.march2025.rawValue) only"))
        }
        guard !batch.isEmpty else { return .refusal(400, RPCError(.invalidRequest, "the batch is empty")) }
        let replies = await session.receive(batch: batch)
        guard !replies.isEmpty else { return .whole(.accepted, headers, []) }
        var json = JSONWriter()
        json.array { json in for reply in replies { json.raw(reply) } }
        return .json(.ok, json.bytes, headers: headers)
    }

    // MARK: - Progress before an answer

    /// A stream of reports that ends with the answer; a client that goes calls it off.
    private func progress(
        _ body: @Sendable @escaping (@Sendable @escaping ([UInt8]) async -> Void) async -> [UInt8]?
    ) -> EventStream {
        let (messages, sender) = AsyncStream<[UInt8]>.makeStream()
        let task = Task {
            if let answer = await body({ sender.yield($0) }) { sender.yield(answer) }
            sender.finish()
        }
        return EventStream {
            for await message in messages { return .messages([message]) }
            return .end(nil)
        } abandon: {
            task.cancel()
            sender.finish()
        } stop: {
            task.cancel()
        }
    }
}
