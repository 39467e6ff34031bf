import GopmLifecycle
import GopmModel
import Testing

@Suite struct ScenarioTests {
    @Test func startRunsUntilStop() {
        var machine = ProcessLifecycle(policy: policy())
        #expect(machine.handle(.startRequested(.userStart)) == [.spawn(1, .userStart)])
        #expect(machine.state == .starting(1, .userStart))
        #expect(machine.handle(.spawned(1)) == [.report(.online(1))])
        #expect(machine.state == .running(1))
        #expect(machine.wantsUp)
        #expect(machine.handle(.stopRequested) == stopOrders(1))
        #expect(machine.state == .stopping(1))
        #expect(machine.handle(crash(1)) == [ended(1, wasAsked: true), .clearLife(1, isSignalled: true)])
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .report(.stopped)])
        #expect(machine.state == .stopped)
        #expect(!machine.wantsUp)
        #expect(machine.generation == 1)
    }

    @Test func crashIsRestartedAfterTheDelay() {
        var machine = running()
        #expect(machine.handle(crash(1)) == [ended(1)] + restartOrders(1))
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill)])
        #expect(machine.state == .waiting(1, isDelayOver: false, isCleared: true))
        #expect(machine.handle(.timerFired(.restart, 1)) == [.spawn(2, .supervisorRestart)])
        #expect(machine.handle(.spawned(2)) == [.report(.online(2))])
        #expect(machine.restarts == 1)
        #expect(machine.generation == 2)
    }

    @Test func exitBeforeTheNewsOfTheStartIsAnEndLikeAnyOther() {
        var machine = ProcessLifecycle(policy: policy())
        _ = machine.handle(.startRequested(.userStart))
        #expect(machine.handle(crash(1)) == [ended(1)] + restartOrders(1))
        #expect(machine.handle(.spawned(1)) == [])
        #expect(machine.state == .waiting(1, isDelayOver: false, isCleared: false))
    }

    @Test func startOfARunningOneChangesNothing() {
        var machine = running()
        let before = machine
        #expect(machine.handle(.startRequested(.userStart)) == [])
        #expect(machine == before)
    }

    @Test func adoptedLifeGoesOn() {
        var machine = ProcessLifecycle(policy: policy(), state: .running(7), wantsUp: true, restarts: 2, generation: 7)
        #expect(machine.handle(crash(7)) == [ended(7)] + restartOrders(7, attempt: 3))
        _ = machine.handle(.lifeCleared(7))
        #expect(machine.handle(.timerFired(.restart, 7)) == [.spawn(8, .supervisorRestart)])
    }
}

// MARK: - Stop

extension ScenarioTests {
    @Test func stopDuringBackoffCancelsRestart() {
        var machine = running()
        _ = machine.handle(all: crash(1), .lifeCleared(1))
        #expect(machine.handle(.stopRequested) == cancelled + [.report(.stopped)])
        #expect(machine.state == .stopped)
        #expect(machine.handle(.timerFired(.restart, 1)) == [])
        #expect(machine.state == .stopped)
    }

