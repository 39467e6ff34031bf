package import GopmModel

/// What the restart policy says to a life that ended while it was wanted.
package enum RestartDecision: Sendable, Hashable {
    /// Start again after the delay; `attempt` counts consecutive restarts from 1.
    case restart(attempt: Int, after: Duration)
    /// The policy says that it may stay down.
    case finished
    /// It has used up its restarts.
    case giveUp

    ///
    /// `restarts`: Consecutive restarts so far, after the reset by `min_uptime`.
    package init(policy: RestartPolicy, status: ExitStatus, restarts: Int) {
        guard policy.wantsRestart(after: status) else {
            self = .finished
            return
        }
        guard policy.maxRestarts == 0 || restarts < policy.maxRestarts else {
            self = .giveUp
            return
        }
        self = .restart(attempt: restarts + 1, after: policy.delay(beforeAttempt: restarts + 1))
    }
}

extension RestartPolicy {
    /// Whether the policy wants a restart after this end, the limit apart.
    ///
    /// An unknown status counts as a failure.
    package func wantsRestart(after status: ExitStatus) -> Bool {
        if case .exited(let code) = status {
            if noRestartOnExit.contains(Int(code)) { return false }
            if restartOnExit.contains(Int(code)) { return true }
        }
        return switch mode {
        case .always: true
        case .onFailure: !status.isSuccess
        case .never: false
        }
    }

    /// The wait before a consecutive restart.
    ///
    /// | attempt | 1 | 2 | 3 | 4 | n |
    /// |---|---|---|---|---|---|
    /// | with backoff, delay 2 s, cap 30 s | 2 s | 4 s | 8 s | 16 s | 30 s |
    package func delay(beforeAttempt attempt: Int) -> Duration {
        guard usesBackoff, restartDelay > .zero else { return restartDelay }
        var delay = restartDelay
        var doublings = attempt - 1
        while doublings > 0, delay < maxDelay {
            delay *= 2
            doublings -= 1
        }
        return min(delay, maxDelay)
    }
}
