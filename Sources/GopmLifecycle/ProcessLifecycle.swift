package import GopmModel

/// One life of a managed process, from spawn to the end of its last process; shown to people as `instance`.
package typealias Generation = Int

/// Decides everything about one managed process: events in, actions out.
///
/// A value without clock, descriptor, task or randomness. Each spawn gets a new ``Generation`` and every event about a
/// life carries it; an event with an old one changes nothing, which is why an exit that arrives late can't hit the life
/// after it. What the user wants (``wantsUp``) and what is (``state``) are two fields: a stop that comes while a restart
/// is under way only changes the wish, and the state follows.
package struct ProcessLifecycle: Sendable, Hashable {
    package enum Event: Sendable, Hashable {
        case startRequested(StartReason)
        case stopRequested
        case restartRequested
        /// The program was executed.
        case spawned(Generation)
        /// Nothing was executed, and nothing is left of the try.
        case spawnFailed(Generation)
        /// The main process ended and is reaped.
        case exited(Generation, ExitStatus, ranFor: Duration)
        /// No process of the life is left.
        case lifeCleared(Generation)
        case timerFired(Timer, Generation)
    }

    package enum Action: Sendable, Hashable {
        case spawn(Generation, StartReason)
        /// The stop signal to the main process's group and every other process of the life.
        case signalLife(Generation)
        /// SIGKILL to all of the life until nothing of it is left.
        case killLife(Generation)
        /// The main process is gone: answer with `lifeCleared` as soon as nothing of the life is left. What is found at
        /// first gets the stop signal if it has not had it.
        case clearLife(Generation, isSignalled: Bool)
        case armTimer(Timer, Generation, after: Duration)
        case cancelTimer(Timer)
        case report(Report)
    }

    package enum Timer: Sendable, Hashable, CaseIterable {
        /// The delay before a restart is over.
        case restart
        /// The kill timeout is over.
        case kill
    }

    /// What people are told, in logs and on request.
    package enum Report: Sendable, Hashable {
        case online(Generation)
        case stopping(Generation)
        case killTimeoutPassed(Generation)
        /// `wasAsked`: a stop or restart by the user came before the end.
        case ended(Generation, ExitStatus, ranFor: Duration, wasAsked: Bool)
        case waiting(attempt: Int, after: Duration)
        case restartCancelled
        case gaveUp(restarts: Int)
        case finished
        case stopped
        case startFailed(Generation)
        /// An event of an old life, or one that should not have come; nothing was changed by it.
        case ignored(String)
    }

    package enum State: Sendable, Hashable {
        case stopped
        case errored
        case starting(Generation, StartReason)
        case running(Generation)
        /// The stop signal is out and the main process has not ended.
        case stopping(Generation)
        /// The main process has ended, some process of its life may not have.
        case clearing(Generation, then: Settlement)
        /// A restart is due when the delay is over and the last life is cleared.
        case waiting(Generation, isDelayOver: Bool, isCleared: Bool)
    }

    /// Where a life that is being cleared ends up if nobody asks for something else meanwhile.
    package enum Settlement: Sendable, Hashable {
        case stopped, finished, errored, startAgain
    }

    package private(set) var state: State
    package private(set) var wantsUp: Bool
    package private(set) var restarts: Int
    /// The generation of the newest life.
    package private(set) var generation: Generation
    package var policy: RestartPolicy
    /// Why the next life will be started, if one is under way.
    private var nextReason = StartReason.userStart

    package init(
        policy: RestartPolicy,
        state: State = .stopped,
        wantsUp: Bool = false,
        restarts: Int = 0,
        generation: Generation = 0
    ) {
        self.policy = policy
        self.state = state
        self.wantsUp = wantsUp
        self.restarts = restarts
        self.generation = generation
    }

    /// Takes an event and says what is to be done about it, in this order.
    package mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .startRequested(let reason): start(reason)
        case .stopRequested: stop()
        case .restartRequested: restart()
        case .spawned(let life): life == generation ? spawned(life) : stale(event)
        case .spawnFailed(let life): life == generation ? spawnFailed(life) : stale(event)
        case .exited(let life, let status, let ranFor): life == generation ? exited(life, status, ranFor) : stale(event)
        case .lifeCleared(let life): life == generation ? cleared(life) : stale(event)
        case .timerFired(.restart, let life): life == generation ? delayOver(life) : stale(event)
        case .timerFired(.kill, let life): life == generation ? killTimeoutOver(life) : stale(event)
        }
    }
}

