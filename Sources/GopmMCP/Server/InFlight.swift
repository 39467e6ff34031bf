package import GopmJSON
import Synchronization

/// Requests that are being worked on, so that a client can call one off by its id.
package final class InFlight: Sendable {
    private struct Entry {
        var id: JSONValue
        var cancel: @Sendable () -> Void
        /// Ends a stream with its result; nil for what ends by itself.
        var end: (@Sendable () -> Void)?
    }

    private struct State {
        var nextSerial = 0
        /// By their order: an id may be used twice, and then the client means the later one.
        var entries: [Int: Entry] = [:]
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Runs the work on a request, and waits for it or for its cancellation, whichever comes first.
    ///
    /// Returns nil when it was cancelled: what is under way in gopmd goes on, but nobody waits for it.
    package func run<Value: Sendable>(
        _ id: JSONValue,
        endingBy end: (@Sendable () -> Void)? = nil,
        _ body: @Sendable @escaping () async -> Value
    ) async -> Value? {
        let outcome = OneShot<Value>()
        let task = Task { outcome.finish(await body()) }
        let cancel: @Sendable () -> Void = {
            task.cancel()
            outcome.finish(nil)
        }
        let serial = state.withLock { state in
            state.nextSerial += 1
            state.entries[state.nextSerial] = Entry(id: id, cancel: cancel, end: end)
            return state.nextSerial
        }
        let value = await withTaskCancellationHandler {
            await outcome.value()
        } onCancel: {
            cancel()
        }
        let waiting = state.withLock { state in
            state.entries[serial] = nil
            guard state.entries.isEmpty else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
        return value
    }

    package func cancel(_ id: JSONValue) {
        let entry = state.withLock { state in state.entries.filter { $0.value.id == id }.max { $0.key < $1.key }?.value
        }
        entry?.cancel()
    }

    func cancelAll() {
        for entry in state.withLock({ Array($0.entries.values) }) { entry.cancel() }
    }

    /// Ends the streams, each with its result.
    func endStreams() {
        for end in state.withLock({ $0.entries.values.compactMap(\.end) }) { end() }
    }

    /// Waits until nothing is being worked on.
    package func wait() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if !state.entries.isEmpty { state.waiting.append(continuation) }
                return state.entries.isEmpty
            }
            if isIdle { continuation.resume() }
        }
    }
}

/// A value that comes once, or nil for "it will not come"; the first word counts.
private final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value?, Never>)
        case done(Value?)
    }

    private let state = Mutex(State.empty)

    func finish(_ value: Value?) {
        let waiter = state.withLock { state -> CheckedContinuation<Value?, Never>? in
            switch state {
            case .done: return nil
            case .empty:
                state = .done(value)
                return nil
            case .waiting(let continuation):
                state = .done(value)
                return continuation
            }
        }
        waiter?.resume(returning: value)
    }

    func value() async -> Value? {
        await withCheckedContinuation { continuation in
            let finished = state.withLock { state -> Value?? in
                if case .done(let value) = state { return .some(value) }
                state = .waiting(continuation)
                return nil
            }
            if let finished { continuation.resume(returning: finished) }
        }
    }
}