    @Test func stopDuringBackoffWaitsForLeftovers() {
        var machine = running()
        _ = machine.handle(crash(1))
        #expect(machine.handle(.stopRequested) == cancelled)
        #expect(machine.state == .clearing(1, then: .stopped))
        #expect(machine.handle(.timerFired(.restart, 1)) == [])
        #expect(machine.handle(.timerFired(.kill, 1)) == [.report(.killTimeoutPassed(1)), .killLife(1)])
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .report(.stopped)])
        #expect(machine.state == .stopped)
    }

    @Test func stopDuringStarting() {
        var machine = ProcessLifecycle(policy: policy())
        _ = machine.handle(.startRequested(.userStart))
        #expect(machine.handle(.stopRequested) == stopOrders(1))
        #expect(machine.handle(.spawned(1)) == [])
        #expect(machine.state == .stopping(1))
        _ = machine.handle(all: crash(1), .lifeCleared(1))
        #expect(machine.state == .stopped)
    }

    @Test func stopDuringStartingOfAProgramThatCannotBeExecuted() {
        var machine = ProcessLifecycle(policy: policy())
        _ = machine.handle(all: .startRequested(.userStart), .stopRequested)
        #expect(machine.handle(.spawnFailed(1)) == [.report(.startFailed(1)), .cancelTimer(.kill), .report(.stopped)])
        #expect(machine.state == .stopped)
    }

    @Test func stubbornProgramIsKilledAfterTheTimeout() {
        var machine = running()
        _ = machine.handle(.stopRequested)
        #expect(machine.handle(.timerFired(.kill, 1)) == [.report(.killTimeoutPassed(1)), .killLife(1)])
        #expect(machine.state == .stopping(1))
    }

    @Test func stubbornGrandchildIsKilledAfterTheTimeout() {
        var machine = running()
        _ = machine.handle(all: .stopRequested, crash(1))
        #expect(machine.handle(.timerFired(.kill, 1)) == [.report(.killTimeoutPassed(1)), .killLife(1)])
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .report(.stopped)])
    }

    @Test func secondStopGivesNoSecondSignal() {
        var machine = running()
        _ = machine.handle(.stopRequested)
        #expect(machine.handle(.stopRequested) == [])
        _ = machine.handle(crash(1))
        #expect(machine.handle(.stopRequested) == [])
        #expect(machine.state == .clearing(1, then: .stopped))
    }

    @Test func stopWinsOverTheRestartThatWasUnderWay() {
        var machine = running()
        _ = machine.handle(all: .restartRequested, .stopRequested, crash(1))
        #expect(machine.state == .clearing(1, then: .stopped))
        _ = machine.handle(all: .restartRequested, .stopRequested)
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .report(.stopped)])
    }

    @Test func stopOfAnErroredOneMakesItStopped() {
        var machine = ProcessLifecycle(policy: policy(), state: .errored, generation: 4)
        #expect(machine.handle(.stopRequested) == [.report(.stopped)])
        #expect(machine.state == .stopped)
    }

    @Test func stopAfterTheLastRestartStillEndsAsStopped() {
        var machine = running(policy { $0.mode = .never })
        _ = machine.handle(crash(1))
        #expect(machine.state == .clearing(1, then: .finished))
        #expect(machine.handle(.stopRequested) == [])
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .report(.stopped)])
    }
}

// MARK: - Start and restart while something is under way

extension ScenarioTests {
    @Test func startWhileStoppingStartsAgainAfter() {
        var machine = running()
        _ = machine.handle(.stopRequested)
        #expect(machine.handle(.startRequested(.userStart)) == [])
        #expect(machine.wantsUp)
        #expect(machine.handle(crash(1)) == [ended(1, wasAsked: true), .clearLife(1, isSignalled: true)])
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .spawn(2, .userStart)])
    }

    @Test func startWhileClearingStartsAgainAfter() {
        var machine = running()
        _ = machine.handle(all: .stopRequested, crash(1))
        #expect(machine.handle(.startRequested(.userStart)) == [])
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .spawn(2, .userStart)])
    }

    @Test func startDuringBackoffStartsAtOnce() {
        var machine = running()
        _ = machine.handle(all: crash(1), .lifeCleared(1))
        #expect(machine.handle(.startRequested(.userStart)) == cancelled + [.spawn(2, .userStart)])
        #expect(machine.restarts == 0)
        #expect(machine.handle(.timerFired(.restart, 1)).isOnlyIgnored)
        #expect(machine.state == .starting(2, .userStart))
    }

    @Test func startDuringBackoffWaitsForLeftovers() {
        var machine = running()
        _ = machine.handle(crash(1))
        #expect(machine.handle(.startRequested(.userStart)) == cancelled)
        #expect(machine.handle(.timerFired(.restart, 1)) == [])
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .spawn(2, .userStart)])
    }

    @Test func restartStopsAndStarts() {
        var machine = running()
        #expect(machine.handle(.restartRequested) == stopOrders(1))
        #expect(machine.wantsUp)
        _ = machine.handle(crash(1))
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .spawn(2, .userRestart)])
    }

    @Test func restartTwice() {
        var machine = running()
        _ = machine.handle(.restartRequested)
        #expect(machine.handle(.restartRequested) == [])
        _ = machine.handle(crash(1))
        #expect(machine.handle(.restartRequested) == [])
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .spawn(2, .userRestart)])
        #expect(machine.handle(.lifeCleared(1)).isOnlyIgnored)
        #expect(machine.generation == 2)
    }

    @Test func restartOfTheNewLifeBeforeItsNewsStopsThatLife() {
        var machine = running()
        _ = machine.handle(all: .restartRequested, crash(1), .lifeCleared(1))
        #expect(machine.handle(.restartRequested) == stopOrders(2))
        _ = machine.handle(crash(2))
        #expect(machine.handle(.lifeCleared(2)) == [.cancelTimer(.kill), .spawn(3, .userRestart)])
    }

    @Test func restartOfAStoppedOneStartsIt() {
        var machine = ProcessLifecycle(policy: policy())
        #expect(machine.handle(.restartRequested) == [.spawn(1, .userRestart)])
        machine = ProcessLifecycle(policy: policy(), state: .errored, restarts: 9, generation: 3)
        #expect(machine.handle(.restartRequested) == [.spawn(4, .userRestart)])
        #expect(machine.restarts == 0)
    }

    @Test func restartDuringBackoffStartsAtOnce() {
        var machine = running()
        _ = machine.handle(all: crash(1), .lifeCleared(1))
        #expect(machine.handle(.restartRequested) == cancelled + [.spawn(2, .userRestart)])
    }
}

