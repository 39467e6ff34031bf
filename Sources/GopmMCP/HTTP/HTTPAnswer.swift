import GopmJSON
import HTTPTypes
import HummingbirdCore
import NIOCore

/// What an HTTP request gets.
enum HTTPAnswer: Sendable {
    case whole(HTTPResponse.Status, HTTPFields, [UInt8])
    /// Server-sent events for as long as there are any.
    case events(HTTPFields, EventStream)

    static func json(_ status: HTTPResponse.Status, _ body: [UInt8], headers: HTTPFields = [:]) -> HTTPAnswer {
        var headers = headers
        headers[.contentType] = "application/json"
        return .whole(status, headers, body)
    }

    /// A refusal of HTTP's, in the form of `{"error": …}`.
    static func plain(_ status: HTTPResponse.Status, _ reason: String, headers: HTTPFields = [:]) -> HTTPAnswer {
        var json = JSONWriter()
        json.object { $0.member("error", reason) }
        return .json(status, json.bytes, headers: headers)
    }

    /// A refusal in the protocol's own words.
    static func refusal(_ status: Int, _ error: RPCError, id: JSONValue? = nil) -> HTTPAnswer {
        .json(HTTPResponse.Status(code: status), RPCText.error(error, to: id))
    }

    static let accepted = HTTPAnswer.whole(.accepted, [:], [])

    @concurrent
    consuming func write(to writer: consuming ResponseWriter, on channel: any Channel) async throws {
        switch self {
        case .whole(let status, var headers, let body):
            headers[.contentLength] = "\(body.count)"
            headers[.cacheControl] = "no-store"
            let head = HTTPResponse(status: status, headerFields: headers)
            try await writer.write(response: head, body: .init(byteBuffer: ByteBuffer(bytes: body)))
        case .events(var headers, let stream):
            headers[.contentType] = "text/event-stream"
            headers[.cacheControl] = "no-cache, no-transform"
            // A client that closes its side has gone; one that goes on with the connection would not be seen to.
            headers[.connection] = "close"
            try await HTTPAnswer.watch(channel, stream.abandon)
            do {
                var body = try await writer.writeHead(HTTPResponse(status: .ok, headerFields: headers))
                try await HTTPAnswer.send(stream, to: &body)
                try await body.finish(nil)
            } catch {
                await stream.stop()
                throw error
            }
            await stream.stop()
        }
    }

    private static func watch(_ channel: any Channel, _ clientGoes: @Sendable @escaping () -> Void) async throws {
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: ConnectionGuard.self).whenClientGoes = clientGoes
        }.get()
    }

    @concurrent
    private static func send(_ stream: EventStream, to body: inout some ResponseBodyWriter) async throws {
        while true {
            switch await stream.next() {
            case .messages(let messages): for message in messages { try await body.write(event(message)) }
            case .alive: try await body.write(event(nil))
            case .end(let message):
                if let message { try await body.write(event(message)) }
                return
            }
        }
    }

    /// A message as an event; a comment where there is only a sign of life to give.
    private static func event(_ message: [UInt8]?) -> ByteBuffer {
        guard let message else { return ByteBuffer(string: ": keep-alive\r\n\r\n") }
        var buffer = ByteBuffer(string: "event: message\r\ndata: ")
        buffer.writeBytes(message)
        buffer.writeString("\r\n\r\n")
        return buffer
    }
}

/// Where the events of a stream come from.
struct EventStream: Sendable {
    var next: @Sendable () async -> StreamEvent
    /// Called when the client has gone: has `next` come to an end.
    var abandon: @Sendable () -> Void
    /// Called last of all.
    var stop: @Sendable () async -> Void
}
