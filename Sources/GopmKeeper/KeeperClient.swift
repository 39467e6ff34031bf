package import CLinux
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// gopmd's side of the conversation with its keeper: no call waits, except those with a time limit.
///
/// Requests that can't go out at once are kept with duplicates of their descriptors, in order, and go out when the
/// keeper has answered earlier ones. The owner watches `fileDescriptor` for POLLIN and calls `handleReadiness()`. To be
/// used from one thread.
package final class KeeperClient {
    /// What `handleReadiness()` has found out.
    package struct News: Sendable, Hashable {
        /// The keeper is gone, or there is no use in talking to it; start another and store everything again.
        package var isLost = false
        /// Sets that the keeper could not take: it has no descriptor free.
        package var refused: [String] = []
    }

    private struct Pending {
        let request: KeeperRequest
        let descriptors: [Int32]
    }

    /// How many requests the keeper may have left unanswered before further ones wait here.
    ///
    /// Few, so that neither the socket nor the user's allowance of descriptors on their way (RLIMIT_NOFILE of them,
    /// unix(7)) fills up.
    private static let mostOpen = 64
    private static let mostPending = 4_096
    /// When a request could not go out and no answer is due that would wake us.
    private static let retryDelay = 20_000_000

    /// Readable when `handleReadiness()` has something to do; the same for all of the client's life.
    package let fileDescriptor: Int32
    /// Of the keeper, as it says.
    package let keeperPID: pid_t
    package private(set) var isLost = false

    private let channel: KeeperChannel
    private let timer: Int32
    private var open: [KeeperRequest] = []
    private var pending: [Pending] = []

    /// - Parameters:
    ///   - socket: Connected; owned by the client from now on, even if this throws.
    ///   - keeperPID: As the keeper has said.
    /// - Throws: `.system` if there are too few descriptors.
    init(socket: Int32, keeperPID: pid_t) throws(KeeperError) {
        channel = KeeperChannel(descriptor: socket)
        self.keeperPID = keeperPID
        timer = gopm_retry_timer()
        fileDescriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        for descriptor in [socket, timer] {
            var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: descriptor))
            guard epoll_ctl(fileDescriptor, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
                throw KeeperError(.system, "watch", "the keeper's socket", .last)
            }
        }
    }

    deinit {
        forgetPending()
        closeAll([channel.descriptor, timer, fileDescriptor].filter { $0 >= 0 })
    }

    /// How many requests the keeper has not answered yet.
    package var unansweredCount: Int { open.count + pending.count }

    /// Has the keeper hold 1 to 8 descriptors under a name of at most 255 bytes, in place of what it held under it.
    ///
    /// The caller's descriptors stay the caller's and may be closed at once. Returns whether the request is on its way;
    /// it is not when the keeper is lost, thousands of requests wait, or no descriptor is free to keep one waiting.
    @discardableResult
    package func store(name: String, fds: [Int32]) -> Bool {
        guard Self.isName(name), KeeperLimit.descriptors.contains(fds.count) else { return false }
        return submit(.store(name: name), fds)
    }

    @discardableResult
    package func remove(name: String) -> Bool {
        Self.isName(name) && submit(.remove(name: name), [])
    }

    /// Takes the keeper's answers and sends what waits.
    package func handleReadiness() -> News {
        var news = News()
        var expirations: UInt64 = 0
        _ = read(timer, &expirations, MemoryLayout<UInt64>.size)
        receiveAnswers(&news)
        sendPending()
        news.isLost = isLost
        return news
    }

    /// Waits until the keeper has answered everything, as before executing a successor.
    ///
    /// - Parameter limit: In nanoseconds.
    /// - Returns: Whether it has.
    package func settle(waitingAtMost limit: Int64) -> Bool {
        let deadline = Clock.boot + limit
        while unansweredCount > 0, !isLost {
            guard waitForInput(fileDescriptor, until: deadline) else { return false }
            _ = handleReadiness()
        }
        return !isLost
    }

    /// Tells the keeper to close everything, not to start gopmd again, and to go; the last call of a client.
    ///
    /// - Parameter limit: How many nanoseconds to wait for its end. The message itself is under way at once unless the
    ///   keeper has been standing still for long.
    /// - Returns: Whether the keeper is known to be gone.
    @discardableResult
    package func goodbye(waitingAtMost limit: Int64 = 0) -> Bool {
        forgetPending()
        let deadline = Clock.boot + limit
        var isSaid = false
        while !isLost {
            if !isSaid, case .sent = channel.send(KeeperRequest.goodbye.bytes) { isSaid = true }
            guard waitForInput(channel.descriptor, until: deadline) else { return false }
            var ignored = News()
            receiveAnswers(&ignored)
        }
        return true
    }

    private static func isName(_ name: String) -> Bool {
        (1...KeeperLimit.nameBytes).contains(name.utf8.count)
    }
}

// MARK: - Requests and answers

extension KeeperClient {
    private func submit(_ request: KeeperRequest, _ descriptors: [Int32]) -> Bool {
        guard !isLost else { return false }
        if pending.isEmpty {
            switch send(request, descriptors) {
            case .sent: return true
            case .later: break
            case .impossible, .ended: return false
            }
        }
        guard pending.count < Self.mostPending, let own = duplicates(of: descriptors) else { return false }
        pending.append(Pending(request: request, descriptors: own))
        return true
    }

    /// Sends unless too much is open; after `.later` something will wake us: an answer, or the timer.
    private func send(_ request: KeeperRequest, _ descriptors: [Int32]) -> KeeperChannel.Sent {
        guard open.count < Self.mostOpen else { return .later }
        let result = channel.send(request.bytes, descriptors)
        switch result {
        case .sent: open.append(request)
        case .later: gopm_arm_retry_timer(timer, Self.retryDelay)
        case .impossible: break
        case .ended: lose()
        }
        return result
    }

    private func sendPending() {
        var count = 0
        sending: while count < pending.count {
            switch send(pending[count].request, pending[count].descriptors) {
            case .sent, .impossible: closeAll(pending[count].descriptors)
            case .later: break sending
            case .ended: return  // the queue is gone with the keeper
            }
            count += 1
        }
        pending.removeFirst(count)
    }

    private func receiveAnswers(_ news: inout News) {
        while !isLost {
            switch channel.receive() {
            case .message(let bytes, let descriptors):
                closeAll(descriptors)
                guard let reply = KeeperReply(bytes), !open.isEmpty else { return lose() }
                let request = open.removeFirst()
                if reply == .refused, case .store(let name) = request { news.refused.append(name) }
            case .nothing:
                return
            case .unusable, .ended:
                lose()
            }
        }
    }

    private func lose() {
        isLost = true
        open = []
        forgetPending()
    }

    private func forgetPending() {
        for request in pending { closeAll(request.descriptors) }
        pending = []
    }

    private func duplicates(of descriptors: [Int32]) -> [Int32]? {
        var copies: [Int32] = []
        for descriptor in descriptors {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
            guard copy >= 0 else {
                closeAll(copies)
                return nil
            }
            copies.append(copy)
        }
        return copies
    }
}

/// Whether there is input (or the end of it) before the deadline, in nanoseconds of `Clock.boot`.
func waitForInput(_ descriptor: Int32, until deadline: Int64) -> Bool {
    while true {
        let wait = Int32(clamping: (max(deadline - Clock.boot, 0) + 999_999) / 1_000_000)
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let result = poll(&watched, 1, wait)
        if result > 0 { return true }
        if result == 0 || errno != EINTR { return false }
    }
}