// MARK: - Old lives and leftovers

extension ScenarioTests {
    @Test func exitOfOldLifeChangesNothing() {
        var machine = running()
        _ = machine.handle(all: .restartRequested, crash(1), .lifeCleared(1), .spawned(2))
        let before = machine
        let stale: [Event] = [
            crash(1), .spawned(1), .spawnFailed(1), .lifeCleared(1), .timerFired(.kill, 1), .timerFired(.restart, 1),
        ]
        for event in stale {
            #expect(machine.handle(event).isOnlyIgnored)
            #expect(machine == before)
        }
    }

    @Test func leftoversAreKilledBeforeRestart() {
        var machine = running()
        _ = machine.handle(crash(1))
        #expect(machine.handle(.timerFired(.restart, 1)) == [.cancelTimer(.kill), .killLife(1)])
        #expect(machine.state == .waiting(1, isDelayOver: true, isCleared: false))
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .spawn(2, .supervisorRestart)])
    }

    @Test func leftoversAreKilledAfterTheKillTimeoutWithinALongDelay() {
        var machine = running(policy { $0.restartDelay = .seconds(60) })
        _ = machine.handle(crash(1))
        #expect(machine.handle(.timerFired(.kill, 1)) == [.killLife(1)])
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill)])
        #expect(machine.handle(.timerFired(.restart, 1)) == [.spawn(2, .supervisorRestart)])
    }

    @Test func stopWhileLeftoversAreKilledCancelsTheRestart() {
        var machine = running()
        _ = machine.handle(all: crash(1), .timerFired(.restart, 1))
        #expect(machine.handle(.stopRequested) == cancelled)
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .report(.stopped)])
    }

    @Test func leftoversOfAFinishedOneAreCleared() {
        var machine = running(policy { $0.mode = .never })
        let expected: [Action] = [
            ended(1, code: 0), .armTimer(.kill, 1, after: .seconds(5)), .clearLife(1, isSignalled: false),
        ]
        #expect(machine.handle(crash(1, code: 0)) == expected)
        #expect(machine.handle(.timerFired(.kill, 1)) == [.report(.killTimeoutPassed(1)), .killLife(1)])
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .report(.finished)])
    }
}

// MARK: - The policy

extension ScenarioTests {
    @Test func maxRestartsGivesUp() {
        var machine = running(policy { $0.maxRestarts = 2 })
        for life in 1...2 {
            #expect(machine.handle(crash(life)) == [ended(life)] + restartOrders(life, attempt: life))
            _ = machine.handle(all: .lifeCleared(life), .timerFired(.restart, life), .spawned(life + 1))
        }
        let last: [Action] = [ended(3), .armTimer(.kill, 3, after: .seconds(5)), .clearLife(3, isSignalled: false)]
        #expect(machine.handle(crash(3)) == last)
        #expect(!machine.wantsUp)
        #expect(machine.handle(.lifeCleared(3)) == [.cancelTimer(.kill), .report(.gaveUp(restarts: 2))])
        #expect(machine.state == .errored)
    }

    @Test func startOfAnErroredOneCountsFromZero() {
        var machine = ProcessLifecycle(policy: policy(), state: .errored, restarts: 2, generation: 3)
        #expect(machine.handle(.startRequested(.userStart)) == [.spawn(4, .userStart)])
        #expect(machine.restarts == 0)
    }

    @Test func minUptimeResets() {
        var machine = running(policy { $0.maxRestarts = 1 })
        _ = machine.handle(all: crash(1), .lifeCleared(1), .timerFired(.restart, 1), .spawned(2))
        #expect(machine.restarts == 1)
        let long = Event.exited(2, .exited(code: 1), ranFor: .seconds(5))
        #expect(machine.handle(long).contains(.report(.waiting(attempt: 1, after: .seconds(2)))))
        _ = machine.handle(all: .lifeCleared(2), .timerFired(.restart, 2), .spawned(3))
        let short = Event.exited(3, .exited(code: 1), ranFor: .milliseconds(4_999))
        #expect(!machine.handle(short).contains { if case .armTimer(.restart, _, _) = $0 { true } else { false } })
        #expect(machine.handle(.lifeCleared(3)) == [.cancelTimer(.kill), .report(.gaveUp(restarts: 1))])
    }

