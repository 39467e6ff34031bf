import CLinux
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// The keeper's whole life: holds what the current gopmd gives it, and sees to it that there is one.
///
/// Whether gopmd lives is asked of its pidfd, not of the connection: that one also ends when gopmd executes its
/// successor onto itself, and a process's locks are free when its pidfd becomes readable, but not yet when its
/// connections end.
final class KeeperLoop {
    enum Ending: Sendable {
        /// gopmd said goodbye.
        case goodbye
        /// Another keeper has taken the place at the socket's path.
        case replaced
        /// Nothing is held and gopmd could not be brought back.
        case nothingLeft
    }

    private enum Phase {
        case watching(WatchedDaemon)
        /// Nanoseconds of `Clock.boot`.
        case restarting(at: Int64)
    }

    /// Starts gopmd and returns its pid, or nil if it could not be executed.
    typealias StartDaemon = (_ command: [String]) -> pid_t?

    /// Connections that have not said hello yet; the oldest gives way to a further one.
    private static let mostNewcomers = 4
    private static let acceptPause: Int64 = 100_000_000
    /// Early deaths after which a keeper that holds nothing gives up.
    private static let lastTry = 10

    private let listener: Int32
    private let socket: KeeperSocket
    private let identity: [UInt64]?
    private let startDaemon: StartDaemon
    private var command: [String]
    private var sets: HeldSets
    private var phase: Phase
    private var backoff = RestartBackoff()
    private var current: KeeperChannel?
    private var newcomers: [KeeperChannel] = []
    private var acceptsAgainAt: Int64 = 0

    /// - Parameters:
    ///   - home: An absolute path.
    ///   - listener: Non-blocking; owned by the loop from now on.
    ///   - daemon: The gopmd to watch until one says hello.
    ///   - command: What starts gopmd: an executable and its arguments.
    ///   - capacity: How many descriptors it may hold.
    ///   - startDaemon: Is given `command`, or what a later gopmd has said in its place.
    init(
        home: String,
        listener: Int32,
        daemon: pid_t,
        command: [String],
        capacity: Int,
        startDaemon: @escaping StartDaemon
    ) {
        self.listener = listener
        self.socket = KeeperSocket(home: home)
        self.identity = socket.identity
        self.startDaemon = startDaemon
        self.command = command
        sets = HeldSets(capacity: capacity)
        phase = .watching(WatchedDaemon(pid: daemon))
    }

    deinit {
        close(listener)
        for channel in newcomers + (current.map { [$0] } ?? []) { close(channel.descriptor) }
        if case .watching(let daemon) = phase { daemon.close() }
    }

    func run() -> Ending {
        while true {
            if let ending = turn() { return ending }
        }
    }

    /// Waits for something to happen, at most `limit` nanoseconds, and handles it.
    func turn(waitingAtMost limit: Int64 = .max) -> Ending? {
        if current == nil, watchedPidfd < 0 { _ = endOfDaemon() }
        if let ending = restartIfDue() { return finish(ending) }

        let now = Clock.boot
        let isAccepting = acceptsAgainAt <= now
        let daemon = watchedPidfd
        let watched = [isAccepting ? listener : -1, daemon, current?.descriptor ?? -1] + newcomers.map(\.descriptor)
        var polls = watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&polls, nfds_t(polls.count), timeout(from: now, atMost: limit)) > 0 else { return nil }
        let ready = polls.map { $0.revents != 0 }

        // What gopmd has said counts, even if it ended right after; a newcomer comes after the one it replaces.
        if ready[2], serveCurrent() == .goodbye { return finish(.goodbye) }
        if ready[1], endOfDaemon() == .goodbye { return finish(.goodbye) }
        for (channel, isReady) in zip(newcomers, ready[3...]) where isReady {
            if serve(newcomer: channel) == .goodbye { return finish(.goodbye) }
        }
        if ready[0] { acceptNewcomers() }
        return nil
    }

    private func finish(_ ending: Ending) -> Ending {
        if ending != .replaced, socket.identity == identity { unlink(socket.path) }
        // In this order: who sees the connection end may count on it that nothing is held any more.
        sets.removeAll()
        disconnect()
        return ending
    }

    private func timeout(from now: Int64, atMost limit: Int64) -> Int32 {
        var wait = limit
        if case .restarting(let at) = phase { wait = min(wait, at - now) }
        if acceptsAgainAt > now { wait = min(wait, acceptsAgainAt - now) }
        guard wait < .max else { return -1 }
        return Int32(clamping: (max(wait, 0) + 999_999) / 1_000_000)
    }
}

// MARK: - gopmd's life

