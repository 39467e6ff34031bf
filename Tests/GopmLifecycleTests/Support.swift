import GopmLifecycle
import GopmModel

typealias Event = ProcessLifecycle.Event
typealias Action = ProcessLifecycle.Action
typealias State = ProcessLifecycle.State

/// The default policy with some of it changed.
func policy(_ change: (inout RestartPolicy) -> Void = { _ in }) -> RestartPolicy {
    var policy = RestartPolicy()
    change(&policy)
    return policy
}

/// A machine whose first life is running.
func running(_ policy: RestartPolicy = RestartPolicy()) -> ProcessLifecycle {
    var machine = ProcessLifecycle(policy: policy)
    _ = machine.handle(.startRequested(.userStart))
    _ = machine.handle(.spawned(1))
    return machine
}

/// An end too early to reset the restart counter.
func crash(_ life: Generation, code: Int32 = 1) -> Event {
    .exited(life, .exited(code: code), ranFor: .seconds(1))
}

func ended(_ life: Generation, code: Int32 = 1, wasAsked: Bool = false) -> Action {
    .report(.ended(life, .exited(code: code), ranFor: .seconds(1), wasAsked: wasAsked))
}

/// What stops a life: the signal and its timeout.
func stopOrders(_ life: Generation) -> [Action] {
    [.report(.stopping(life)), .signalLife(life), .armTimer(.kill, life, after: .seconds(5))]
}

/// What follows a crash: a restart is due, and the leftovers are cleared.
func restartOrders(_ life: Generation, attempt: Int = 1, after delay: Duration = .seconds(2)) -> [Action] {
    [
        .report(.waiting(attempt: attempt, after: delay)), .armTimer(.restart, life, after: delay),
        .armTimer(.kill, life, after: .seconds(5)), .clearLife(life, isSignalled: false),
    ]
}

let cancelled: [Action] = [.cancelTimer(.restart), .report(.restartCancelled)]

extension ProcessLifecycle {
    /// Takes several events and returns the actions of the last.
    mutating func handle(all events: Event...) -> [Action] {
        events.reduce([]) { handle($1) }
    }
}

extension [Action] {
    /// Whether the event was only told about.
    var isOnlyIgnored: Bool {
        guard count == 1, case .report(.ignored) = self[0] else { return false }
        return true
    }
}