/// Why a life was started, as the daemon log's `reason` says it.
package enum StartReason: String, Sendable, Hashable {
    case userStart = "user-start"
    case userRestart = "user-restart"
    case supervisorRestart = "supervisor-restart"
    case resurrect
    case adopt
    case reboot

    /// Whether a spawn that fails ends the wish instead of following the restart policy.
    var failsAtOnce: Bool { self == .userStart }
}

// MARK: - What the user asks for

extension ProcessLifecycle {
    private mutating func start(_ reason: StartReason) -> [Action] {
        wantsUp = true
        switch state {
        case .stopped, .errored:
            restarts = 0
            return spawn(reason)
        case .starting, .running:
            return []
        case .stopping, .clearing:
            // A life that is being stopped is started again when it is gone.
            restarts = 0
            nextReason = reason
            if case .clearing(let life, _) = state { state = .clearing(life, then: .startAgain) }
            return []
        case .waiting(let life, _, let isCleared):
            restarts = 0
            return startNow(life, isCleared: isCleared, reason)
        }
    }

    private mutating func stop() -> [Action] {
        wantsUp = false
        switch state {
        case .stopped:
            return []
        case .errored:
            state = .stopped
            return [.report(.stopped)]
        case .starting(let life, _), .running(let life):
            return beginStop(of: life)
        case .stopping:
            return []
        case .clearing(let life, _):
            state = .clearing(life, then: .stopped)
            return []
        case .waiting(let life, _, let isCleared):
            let cancel: [Action] = [.cancelTimer(.restart), .report(.restartCancelled)]
            if isCleared {
                state = .stopped
                return cancel + [.report(.stopped)]
            }
            // The leftovers were signalled when the main process ended; their kill timer goes on.
            state = .clearing(life, then: .stopped)
            return cancel
        }
    }

    private mutating func restart() -> [Action] {
        wantsUp = true
        restarts = 0
        nextReason = .userRestart
        switch state {
        case .stopped, .errored:
            return spawn(.userRestart)
        case .starting(let life, _), .running(let life):
            return beginStop(of: life)
        case .stopping:
            return []
        case .clearing(let life, _):
            state = .clearing(life, then: .startAgain)
            return []
        case .waiting(let life, _, let isCleared):
            return startNow(life, isCleared: isCleared, .userRestart)
        }
    }
}

// MARK: - What happens to a life

extension ProcessLifecycle {
    private mutating func spawned(_ life: Generation) -> [Action] {
        switch state {
        case .starting:
            state = .running(life)
            return [.report(.online(life))]
        case .stopping, .clearing, .waiting:
            // Stopped, or ended, before the news of its start came.
            return []
        case .stopped, .errored, .running:
            return [.report(.ignored("spawned \(life) in \(state)"))]
        }
    }

    private mutating func spawnFailed(_ life: Generation) -> [Action] {
        switch state {
        case .starting(_, let reason):
            if reason.failsAtOnce {
                wantsUp = false
                state = .stopped
                return [.report(.startFailed(life))]
            }
            return [.report(.startFailed(life))] + settle(life, after: .unknown, isCleared: true)
        case .stopping:
            state = .clearing(life, then: wantsUp ? .startAgain : .stopped)
            return [.report(.startFailed(life))] + cleared(life)
        case .stopped, .errored, .running, .clearing, .waiting:
            return [.report(.ignored("spawn \(life) failed in \(state)"))]
        }
    }

    private mutating func exited(_ life: Generation, _ status: ExitStatus, _ ranFor: Duration) -> [Action] {
        switch state {
        case .starting, .running:
            if ranFor >= policy.minUptime { restarts = 0 }
            let ended = Report.ended(life, status, ranFor: ranFor, wasAsked: false)
            return [.report(ended)] + settle(life, after: status, isCleared: false)
        case .stopping:
            state = .clearing(life, then: wantsUp ? .startAgain : .stopped)
            let ended = Report.ended(life, status, ranFor: ranFor, wasAsked: true)
            return [.report(ended), .clearLife(life, isSignalled: true)]
        case .stopped, .errored, .clearing, .waiting:
            return [.report(.ignored("exit of \(life) in \(state)"))]
        }
    }