extension KeeperLoop {
    private var watchedPidfd: Int32 {
        if case .watching(let daemon) = phase { daemon.pidfd } else { -1 }
    }

    private func endOfDaemon() -> Ending? {
        guard case .watching(let daemon) = phase else { return nil }
        if serveCurrent() == .goodbye { return .goodbye }
        disconnect()
        daemon.close()
        let now = Clock.boot
        phase = .restarting(at: now + backoff.delay(afterLifeOf: now - daemon.since))
        return nil
    }

    private func restartIfDue() -> Ending? {
        guard case .restarting(let at) = phase, at <= Clock.boot else { return nil }
        // A stopped keeper may wake up beside its successor, and must not bring a gopmd to life beside the other's.
        guard socket.identity == identity else { return .replaced }
        if sets.isEmpty, backoff.earlyDeaths > Self.lastTry { return .nothingLeft }
        if let pid = startDaemon(command) {
            phase = .watching(WatchedDaemon(pid: pid))
        } else {
            phase = .restarting(at: Clock.boot + backoff.delay(afterLifeOf: 0))
        }
        return nil
    }

    private func disconnect() {
        if let current { close(current.descriptor) }
        current = nil
    }
}

// MARK: - Conversations

extension KeeperLoop {
    /// Takes all that the current connection has to say.
    private func serveCurrent() -> Ending? {
        while let channel = current {
            switch channel.receive() {
            case .message(let bytes, let descriptors):
                let request = KeeperRequest(bytes)
                if request == .goodbye { return .goodbye }
                answer(request, descriptors, on: channel)
            case .unusable:
                reply(.refused, on: channel)
            case .nothing:
                return nil
            case .ended:
                disconnect()
            }
        }
        return nil
    }

    private func answer(_ request: KeeperRequest?, _ descriptors: [Int32], on channel: KeeperChannel) {
        if case .store(let name) = request {
            return reply(sets.store(name, descriptors) ? .done : .refused, on: channel)
        }
        closeAll(descriptors)
        switch request {
        case .hello(let command):
            if !command.isEmpty { self.command = command }
            reply(.welcome(pid: getpid(), count: sets.count), on: channel)
        case .fetch(let number):
            guard let (name, held) = sets[number] else { return reply(.refused, on: channel) }
            reply(.set(name: name), held, on: channel)
        case .remove(let name):
            reply(sets.remove(name) ? .done : .refused, on: channel)
        case .ping:
            reply(.done, on: channel)
        case .store, .goodbye, nil:
            reply(.refused, on: channel)
        }
    }

    /// The client keeps few requests open, so that there is room for the answer; one that does not is cut off.
    private func reply(_ reply: KeeperReply, _ descriptors: [Int32] = [], on channel: KeeperChannel) {
        switch channel.send(reply.bytes, descriptors) {
        case .sent: return
        case .later where !descriptors.isEmpty: self.reply(.busy, on: channel)
        case .later, .impossible, .ended: disconnect()
        }
    }

    /// A connection becomes the current one by its first word; whatever else it says, it is closed.
    private func serve(newcomer channel: KeeperChannel) -> Ending? {
        let received = channel.receive()
        if case .nothing = received { return nil }
        newcomers.removeAll { $0 == channel }
        guard case .message(let bytes, let descriptors) = received, let request = KeeperRequest(bytes),
            case .hello = request, let pid = peer(of: channel)
        else {
            if case .message(_, let descriptors) = received { closeAll(descriptors) }
            close(channel.descriptor)
            return nil
        }
        // The one before has ended, or has executed its successor; what it said last may still wait here.
        if serveCurrent() == .goodbye {
            close(channel.descriptor)
            return .goodbye
        }
        disconnect()
        if case .watching(let daemon) = phase { daemon.close() }
        phase = .watching(WatchedDaemon(pid: pid))
        current = channel
        answer(request, descriptors, on: channel)
        return nil
    }

    private func acceptNewcomers() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else {
                // Out of descriptors or memory: the connection waits at the listener, so look again a little later.
                if ![EAGAIN, EINTR, ECONNABORTED].contains(errno) { acceptsAgainAt = Clock.boot + Self.acceptPause }
                return
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)  // no other thread here that could execute something before
            if newcomers.count == Self.mostNewcomers { close(newcomers.removeFirst().descriptor) }
            newcomers.append(KeeperChannel(descriptor: descriptor))
        }
    }

    /// The process at the other end if it is one of our user.
    private func peer(of channel: KeeperChannel) -> pid_t? {
        var pid: pid_t = 0
        var uid: uid_t = 0
        guard gopm_peer_credentials(channel.descriptor, &pid, &uid) == 0, uid == geteuid() else { return nil }
        return pid
    }
}
