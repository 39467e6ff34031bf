import CLinux
import Glibc
import SystemPackage

/// What the control thread asks of the log thread.
enum PumpCommand: Sendable {
    case attach(StreamSpec)
    /// From another log thread.
    case adopt(MovedStream)
    case actionLine(StreamID, [UInt8])
    case flush(StreamID, token: UInt64)
    case drain(StreamID, token: UInt64)
    case detach(StreamID, token: UInt64)

    var stream: StreamID {
        switch self {
        case .attach(let spec): spec.id
        case .adopt(let moved): moved.stream.spec.id
        case .actionLine(let id, _), .flush(let id, _), .drain(let id, _), .detach(let id, _): id
        }
    }
}

/// A stream between two threads.
struct MovedStream: @unchecked Sendable {
    // Sendable: the giver has let go of it when it queues this, and the lock of the queue orders the two.
    let stream: CaptureStream
}

/// What the control thread and the log threads share, behind one lock.
///
/// The command queue of each thread, which thread has which stream, and the events. Because moving a stream and its waiting commands is one step under that lock, a stream's
/// commands are carried out in the order in which they were given, whoever carries them out.
final class PumpSwitchboard: Sendable {
    /// The common thread; others have higher numbers.
    static let common = 0
    /// How many threads for slow logs there may be; beyond, slow logs share.
    private static let mostSlowLanes = 8

    private struct Lane {
        let wake: Int32
        var commands: [PumpCommand] = []
        var isStopping = false
    }

    private struct State {
        var lanes: [Int: Lane] = [:]
        var nextLane = common
        /// Streams that are not on the common thread.
        var away: [StreamID: Int] = [:]
        var events: [PumpEvent] = []
        /// Streams that have not yet answered to a drain.
        var undrained: [UInt64: Int] = [:]
        var isStopping = false
    }

    /// Readable while there are events.
    let eventDescriptor: Int32
    /// Readable once a lane has closed.
    let closed: Int32
    private let state = Locked(State())

    init() throws(CaptureError) {
        eventDescriptor = try Self.eventFD()
        closed = try Self.eventFD()
    }

    deinit {
        close(eventDescriptor)
        close(closed)
    }

    static func eventFD() throws(CaptureError) -> Int32 {
        let descriptor = capture_eventfd()
        guard descriptor >= 0 else { throw CaptureError(.threadUnavailable, "make an eventfd", .current) }
        return descriptor
    }

    // MARK: Lanes

    /// Adds a thread's queue; `wake` becomes readable when there is something in it.
    ///
    /// Nil once everything stops, or if there are enough.
    func openLane(wake: Int32) -> Int? {
        state.withLock { state in
            guard !state.isStopping, state.lanes.count <= Self.mostSlowLanes else { return nil }
            let number = state.nextLane
            state.nextLane += 1
            state.lanes[number] = Lane(wake: wake)
            return number
        }
    }

    /// Removes a lane that has nothing to do; false: it has got something.
    func closeLane(_ number: Int) -> Bool {
        state.withLock { state in
            if let lane = state.lanes[number], !lane.commands.isEmpty { return false }
            state.lanes[number] = nil
            capture_eventfd_signal(closed)
            return true
        }
    }

    /// Removes a lane whose thread has ended, with whatever still waits there.
    func removeLane(_ number: Int) {
        state.withLock { state in
            state.lanes[number] = nil
            capture_eventfd_signal(closed)
        }
    }

    /// The slow lane with the fewest streams, if there are as many as there may be.
    func sharedLane() -> Int? {
        state.withLock { state in
            let slow = state.lanes.keys.filter { $0 != Self.common }
            guard slow.count >= Self.mostSlowLanes else { return nil }
            return slow.min { left, right in
                state.away.count { $0.value == left } < state.away.count { $0.value == right }
            }
        }
    }

    var openLanes: Int { state.withLock { $0.lanes.count } }

    // MARK: Commands

    func send(_ command: PumpCommand) {
        state.withLock { state in
            Self.post(command, to: state.away[command.stream] ?? Self.common, &state)
        }
    }

    /// Sends a drain to each of them, and the answer when all have done it.
    func sendDrain(_ streams: some Collection<StreamID>, token: UInt64) {
        guard !streams.isEmpty else { return report(.drained(token: token)) }
        state.withLock { $0.undrained[token] = streams.count }
        for stream in streams { send(.drain(stream, token: token)) }
    }

    func drained(token: UInt64) {
        let isLast = state.withLock { state in
            let left = (state.undrained[token] ?? 1) - 1
            state.undrained[token] = left > 0 ? left : nil
            return left == 0
        }
        if isLast { report(.drained(token: token)) }
    }

    /// Asks every thread to finish its streams and end.
    func sendStop() {
        state.withLock { state in
            state.isStopping = true
            for number in state.lanes.keys {
                state.lanes[number]?.isStopping = true
                if let wake = state.lanes[number]?.wake { capture_eventfd_signal(wake) }
            }
        }
    }

    enum Next {
        case command(PumpCommand)
        case stop
        case none
    }

    /// The next thing for a thread to do; one at a time, so that what waits can move with its stream.
    func next(_ number: Int) -> Next {
        state.withLock { state in
            guard let lane = state.lanes[number] else { return .stop }
            guard let command = lane.commands.first else { return lane.isStopping ? .stop : .none }
            state.lanes[number]?.commands.removeFirst()
            return .command(command)
        }
    }

    /// Hands a stream and all that waits for it to another thread.
    ///
    /// False, and nothing happens, once everything stops.
    func move(_ moved: MovedStream, from: Int, to: Int) -> Bool {
        state.withLock { state in
            guard !state.isStopping, state.lanes[to] != nil else { return false }
            let id = moved.stream.spec.id
            state.away[id] = to == Self.common ? nil : to
            let waiting = state.lanes[from]?.commands.filter { $0.stream == id } ?? []
            state.lanes[from]?.commands.removeAll { $0.stream == id }
            Self.post(.adopt(moved), to: to, &state)
            for command in waiting { Self.post(command, to: to, &state) }
            return true
        }
    }

    /// Sends what still waits for a stream that is gone, a new one of its id first of all, to the common thread.
    func forget(_ id: StreamID, on number: Int) {
        guard number != Self.common else { return }
        state.withLock { state in
            state.away[id] = nil
            let waiting = state.lanes[number]?.commands.filter { $0.stream == id } ?? []
            state.lanes[number]?.commands.removeAll { $0.stream == id }
            for command in waiting { Self.post(command, to: Self.common, &state) }
        }
    }

    private static func post(_ command: PumpCommand, to number: Int, _ state: inout State) {
        state.lanes[number]?.commands.append(command)
        if let wake = state.lanes[number]?.wake { capture_eventfd_signal(wake) }
    }

    // MARK: Events

    func report(_ event: PumpEvent) {
        state.withLock { state in
            // A log that rotates faster than the control thread looks costs no memory.
            if case .rotated(let id, _, _) = event, case .rotated(id, _, _)? = state.events.last {
                state.events.removeLast()
            }
            state.events.append(event)
            if state.events.count == 1 { capture_eventfd_signal(eventDescriptor) }
        }
    }

    func takeEvents() -> [PumpEvent] {
        state.withLock { state in
            capture_eventfd_clear(eventDescriptor)
            defer { state.events = [] }
            return state.events
        }
    }
}