    private mutating func cleared(_ life: Generation) -> [Action] {
        switch state {
        case .clearing(_, then: .startAgain):
            return [.cancelTimer(.kill)] + spawn(nextReason)
        case .clearing(_, then: .stopped):
            state = .stopped
            return [.cancelTimer(.kill), .report(.stopped)]
        case .clearing(_, then: .finished):
            state = .stopped
            return [.cancelTimer(.kill), .report(.finished)]
        case .clearing(_, then: .errored):
            state = .errored
            return [.cancelTimer(.kill), .report(.gaveUp(restarts: restarts))]
        case .waiting(_, isDelayOver: true, _):
            return [.cancelTimer(.kill)] + spawn(.supervisorRestart)
        case .waiting(_, isDelayOver: false, _):
            state = .waiting(life, isDelayOver: false, isCleared: true)
            return [.cancelTimer(.kill)]
        case .stopped, .errored, .starting, .running, .stopping:
            return [.report(.ignored("life \(life) cleared in \(state)"))]
        }
    }

    private mutating func delayOver(_ life: Generation) -> [Action] {
        switch state {
        case .waiting(_, _, isCleared: true):
            return spawn(.supervisorRestart)
        case .waiting(_, _, isCleared: false):
            state = .waiting(life, isDelayOver: true, isCleared: false)
            return [.cancelTimer(.kill), .killLife(life)]
        case .stopped, .errored, .starting, .running, .stopping, .clearing:
            return []
        }
    }

    private mutating func killTimeoutOver(_ life: Generation) -> [Action] {
        switch state {
        case .stopping, .clearing:
            return [.report(.killTimeoutPassed(life)), .killLife(life)]
        case .waiting(_, _, isCleared: false):
            return [.killLife(life)]
        case .stopped, .errored, .starting, .running, .waiting:
            return []
        }
    }

    private func stale(_ event: Event) -> [Action] {
        [.report(.ignored("\(event) after generation \(generation)"))]
    }
}

// MARK: - Steps that several events share

extension ProcessLifecycle {
    private mutating func spawn(_ reason: StartReason) -> [Action] {
        generation += 1
        state = .starting(generation, reason)
        return [.spawn(generation, reason)]
    }

    private mutating func beginStop(of life: Generation) -> [Action] {
        state = .stopping(life)
        return [.report(.stopping(life)), .signalLife(life), .armTimer(.kill, life, after: policy.killTimeout)]
    }

    /// A start or restart by the user while a restart was pending.
    private mutating func startNow(_ life: Generation, isCleared: Bool, _ reason: StartReason) -> [Action] {
        let cancel: [Action] = [.cancelTimer(.restart), .report(.restartCancelled)]
        if isCleared { return cancel + spawn(reason) }
        nextReason = reason
        state = .clearing(life, then: .startAgain)
        return cancel
    }

    /// Applies the restart policy to a life that ended without being asked to.
    private mutating func settle(_ life: Generation, after status: ExitStatus, isCleared: Bool) -> [Action] {
        let decision = RestartDecision(policy: policy, status: status, restarts: restarts)
        switch decision {
        case .restart(let attempt, let delay):
            restarts = attempt
            state = .waiting(life, isDelayOver: false, isCleared: isCleared)
            let wait: [Action] = [
                .report(.waiting(attempt: attempt, after: delay)), .armTimer(.restart, life, after: delay),
            ]
            // Leftovers get the kill signal now, and SIGKILL with the kill timeout or the end of the delay.
            return isCleared ? wait : wait + clear(life)
        case .finished, .giveUp:
            let isFinished = decision == .finished
            wantsUp = false
            if isCleared {
                state = isFinished ? .stopped : .errored
                return [.report(isFinished ? .finished : .gaveUp(restarts: restarts))]
            }
            state = .clearing(life, then: isFinished ? .finished : .errored)
            return clear(life)
        }
    }

    private func clear(_ life: Generation) -> [Action] {
        [.armTimer(.kill, life, after: policy.killTimeout), .clearLife(life, isSignalled: false)]
    }
}
