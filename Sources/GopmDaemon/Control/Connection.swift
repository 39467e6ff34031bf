import CLinux
import GopmJSON
import GopmSystem
import GopmWire
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// One client: lines in, replies out.
///
/// Requests with an `id` are handled side by side and answered as they are done; one without is answered before the next
/// is looked at, so that simple clients get their answers in order.
@SupervisorActor
final class Connection {
    /// Without a whole request for so long, and with no request under way, a client that is no subscriber is closed.
    private static let silenceLimit = Duration.seconds(30)
    /// A client that takes nothing of what waits for it for so long is closed.
    private static let stuckLimit = Duration.seconds(30)
    /// Bytes that may wait for a subscriber; one that falls behind further is closed and may ask again.
    private static let eventQueueLimit = 4 << 20
    /// Bytes of replies that may wait for a client before its next request is looked at.
    private static let replyQueueLimit = 1 << 20
    /// Requests of one client that are begun before the others have their turn.
    private static let linesPerTurn = 64
    /// Requests of one client under way at once; the rest waits in its socket.
    private static let requestLimit = 1024

    private let descriptor: Int32
    private let handler: RequestHandler
    private let onClose: @SupervisorActor () -> Void
    private let watchWrites: @SupervisorActor (Bool) -> Void
    private var framer = LineFramer(limit: Request.sizeLimit)
    private var output: [UInt8] = []
    private var sent = 0
    private var underWay = 0
    private var isOrderedUnderWay = false
    private var linesThisTurn = 0
    private var isPausing = false
    private var isAtEnd = false
    private var isClosed = false
    private var isWaitingToWrite = false
    private var subscription: Subscription?
    private lazy var deadline = LoopTimer { [unowned self] in deadlinePassed() }

    init(
        descriptor: Int32,
        handler: RequestHandler,
        onClose: @escaping @SupervisorActor () -> Void,
        watchWrites: @escaping @SupervisorActor (Bool) -> Void
    ) {
        self.descriptor = descriptor
        self.handler = handler
        self.onClose = onClose
        self.watchWrites = watchWrites
        deadline.arm(after: Connection.silenceLimit)
    }

    /// Whether it waits for no answer and has said no part of a request that was read.
    var isIdle: Bool {
        underWay == 0 && sent == output.count && subscription == nil && !isPausing && !isAtEnd && !framer.hasPartialLine
    }

    func handleReadiness(_ events: UInt32) {
        if events & UInt32(EPOLLOUT.rawValue) != 0 { flush() }
        linesThisTurn = 0
        advance()
        closeIfDone()
    }

    var isSubscribed: Bool { subscription != nil }

    /// Whether it asked for samples and has taken the last ones: who is slow gets fewer of them, not older ones.
    var takesSamples: Bool { subscription?.hasSamples == true && sent == output.count }

    func sendEvent(_ name: String, _ data: [UInt8]) {
        guard output.count - sent < Connection.eventQueueLimit else {
            close()
            return
        }
        send(Reply.event(id: subscription?.id, name, data: data))
        closeIfDone()
    }

    /// Sends what goes without waiting and closes.
    func close() {
        guard !isClosed else { return }
        flush()
        isClosed = true
        deadline.cancel()
        onClose()
    }
}

// MARK: - Input

extension Connection {
    private func readAll() {
        guard !isClosed else { return }
        withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 16) { buffer in
            // The set is edge-triggered: what is not read now is not announced again.
            while !isClosed, !isAtEnd, canTakeMore {
                let count = retryingInterrupted { read(descriptor, buffer.baseAddress, buffer.count) }
                if count > 0 {
                    framer.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    handleLines()
                } else if count < 0, errno == EAGAIN {
                    return
                } else {
                    isAtEnd = true
                }
            }
        }
    }

    /// Whether another request may be begun: what a client has not fetched counts against it, too.
    private var canTakeMore: Bool {
        !isOrderedUnderWay && !isPausing && underWay < Connection.requestLimit
            && output.count - sent < Connection.replyQueueLimit
    }

    /// Works on what has come and reads on, as far as the client's places and this turn go.
    private func advance() {
        handleLines()
        readAll()
    }

    /// Leaves the loop to the others and goes on in its next turn.
    private func pause() {
        isPausing = true
        SupervisorActor.task {
            self.isPausing = false
            self.linesThisTurn = 0
            self.advance()
            self.closeIfDone()
        }
    }

    private func handleLines() {
        while !isClosed, canTakeMore {
            guard linesThisTurn < Connection.linesPerTurn else { return pause() }
            switch framer.next() {
            case .line(let line):
                linesThisTurn += 1
                deadline.arm(after: Connection.silenceLimit)
                begin(line)
            case .needsMore:
                return
            case .tooLong:
                let limit = "a request may have \(Request.sizeLimit) bytes at most"
                send(Reply.failure(id: nil, RequestError(.tooLarge, limit)))
                close()
            }
        }
    }

    private func begin(_ line: [UInt8]) {
        let request: Request
        do throws(RequestError) {
            request = try Request(parsing: line)
        } catch {
            send(Reply.failure(id: error.id, error))
            handler.failed(error)
            return
        }
        let isOrdered = request.id == nil
        let work: RequestHandler.Work
        switch handler.begin(request) {
        case .now(let reply):
            send(reply)
            return
        case .subscribed(let subscription, let reply):
            self.subscription = subscription
            deadline.cancel()
            send(reply)
            return
        case .later(let later):
            work = later
        }
        underWay += 1
        isOrderedUnderWay = isOrdered
        SupervisorActor.task {
            self.finish(await work(), isOrdered: isOrdered)
        }
    }

    private func finish(_ reply: [UInt8], isOrdered: Bool) {
        underWay -= 1
        if isOrdered { isOrderedUnderWay = false }
        send(reply)
        // What waited for a place is next.
        advance()
        closeIfDone()
    }

    /// A client that has said all it will gets its answers and is closed.
    ///
    /// The last act of each entrance: readiness, an answer, an event, another turn.
    private func closeIfDone() {
        if isAtEnd, underWay == 0, !isPausing, sent == output.count { close() }
    }

    private func deadlinePassed() {
        if sent < output.count {
            // It does not read.
            close()
        } else if underWay > 0 || subscription != nil {
            deadline.arm(after: Connection.silenceLimit)
        } else {
            send(Reply.failure(id: nil, RequestError(.timedOut, "no request within \(Connection.silenceLimit)")))
            close()
        }
    }
}

// MARK: - Output

extension Connection {
    private func send(_ bytes: [UInt8]) {
        guard !isClosed else { return }
        if sent == output.count {
            output = bytes
            sent = 0
        } else {
            output += bytes
        }
        flush()
    }

    private func flush() {
        while sent < output.count {
            let count = output.withUnsafeBytes { buffer in
                retryingInterrupted {
                    Glibc.send(
                        descriptor,
                        buffer.baseAddress.map { $0 + sent },
                        buffer.count - sent,
                        Int32(MSG_NOSIGNAL)
                    )
                }
            }
            guard count > 0 else {
                if errno == EAGAIN {
                    waitToWrite(true)
                } else {
                    // It is gone; nothing more can be told.
                    output = []
                    sent = 0
                    isAtEnd = true
                }
                return
            }
            sent += count
        }
        output = []
        sent = 0
        waitToWrite(false)
    }

    private func waitToWrite(_ isWaiting: Bool) {
        guard isWaiting != isWaitingToWrite, !isClosed else { return }
        isWaitingToWrite = isWaiting
        watchWrites(isWaiting)
        if isWaiting { deadline.arm(after: Connection.stuckLimit) }
    }
}
