import CLinux
package import GopmJSON
package import GopmSystem
package import GopmWire
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// One connection to a supervisor's control socket; blocking, with deadlines.
package final class ControlConnection {
    private let home: Home
    /// For poll(2); stays ours.
    package private(set) var descriptor: Int32
    private var framer = LineFramer(limit: ControlConnection.replyLimit)
    private var nextID = 0
    private var timeoutSeconds = 30
    /// On whose behalf requests are sent, for the supervisor's log; nil for the user's own.
    package var client: String?

    /// Bytes of one reply: some 200,000 processes.
    private static let replyLimit = 256 << 20

    /// Connects, without starting anything.
    ///
    /// - Throws: `.unavailable` with the errno if nobody listens.
    package init(home: Home) throws(ClientError) {
        self.home = home
        descriptor = try ControlConnection.open(home)
        // Replies that take longer belong to programs that take long to stop; those set their own.
        setTimeout(seconds: 30)
    }

    deinit {
        close(descriptor)
    }

    private static func open(_ home: Home) throws(ClientError) -> Int32 {
        let descriptor = home.socket.withCString { gopm_unix_socket($0, 0, 0) }
        guard descriptor >= 0 else { throw ClientError(connecting: home.socket, .last) }
        return descriptor
    }

    /// Starts a supervisor where there is none, for commands that may; nil for those that only talk to one that runs.
    package var startAgain: (() throws(ClientError) -> ControlConnection)?

    /// Connects to the supervisor that takes the place of one that died.
    ///
    /// Its keeper starts one at once, unless too many died young; a command that may start one does not wait for that.
    private func reconnect() throws(ClientError) {
        let end = Clock.boot + 5_000_000_000
        while true {
            do throws(ClientError) {
                return use(try ControlConnection.open(home))
            } catch {
                if let startAgain {
                    let other = try startAgain()
                    return use(fcntl(other.descriptor, F_DUPFD_CLOEXEC, 3))
                }
                guard Clock.boot < end else { throw error }
                // There is no event for "a socket listens" that is cheaper than trying.
                poll(nil, 0, 2)
            }
        }
    }

    private func use(_ next: Int32) {
        close(descriptor)
        descriptor = next
        framer = LineFramer(limit: ControlConnection.replyLimit)
        setTimeout(seconds: 30)
    }

    /// How long a reply may take.
    package func setTimeout(seconds: Int) {
        timeoutSeconds = seconds
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Sends a request and waits for its answer.
    ///
    /// - Returns: The reply's `data` as JSON text, empty if it has none.
    package func call(
        _ method: Method,
        _ params: (inout JSONWriter) -> Void = { _ in }
    ) throws(ClientError) -> [UInt8] {
        var triesLeft = method.changesNothing ? 3 : 1
        while true {
            triesLeft -= 1
            do throws(ClientError) {
                return try callOnce(method, params)
            } catch {
                // The supervisor died under the question; the next one answers it. A dying one closes what it has open one
                // by one: the second connection may still be taken by its listening socket, the third one cannot be.
                guard error.code == .lost, triesLeft > 0 else { throw error }
                try reconnect()
            }
        }
    }

    private func callOnce(
        _ method: Method,
        _ params: (inout JSONWriter) -> Void
    ) throws(ClientError) -> [UInt8] {
        let id = try send(method, params)
        while true {
            let reply = try receive()
            guard reply.id == id, reply.event == nil else { continue }
            return try ClientError.unwrapping(reply.result)
        }
    }

    /// Sends a request without waiting, so that many are handled side by side.
    ///
    /// - Returns: The id that its reply will bear.
    package func send(_ method: Method, _ params: (inout JSONWriter) -> Void) throws(ClientError) -> Int {
        nextID += 1
        let line = Request.encode(method, id: nextID, client: client, params: params)
        var offset = 0
        while offset < line.count {
            let count = line.withUnsafeBytes { buffer in
                retryingInterrupted {
                    Glibc.send(
                        descriptor,
                        buffer.baseAddress.map { $0 + offset },
                        buffer.count - offset,
                        Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                    )
                }
            }
            if count > 0 {
                offset += count
            } else if errno == EAGAIN {
                try makeRoom()
            } else {
                throw ClientError(.lost, "the daemon closed the connection: \(Errno.last.words)")
            }
        }
        return nextID
    }

    /// Waits until more can be sent, taking in what comes meanwhile: a supervisor whose answers are not fetched reads no
    /// further requests.
    private func makeRoom() throws(ClientError) {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN | POLLOUT), revents: 0)
        let result = retryingInterrupted { Int(poll(&request, 1, Int32(clamping: timeoutSeconds * 1000))) }
        guard result > 0 else { throw ClientError(.timedOut, "the daemon does not answer") }
        if Int32(request.revents) & POLLIN != 0 { try readMore() }
    }

    /// The next reply or event.
    package func receive() throws(ClientError) -> ReceivedReply {
        while true {
            switch framer.next() {
            case .line(let line):
                guard let reply = ReceivedReply(parsing: line) else {
                    throw ClientError(.lost, "the daemon sent something that is no reply")
                }
                return reply
            case .needsMore: try readMore()
            case .tooLong: throw ClientError(.lost, "the daemon's reply is too long")
            }
        }
    }

    /// The replies and events that are there, without waiting: for clients that do other things meanwhile.
    func receiveAvailable() throws(ClientError) -> [ReceivedReply] {
        try readMore(flags: Int32(MSG_DONTWAIT))
        var replies: [ReceivedReply] = []
        while true {
            switch framer.next() {
            case .line(let line):
                guard let reply = ReceivedReply(parsing: line) else {
                    throw ClientError(.lost, "the daemon sent something that is no reply")
                }
                replies.append(reply)
            case .needsMore: return replies
            case .tooLong: throw ClientError(.lost, "the daemon's reply is too long")
            }
        }
    }

    /// Waits until the supervisor closes the connection, which it does last of all when it ends.
    ///
    /// - Returns: Whether it did so in time.
    package func waitForEnd(seconds: Int) -> Bool {
        setTimeout(seconds: seconds)
        var byte: UInt8 = 0
        while true {
            let count = retryingInterrupted { recv(descriptor, &byte, 1, 0) }
            if count == 0 || (count < 0 && errno != EAGAIN) { return true }
            if count < 0 { return false }
        }
    }

    private func readMore(flags: Int32 = 0) throws(ClientError) {
        var failure: ClientError?
        withUnsafeTemporaryAllocation(byteCount: 262_144, alignment: 16) { buffer in
            let count = retryingInterrupted { recv(descriptor, buffer.baseAddress, buffer.count, flags) }
            if count > 0 {
                framer.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } else if count < 0, errno == EAGAIN {
                if flags & Int32(MSG_DONTWAIT) != 0 { return }
                failure = ClientError(.timedOut, "the daemon does not answer")
            } else {
                failure = ClientError(.lost, "the daemon closed the connection before it answered")
            }
        }
        if let failure { throw failure }
    }
}