    @Test func finishedNever() {
        var machine = running(policy { $0.mode = .never })
        _ = machine.handle(crash(1))
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .report(.finished)])
        #expect(machine.state == .stopped)
        #expect(!machine.wantsUp)
    }

    @Test func finishedOnFailureAfterSuccess() {
        var machine = running(policy { $0.mode = .onFailure })
        _ = machine.handle(crash(1, code: 0))
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .report(.finished)])
    }

    @Test func startWhileFinishingStartsAgain() {
        var machine = running(policy { $0.mode = .never })
        _ = machine.handle(all: crash(1), .startRequested(.userStart))
        #expect(machine.handle(.lifeCleared(1)) == [.cancelTimer(.kill), .spawn(2, .userStart)])
        #expect(machine.wantsUp)
    }

    @Test func backoffDoublesOverLives() {
        var machine = running(policy { $0.usesBackoff = true })
        for (life, seconds) in [(1, 2), (2, 4), (3, 8), (4, 16), (5, 30), (6, 30)] {
            let orders = restartOrders(life, attempt: life, after: .seconds(seconds))
            #expect(machine.handle(crash(life)) == [ended(life)] + orders)
            _ = machine.handle(all: .lifeCleared(life), .timerFired(.restart, life), .spawned(life + 1))
        }
    }

    @Test func policyOfTheMomentCounts() {
        var machine = running()
        machine.policy.killTimeout = .seconds(1)
        #expect(machine.handle(.stopRequested).last == .armTimer(.kill, 1, after: .seconds(1)))
    }
}

// MARK: - Spawns that fail

extension ScenarioTests {
    @Test func spawnFailureByUserEndsTheWish() {
        var machine = ProcessLifecycle(policy: policy())
        _ = machine.handle(.startRequested(.userStart))
        #expect(machine.handle(.spawnFailed(1)) == [.report(.startFailed(1))])
        #expect(machine.state == .stopped)
        #expect(!machine.wantsUp)
    }

    @Test(arguments: [StartReason.userRestart, .supervisorRestart, .resurrect, .adopt, .reboot])
    func spawnFailureOnRestartFollowsPolicy(reason: StartReason) {
        let policy = policy { $0.maxRestarts = 2 }
        var machine = ProcessLifecycle(policy: policy, state: .starting(5, reason), wantsUp: true, generation: 5)
        let wait: [Action] = [.report(.startFailed(5)), .report(.waiting(attempt: 1, after: .seconds(2)))]
        #expect(machine.handle(.spawnFailed(5)) == wait + [.armTimer(.restart, 5, after: .seconds(2))])
        #expect(machine.state == .waiting(5, isDelayOver: false, isCleared: true))
        #expect(machine.handle(.timerFired(.restart, 5)) == [.spawn(6, .supervisorRestart)])
        _ = machine.handle(all: .spawnFailed(6), .timerFired(.restart, 6))
        #expect(machine.handle(.spawnFailed(7)) == [.report(.startFailed(7)), .report(.gaveUp(restarts: 2))])
        #expect(machine.state == .errored)
        #expect(!machine.wantsUp)
    }

    @Test func spawnFailureOnRestartOfOneThatIsNeverRestarted() {
        let never = policy { $0.mode = .never }
        var machine = ProcessLifecycle(policy: never)
        _ = machine.handle(.restartRequested)
        #expect(machine.handle(.spawnFailed(1)) == [.report(.startFailed(1)), .report(.finished)])
        #expect(machine.state == .stopped)
    }

    @Test func spawnFailureWhileARestartWasAskedTriesAgain() {
        var machine = ProcessLifecycle(policy: policy())
        _ = machine.handle(all: .startRequested(.userStart), .restartRequested)
        let expected: [Action] = [.report(.startFailed(1)), .cancelTimer(.kill), .spawn(2, .userRestart)]
        #expect(machine.handle(.spawnFailed(1)) == expected)
    }

    @Test func stopAfterAFailedRestartCancelsTheNext() {
        var machine = ProcessLifecycle(policy: policy())
        _ = machine.handle(all: .restartRequested, .spawnFailed(1))
        #expect(machine.handle(.stopRequested) == cancelled + [.report(.stopped)])
    }
}
