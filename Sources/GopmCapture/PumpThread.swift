import CLinux
import Glibc
import SystemPackage

/// A log thread: an epoll loop over the FIFOs of its streams.
///
/// One serves all logs; a slow log gets one of its own. Everything in here belongs to the thread that `run` is called on.
final class PumpThread {
    private static let wakeKey: UInt64 = 0
    private static let slow = oneSecond / 10
    /// What brings a stream back from a thread of its own: so many quick turns in a row, and so long since the last slow
    /// one.
    private static let quickTurns = 16
    private static let quickFor = 5 * oneSecond

    /// A stream and how it behaves.
    private final class Member {
        let stream: CaptureStream
        let key: UInt64
        /// It is in `ready`.
        var isReady = false
        var lastSlow: Int64
        var quickTurns = 0

        init(_ stream: CaptureStream, key: UInt64) {
            self.stream = stream
            self.key = key
            lastSlow = monotonicNow()
        }
    }

    private let switchboard: PumpSwitchboard
    private let records: RecordTable
    private let probe: CaptureProbe
    private let lane: Int
    private let bench: CopyBench
    private let epoll: Int32
    private let wake: Int32

    private var members: [UInt64: Member] = [:]
    private var keys: [StreamID: UInt64] = [:]
    private var nextKey = wakeKey + 1
    /// Streams that may have something to read, in the order in which they get their turn: edge-triggered, epoll tells
    /// only once.
    private var ready: [Member] = []
    /// A thread for slow logs ends with its last stream, but not before its first.
    private var hasServed = false
    /// Streams whose log can't be written.
    private var failing: Set<UInt64> = []

    /// Nil if all threads are stopping or there are enough of them.
    init?(_ switchboard: PumpSwitchboard, _ records: RecordTable, _ probe: CaptureProbe) throws(CaptureError) {
        self.switchboard = switchboard
        self.records = records
        self.probe = probe
        bench = try CopyBench()
        wake = try PumpSwitchboard.eventFD()
        epoll = capture_epoll()
        guard epoll >= 0, capture_watch(epoll, wake, Self.wakeKey) == 0 else {
            let error = CaptureError(.threadUnavailable, "make an epoll instance", .current)
            close(wake)
            if epoll >= 0 { close(epoll) }
            throw error
        }
        guard let lane = switchboard.openLane(wake: wake) else {
            close(wake)
            close(epoll)
            return nil
        }
        self.lane = lane
    }

    deinit {
        close(wake)
        close(epoll)
    }

    /// Starts the thread, which keeps this object alive until it ends.
    func start() throws(CaptureError) {
        let this = Unmanaged.passRetained(self)
        let error = capture_thread(
            { argument in
                guard let argument else { return nil }
                Unmanaged<PumpThread>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            this.toOpaque()
        )
        guard error != 0 else { return }
        this.release()
        switchboard.removeLane(lane)
        throw CaptureError(.threadUnavailable, "start the log thread", Errno(rawValue: error))
    }

    private func run() {
        capture_thread_name(lane == PumpSwitchboard.common ? "gopm-log" : "gopm-log-slow")
        while true {
            wait()
            guard carryOutCommands() else { break }
            retryFailing()
            let round = ready
            ready = []
            for member in round { giveTurn(member) }
            if hasServed, lane != PumpSwitchboard.common, members.isEmpty, switchboard.closeLane(lane) { return }
        }
        for member in members.values { member.stream.finish(bench) }
        members = [:]
        switchboard.removeLane(lane)
    }

    private func wait() {
        let timeout: Int32 =
            if !ready.isEmpty {
                0
            } else if let next = failing.compactMap({ members[$0]?.stream.failure?.nextTry }).min() {
                Int32(clamping: max(0, next - monotonicNow()) / 1_000_000 + 1)
            } else {
                -1
            }
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 64) { keys in
            let count = capture_wait(epoll, keys.baseAddress, timeout)
            for key in keys.prefix(Int(count)) {
                if key == Self.wakeKey {
                    capture_eventfd_clear(wake)
                } else if let member = members[key] {
                    makeReady(member)
                }
            }
        }
    }

    // MARK: Turns

    private func makeReady(_ member: Member) {
        guard !member.isReady else { return }
        member.isReady = true
        ready.append(member)
    }

