import CLinux
import GopmSystem
import Logging
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The listening socket and its connections.
///
/// No client can slow another: each has a bounded buffer in both directions and a deadline, and when all places are
/// taken, or descriptors run out, the rest waits in the kernel's queue until a place is free.
@SupervisorActor
final class ControlServer {
    /// Connections served at once.
    static let places = 512

    private let listener: Int32
    private let logger: Logger
    private let handler: RequestHandler
    private let sockets: DescriptorSet
    private var accepting: LoopDescriptor?
    private lazy var retry = LoopTimer { [unowned self] in setAccepting(true) }
    private var connections: [Int32: Connection] = [:]

    /// `listener`: A listening socket, non-blocking; the server owns it.
    init(listener: Int32, handler: RequestHandler, logger: Logger) throws(SystemError) {
        self.listener = listener
        self.handler = handler
        self.logger = logger
        sockets = try DescriptorSet()
    }

    func start() {
        accepting = LoopDescriptor(listener, events: UInt32(EPOLLIN.rawValue)) { [unowned self] in accept() }
    }

    /// Closes the listener; connections that are open may still be answered.
    func stop() {
        accepting = nil
        close(listener)
    }

    /// Sends what is queued, as far as it goes without waiting, and closes all.
    func closeConnections() {
        for connection in connections.values { connection.close() }
        connections = [:]
    }

    /// Ends the work on all connections, for another image in this process.
    ///
    /// Returns the sockets of those that wait for nothing, left open; the others are closed.
    func releaseIdleClients() -> [Int32] {
        accepting = nil
        var idle: [Int32] = []
        for (descriptor, connection) in connections {
            if connection.isIdle {
                sockets.remove(descriptor)
                idle.append(descriptor)
            } else {
                connection.close()
            }
        }
        return idle
    }

    /// Goes on with clients of the image before.
    func adopt(_ clients: [Int32]) {
        for client in clients { serve(client) }
    }

    /// Writes an event to every subscriber.
    func publish(_ event: @autoclosure () -> [UInt8], name: String) {
        let subscribers = connections.values.filter(\.isSubscribed)
        guard !subscribers.isEmpty else { return }
        let data = event()
        for subscriber in subscribers { subscriber.sendEvent(name, data) }
    }

    /// Writes an event to every subscriber that takes samples.
    func publishSamples(_ samples: @autoclosure () -> [UInt8]) {
        let subscribers = connections.values.filter(\.takesSamples)
        guard !subscribers.isEmpty else { return }
        let data = samples()
        for subscriber in subscribers { subscriber.sendEvent("samples", data) }
    }

    private func accept() {
        // A bounded number a turn, so that a flood of connections leaves time for everything else.
        for _ in 0..<64 {
            guard connections.count < ControlServer.places else {
                setAccepting(false)
                return
            }
            let descriptor = retryingInterrupted { gopm_accept(listener) }
            guard descriptor >= 0 else {
                acceptFailed(.last)
                return
            }
            open(descriptor)
        }
    }

    private func acceptFailed(_ error: Errno) {
        guard error != .wouldBlock, error != .connectionAbort else { return }
        // Out of descriptors or memory: the listener would stay ready, so it is left alone for a while.
        logger.error("cannot accept a connection", metadata: ["error": "\(error.words)"])
        setAccepting(false)
        retry.arm(after: .milliseconds(500))
    }

    private func setAccepting(_ isAccepting: Bool) {
        accepting?.setEnabled(isAccepting)
    }

    private func open(_ descriptor: Int32) {
        var pid: pid_t = 0
        var uid: uid_t = 0
        guard gopm_peer_credentials(descriptor, &pid, &uid) == 0, uid == getuid() || uid == 0 else {
            logger.warning("connection of another user refused", metadata: ["uid": "\(uid)", "pid": "\(pid)"])
            close(descriptor)
            return
        }
        serve(descriptor)
    }

    private func serve(_ descriptor: Int32) {
        let connection = Connection(descriptor: descriptor, handler: handler) { [unowned self] in
            sockets.remove(descriptor)
            close(descriptor)
            connections[descriptor] = nil
            setAccepting(true)
        } watchWrites: { [unowned self] isWaiting in
            sockets.setEvents(descriptor, UInt32(EPOLLIN.rawValue) | (isWaiting ? UInt32(EPOLLOUT.rawValue) : 0))
        }
        connections[descriptor] = connection
        do throws(SystemError) {
            try sockets.add(descriptor, events: UInt32(EPOLLIN.rawValue)) { events in connection.handleReadiness(events)
            }
        } catch {
            connection.close()
        }
    }
}
