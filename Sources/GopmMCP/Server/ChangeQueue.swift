import Synchronization

/// What one client is to be told of changes, kept until it can be.
///
/// A change only says "read this again", so two of the same are one, and a client that does not read holds no more than
/// the names of what it has subscribed to.
package final class ChangeQueue: Sendable {
    package enum Next: Sendable, Hashable {
        /// At least one thing.
        case changes(uris: [String], isListChanged: Bool)
        /// Nothing came in time.
        case nothing
        /// There will be none any more.
        case closed
    }

    private struct State {
        var subscribed: Set<String> = []
        var wantsList: Bool
        var uris: Set<String> = []
        var isListChanged = false
        var isClosed = false
        var isWoken = false
        var waiter: CheckedContinuation<Void, Never>?

        var hasSomething: Bool { !uris.isEmpty || isListChanged || isClosed || isWoken }
    }

    private let state: Mutex<State>

    /// `wantsList`: Whether changes of the list of resources are told.
    package init(uris: Set<String> = [], wantsList: Bool) {
        state = Mutex(State(subscribed: uris, wantsList: wantsList))
    }

    package func subscribe(_ uri: String) { state.withLock { _ = $0.subscribed.insert(uri) } }

    package func unsubscribe(_ uri: String) {
        state.withLock { state in
            state.subscribed.remove(uri)
            state.uris.remove(uri)
        }
    }

    package func push(_ change: ResourceChange) {
        update { state in
            state.uris.formUnion(change.uris.intersection(state.subscribed))
            if change.isListChanged, state.wantsList { state.isListChanged = true }
        }
    }

    package func close() { update { $0.isClosed = true } }

    /// Has a call of ``next(within:)`` return.
    package func wake() { update { $0.isWoken = true } }

    private func update(_ body: (inout sending State) -> Void) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            body(&state)
            guard state.hasSomething else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// What has come since the last call, or comes within `limit`; for one caller at a time.
    package func next(within limit: Duration) async -> Next {
        let timer = Task {
            // The limit itself; a change resumes the waiter at once and cancels this.
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            wake()
        }
        defer { timer.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.hasSomething { state.waiter = continuation }
                    return state.hasSomething
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            wake()
        }
        return state.withLock { state in
            state.isWoken = false
            defer { (state.uris, state.isListChanged) = ([], false) }
            if !state.uris.isEmpty || state.isListChanged {
                return .changes(uris: state.uris.sorted(), isListChanged: state.isListChanged)
            }
            return state.isClosed ? .closed : .nothing
        }
    }
}
