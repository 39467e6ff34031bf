import CLinux
import GopmSystem
import Logging

#if canImport(Glibc)
    import Glibc
#endif

/// systemd, when it runs us as a service that notifies: what sd_notify(3) does, without ever waiting.
///
/// Its socket takes a bounded number of messages and the library's call waits for room; here a message that finds none
/// waits in a queue instead.
@SupervisorActor
final class ServiceManager {
    private struct Message {
        var text: String
        /// Our own copies.
        var descriptors: [Int32]
    }

    /// Whether it holds descriptors for us; it says so from version 254 on, for older ones the unit does.
    let hasDescriptorStore: Bool
    private let socket: Int32
    private let logger: Logger
    private var waiting: [Message] = []
    private var hasComplained = false
    private lazy var room = LoopDescriptor(socket, events: UInt32(EPOLLOUT.rawValue)) { [unowned self] in sendWaiting()
    }

    private static let mostWaiting = 10_000

    /// Reads `NOTIFY_SOCKET` and `FDSTORE`; `nil` without a socket that can be reached.
    init?(_ logger: Logger) {
        guard let path = Environment.value("NOTIFY_SOCKET"), !path.isEmpty else { return nil }
        socket = gopm_connect_datagrams(path)
        guard socket >= 0 else {
            logger.error("cannot reach the service manager", metadata: ["socket": "\(path)", "error": "\(errno)"])
            return nil
        }
        hasDescriptorStore = ServiceManager.holdsDescriptors
        self.logger = logger
    }

    isolated deinit {
        close(socket)
    }

    /// Whether it has not read yet what was sent.
    var isBehind: Bool { !waiting.isEmpty }

    /// Whether we are a service with a store for descriptors; also known before there is a loop.
    nonisolated static var holdsDescriptors: Bool {
        runsUs && (Environment.value("FDSTORE").flatMap { Int($0) } ?? 0) > 0
    }

    /// Whether we are a service at all; also known before there is a loop.
    nonisolated static var runsUs: Bool { Environment.value("NOTIFY_SOCKET")?.isEmpty == false }

    /// Sends assignments, one a line; the descriptors stay the caller's.
    func notify(_ text: String, _ descriptors: [Int32] = []) {
        if waiting.isEmpty, send(text, descriptors) { return }
        let copies = descriptors.map { fcntl($0, F_DUPFD_CLOEXEC, 3) }
        guard waiting.count < ServiceManager.mostWaiting, copies.allSatisfy({ $0 >= 0 }) else {
            for copy in copies where copy >= 0 { close(copy) }
            return complain("the service manager does not listen, a message to it is lost")
        }
        waiting.append(Message(text: text, descriptors: copies))
        room?.setEnabled(true)
    }

    /// Waits until it has read everything that was sent so far.
    func settle(waitingAtMost nanoseconds: Int64) -> Bool {
        let deadline = Clock.boot + nanoseconds
        var ends: [Int32] = [-1, -1]
        guard gopm_pipe(&ends) == 0 else { return false }
        defer { close(ends[0]) }
        // It closes the other end when it comes to this message (sd_notify_barrier(3)).
        notify("BARRIER=1", [ends[1]])
        close(ends[1])
        while true {
            sendWaiting()
            let left = Int32(clamping: (deadline - Clock.boot) / 1_000_000)
            guard left > 0 else { return false }
            var polled = [pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)]
            if !waiting.isEmpty { polled.append(pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)) }
            poll(&polled, nfds_t(polled.count), left)
            if polled[0].revents & Int16(POLLHUP) != 0 { return true }
        }
    }

    private func sendWaiting() {
        var sent = 0
        for message in waiting {
            guard send(message.text, message.descriptors) else { break }
            for copy in message.descriptors { close(copy) }
            sent += 1
        }
        waiting.removeFirst(sent)
        if waiting.isEmpty { room?.setEnabled(false) }
    }

    /// Returns false if it would have to wait; what can't be sent at all counts as sent.
    private func send(_ text: String, _ descriptors: [Int32]) -> Bool {
        let bytes = Array(text.utf8)
        if gopm_keeper_send(socket, bytes, bytes.count, descriptors, Int32(descriptors.count)) == 0 { return true }
        if [EAGAIN, ENOBUFS, ENOMEM, ETOOMANYREFS].contains(errno) { return false }
        complain("cannot tell the service manager: \(String(cString: strerror(errno)))")
        return true
    }

    private func complain(_ text: String) {
        if hasComplained { return }
        hasComplained = true
        logger.error("\(text)")
    }
}
