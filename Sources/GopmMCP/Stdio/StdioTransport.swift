import GopmJSON
import Synchronization
import UnixSignals

#if canImport(Glibc)
    import Glibc
#endif

/// One client on standard input and output, in either era of the protocol or both.
package struct StdioTransport: Sendable {
    private let server: MCPServer
    private let session: Session
    /// Requests that stand by themselves.
    private let inFlight = InFlight()
    private let output = StdioOutput()
    private let reading = BlockingWork(threads: 1)
    private let ending = Ending()

    package init(server: MCPServer) {
        self.server = server
        session = Session(server: server)
    }

    /// Serves until the client closes its end; what it has asked for by then is answered.
    ///
    /// SIGTERM and SIGINT call off what is under way.
    package func run() async {
        let (ends, end) = AsyncStream<Void>.makeStream()
        Task {
            await serve()
            end.finish()
        }
        // Beside the other: the reading cannot be called off, and ends with the process.
        Task {
            for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
            ending.begin()
            inFlight.endStreams()
            await session.close()
            await inFlight.wait()
            end.finish()
        }
        for await _ in ends {}
    }

    private func serve() async {
        let input = LineInput()
        await withDiscardingTaskGroup { changes in
            await withDiscardingTaskGroup { answers in
                reading: while !output.isBroken {
                    switch await reading.run({ input.next() }) {
                    case .end: break reading
                    case .tooLong:
                        let error = RPCError(.invalidRequest, "a message may have \(LineInput.limit) bytes at most")
                        output.write(RPCText.error(error, to: nil))
                    case .line(let line): await take(line, &answers, &changes)
                    }
                }
                ending.begin()
                inFlight.endStreams()
            }
            await session.close()
        }
    }

    /// Messages that change what the ones after them mean are done with before those are looked at.
    private func take(
        _ line: [UInt8],
        _ answers: inout DiscardingTaskGroup,
        _ changes: inout DiscardingTaskGroup
    ) async {
        let value: JSONValue
        do throws(RPCError) {
            value = try RPCMessage.parse(line)
        } catch {
            return output.write(RPCText.error(error, to: nil))
        }
        if let batch = value.arrayValue {
            answers.addTask { await take(batch: batch) }
            return
        }
        let method = value["method"]?.stringValue
        if value["id"] != nil, method != "initialize" {
            answers.addTask { await answer(value) }
            return
        }
        if method == "notifications/cancelled", let id = value["params"]?["requestId"] { inFlight.cancel(id) }
        reply(await session.receive(value))
        if method == "notifications/initialized", await session.revision != nil {
            changes.addTask { await tellChanges() }
        }
    }

    private func answer(_ value: JSONValue) async {
        guard let message = try? RPCMessage(value), case .request(let request) = message,
            Envelope.isPresent(in: request.params)
        else {
            return reply(await session.receive(value) { [output] in output.write($0) })
        }
        do throws(RPCError) {
            let envelope = try Envelope(of: request, headers: nil)
            if request.method == "subscriptions/listen" { return await listen(request, envelope.revision) }
            let caller = Caller(
                revision: envelope.revision,
                client: envelope.client,
                progressToken: request.progressToken,
                notify: { [output] in output.write($0) }
            )
            let answer = await inFlight.run(request.id) { [server] in await server.reply(to: request, caller) }
            if let answer { output.write(answer) }
        } catch {
            output.write(RPCText.error(error, to: request.id))
        }
    }

    private func listen(_ request: RPCRequest, _ revision: Revision) async {
        do throws(RPCError) {
            let stream = try ListenStream(request, revision, feed: server.feed)
            let last = await inFlight.run(request.id, endingBy: stream.close) { [output, ending] () -> [UInt8]? in
                // It may have been asked for with the client's last breath.
                if ending.hasBegun { stream.close() }
                while true {
                    switch await stream.next() {
                    case .messages(let messages): for message in messages { output.write(message) }
                    // Signs of life are for networks; a pipe needs none.
                    case .alive: if Task.isCancelled { return nil }
                    case .end(let message): return message
                    }
                }
            }
            await stream.stop()
            if let last, let last { output.write(last) }
        } catch {
            output.write(RPCText.error(error, to: request.id))
        }
    }

    private func take(batch: [JSONValue]) async {
        guard await session.revision?.hasBatches == true, !batch.isEmpty else {
            let error = RPCError(
                .invalidRequest,
                "batches exist in \(Revision.march2025.rawValue) only, and are not empty"
            )
            return output.write(RPCText.error(error, to: nil))
        }
        let replies = await session.receive(batch: batch)
        guard !replies.isEmpty else { return }
        var json = JSONWriter()
        json.array { json in for reply in replies { json.raw(reply) } }
        output.write(json.bytes)
    }

    private func reply(_ reply: Session.Reply) {
        if case .message(let message) = reply { output.write(message) }
    }

    private func tellChanges() async {
        await session.listen()
        while true {
            switch await session.changes.next(within: .seconds(3600)) {
            case .changes(let uris, let isListChanged):
                for message in ChangeMessages.encode(uris, isListChanged) { output.write(message) }
            case .nothing: continue
            case .closed: return
            }
        }
    }

}

/// Whether the transport is coming to its end.
private final class Ending: Sendable {
    private let state = Mutex(false)

    var hasBegun: Bool { state.withLock { $0 } }

    func begin() { state.withLock { $0 = true } }
}

/// Standard output, a message a line; one at a time.
final class StdioOutput: Sendable {
    private let isOpen = Mutex(true)

    /// Whether the client does not read any more.
    var isBroken: Bool { isOpen.withLock { !$0 } }

    func write(_ message: [UInt8]) {
        let line = message + [UInt8(ascii: "\n")]
        isOpen.withLock { isOpen in
            var sent = 0
            while isOpen, sent < line.count {
                let count = line.withUnsafeBytes { Glibc.write(1, $0.baseAddress.map { $0 + sent }, line.count - sent) }
                if count > 0 { sent += count } else if errno != EINTR { isOpen = false }
            }
        }
    }
}
