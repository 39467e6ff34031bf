package import GopmJSON
import GopmSystem
package import GopmWire

/// A subscription that outlives the daemon: when it goes away the next one is looked for, and asked everything anew.
///
/// Nothing here waits; whoever has one waits for ``descriptor`` and until ``retryTime``.
package final class LiveConnection {
    package enum Message: Sendable {
        /// Connected, again or for the first time: the answers to the subscription and to the list follow.
        case connected
        case list([UInt8])
        case ping([UInt8])
        case event(String, [UInt8])
        /// The answer to a request of ``send(_:_:)``.
        case answer(Int, Result<[UInt8], RequestError>)
        /// Requests that were not answered never will be.
        case lost
    }

    /// A dead daemon's keeper starts the next one within milliseconds.
    private static let retryMilliseconds: Int64 = 100

    private let access: DaemonAccess
    private var connection: ControlConnection?
    private var listID = 0
    private var pingID = 0
    private var waiting: [Message] = []
    /// When to call ``receive()`` although nothing came, in milliseconds since boot; nil while connected.
    package private(set) var retryTime: Int64?

    /// Subscribes on a connection that was just made.
    package init(_ connection: ControlConnection, access: DaemonAccess) {
        self.access = access
        begin(connection)
    }

    package var isConnected: Bool { connection != nil }

    /// -1 while there is no daemon.
    package var descriptor: Int32 { connection?.descriptor ?? -1 }

    private func begin(_ connection: ControlConnection) {
        do throws(ClientError) {
            // A daemon that takes nothing for so long is as good as gone.
            connection.setTimeout(seconds: 5)
            _ = try connection.send(.subscribe) { $0.member("samples", true) }
            listID = try connection.send(.list) { _ in }
            pingID = try connection.send(.ping) { _ in }
            self.connection = connection
            retryTime = nil
            waiting.append(.connected)
        } catch {
            lose()
        }
    }

    private func lose() {
        if connection != nil { waiting.append(.lost) }
        connection = nil
        retryTime = Clock.boot / 1_000_000 + Self.retryMilliseconds
    }

    /// Sends a request; its answer comes as a message with the number that is returned, nil without a daemon.
    package func send(_ method: Method, _ params: (inout JSONWriter) -> Void = { _ in }) -> Int? {
        guard let connection else { return nil }
        do throws(ClientError) {
            return try connection.send(method, params)
        } catch {
            lose()
            return nil
        }
    }

    /// What came since the last call.
    package func receive() -> [Message] {
        if let connection {
            do throws(ClientError) {
                for reply in try connection.receiveAvailable() { take(reply) }
            } catch {
                lose()
            }
        } else if let retryTime, Clock.boot / 1_000_000 >= retryTime {
            if let next = try? access.connect() { begin(next) } else { lose() }
        }
        defer { waiting = [] }
        return waiting
    }

    private func take(_ reply: ReceivedReply) {
        switch (reply.event, reply.id, reply.result) {
        case (let event?, _, .success(let data)): waiting.append(.event(event, data))
        case (_, listID, .success(let data)): waiting.append(.list(data))
        case (_, pingID, .success(let data)): waiting.append(.ping(data))
        case (_, let id?, let result): waiting.append(.answer(id, result))
        default: break
        }
    }
}
