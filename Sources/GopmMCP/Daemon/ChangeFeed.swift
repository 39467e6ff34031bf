package import GopmClient
import GopmJSON
import GopmSystem
import GopmWire
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Tells whoever listens what changes in gopmd's list: one subscription to gopmd for all of them.
///
/// A thread holds it while anybody listens. When gopmd dies the next one is subscribed to as soon as it is there, and
/// what changed in between is told then.
package final class ChangeFeed: Sendable {
    package typealias Listener = @Sendable (ResourceChange) -> Void

    private struct State {
        var listeners: [Int: Listener] = [:]
        var nextID = 0
        var isRunning = false
        /// Whether the subscription stands, or has failed once, so that nobody waits for it any longer.
        var isSettled = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let access: DaemonAccess
    private let state = Mutex(State())

    /// Seconds without an event after which the thread looks whether anybody still listens.
    private static let lookAround = 5

    package init(access: DaemonAccess) {
        self.access = access
    }

    /// Adds a listener; it is called on the feed's thread and must not wait.
    ///
    /// When this returns no change is missed any more, if a gopmd runs.
    package func listen(_ listener: @escaping Listener) async -> Int {
        let (id, starts) = state.withLock { state in
            state.nextID += 1
            state.listeners[state.nextID] = listener
            let starts = !state.isRunning
            if starts { (state.isRunning, state.isSettled) = (true, false) }
            return (state.nextID, starts)
        }
        if starts, !OneThread.start({ [self] in run() }) {
            // The next one who listens tries again.
            state.withLock { $0.isRunning = false }
            settle()
        }
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                if !state.isSettled { state.waiting.append(continuation) }
                return state.isSettled
            }
            if isSettled { continuation.resume() }
        }
        return id
    }

    package func stop(_ id: Int) {
        state.withLock { $0.listeners[id] = nil }
    }

    private func run() {
        var changes = ProcessChanges()
        var pause: Int32 = 50
        while true {
            do throws(ClientError) {
                try follow(&changes) { pause = 50 }
            } catch {
                settle()
            }
            if isOver() { return }
            // There is no event for "a socket listens" that is cheaper than trying.
            poll(nil, 0, pause)
            pause = min(pause * 2, 1000)
        }
    }

    /// Reads events until the connection ends or nobody listens any more.
    private func follow(_ changes: inout ProcessChanges, whenConnected: () -> Void) throws(ClientError) {
        let connection = try access.connect()
        connection.setTimeout(seconds: ChangeFeed.lookAround)
        // The subscription first: what changes while the list is on its way comes as an event after it.
        _ = try connection.send(.subscribe) { _ in }
        let listID = try connection.send(.list) { _ in }
        whenConnected()
        while true {
            let reply: ReceivedReply
            do throws(ClientError) {
                reply = try connection.receive()
            } catch {
                guard error.code == .timedOut else { throw error }
                if hasNoListeners() { return }
                continue
            }
            guard case .success(let data) = reply.result, let value = try? JSONValue.parse(data) else { continue }
            if reply.id == listID, reply.event == nil {
                publish(changes.reset(to: value))
                settle()
            } else if let event = reply.event {
                publish(changes.take(event: event, value))
            }
        }
    }

    private func publish(_ change: ResourceChange?) {
        guard let change else { return }
        for listener in state.withLock({ Array($0.listeners.values) }) { listener(change) }
    }

    private func settle() {
        let waiting = state.withLock { state in
            state.isSettled = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    private func hasNoListeners() -> Bool { state.withLock { $0.listeners.isEmpty } }

    /// Whether the thread ends; the next listener starts another.
    private func isOver() -> Bool {
        state.withLock { state in
            if state.listeners.isEmpty { state.isRunning = false }
            return !state.isRunning
        }
    }
}