    private func giveTurn(_ member: Member) {
        member.isReady = false
        guard members[member.key] === member else { return }  // it has left since
        let moved = measured(member) { member.stream.turn(bench) }
        if moved != nil, members[member.key] === member { makeReady(member) }
    }

    private func retryFailing() {
        guard !failing.isEmpty else { return }
        let now = monotonicNow()
        for member in failing.compactMap({ members[$0] }) {
            if let failure = member.stream.failure, failure.nextTry <= now {
                measured(member) { member.stream.retry(bench) }
            }
        }
    }

    /// Everything that touches a log goes through here: a slow one is sent away, one that is quick again is sent back.
    private func measured<Result>(_ member: Member, _ work: () -> Result) -> Result {
        let begin = monotonicNow()
        let result = work()
        let end = monotonicNow()
        if member.stream.failure == nil { failing.remove(member.key) } else { failing.insert(member.key) }
        if end - begin > Self.slow {
            member.lastSlow = end
            member.quickTurns = 0
            if lane == PumpSwitchboard.common { sendAway(member, after: end - begin) }
        } else if lane != PumpSwitchboard.common {
            member.quickTurns += 1
            if member.quickTurns >= Self.quickTurns, end - member.lastSlow > Self.quickFor {
                if hand(member, to: PumpSwitchboard.common) {
                    switchboard.report(.quickAgain(member.stream.spec.id, path: member.stream.spec.path))
                }
            }
        }
        return result
    }

    private func sendAway(_ member: Member, after took: Int64) {
        guard members[member.key] === member else { return }
        let stream = member.stream
        if let lane = switchboard.sharedLane() {
            guard hand(member, to: lane) else { return }
        } else {
            guard let thread = try? PumpThread(switchboard, records, probe) else { return }
            do { try thread.start() } catch { return }
            guard hand(member, to: thread.lane) else { return }
        }
        switchboard.report(.slow(stream.spec.id, path: stream.spec.path, milliseconds: Int(took / 1_000_000)))
    }

    private func hand(_ member: Member, to lane: Int) -> Bool {
        member.stream.unwatch()
        if switchboard.move(MovedStream(stream: member.stream), from: self.lane, to: lane) {
            remove(member)
            return true
        }
        member.stream.watch(epoll, key: member.key)
        return false
    }

    private func add(_ stream: CaptureStream) -> Member {
        let member = Member(stream, key: nextKey)
        nextKey += 1
        members[member.key] = member
        keys[stream.spec.id] = member.key
        stream.watch(epoll, key: member.key)
        hasServed = true
        makeReady(member)
        return member
    }

    private func remove(_ member: Member) {
        members[member.key] = nil
        failing.remove(member.key)
        if keys[member.stream.spec.id] == member.key { keys[member.stream.spec.id] = nil }
    }

    // MARK: Commands

    /// False: the thread is to end.
    private func carryOutCommands() -> Bool {
        while true {
            switch switchboard.next(lane) {
            case .none: return true
            case .stop: return false
            case .command(let command): carryOut(command)
            }
        }
    }

    private func carryOut(_ command: PumpCommand) {
        let member = keys[command.stream].flatMap { members[$0] }
        switch command {
        case .attach(let spec):
            if let member {
                member.stream.finish(bench)
                remove(member)
            }
            let switchboard = switchboard
            let stream = CaptureStream(spec, records: records, probe: probe) { switchboard.report($0) }
            let new = add(stream)
            measured(new) { stream.open(bench) }
        case .adopt(let moved):
            measured(add(moved.stream)) {}
        case .actionLine(_, let line):
            guard let member else { return }
            measured(member) { member.stream.actionLine(line, bench) }
        case .flush(_, let token):
            guard let member else { return switchboard.report(.flushed(token: token, .badFileDescriptor)) }
            let error = measured(member) { member.stream.flush(bench) }
            switchboard.report(.flushed(token: token, error))
        case .drain(_, let token):
            if let member { measured(member) { member.stream.drain(bench) } }
            switchboard.drained(token: token)
        case .detach(let id, let token):
            if let member {
                member.stream.finish(bench)
                remove(member)
            }
            switchboard.forget(id, on: lane)
            switchboard.report(.detached(token: token))
        }
    }
}
