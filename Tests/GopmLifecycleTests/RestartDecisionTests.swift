import GopmLifecycle
import GopmModel
import Testing

@Suite struct RestartDecisionTests {
    @Test(
        arguments: [
            (1, 2), (2, 4), (3, 8), (4, 16), (5, 30), (6, 30), (100, 30), (1_000, 30), (.max, 30),
            // Attempts count from 1; anything lower is the first.
            (0, 2), (-5, 2),
        ] as [(Int, Int)]
    )
    func delayByAttempt(attempt: Int, seconds: Int) {
        let policy = policy { $0.usesBackoff = true }
        #expect(policy.delay(beforeAttempt: attempt) == .seconds(seconds))
    }

    @Test(arguments: [1, 2, 100, 1_000, .max])
    func delayIsTheSameWithoutBackoff(attempt: Int) {
        #expect(policy().delay(beforeAttempt: attempt) == .seconds(2))
        // The cap belongs to the backoff.
        #expect(policy { $0.restartDelay = .seconds(90) }.delay(beforeAttempt: attempt) == .seconds(90))
    }

    @Test func longestDelaysDoNotOverflow() {
        let policy = policy {
            $0.usesBackoff = true
            $0.restartDelay = .nanoseconds(1)
            $0.maxDelay = DurationText.longest
        }
        #expect(policy.delay(beforeAttempt: 11) == .nanoseconds(1_024))
        for attempt in [60, 100, 1_000, .max] {
            #expect(policy.delay(beforeAttempt: attempt) == DurationText.longest)
        }
    }

    @Test func delayNeverShrinksNorPassesTheCap() {
        for (delay, cap) in [(1, 1), (1, 7), (3, 100), (250, 1_000), (5_000, 1_000), (0, 1_000), (5, 0)] {
            let policy = policy {
                $0.usesBackoff = true
                $0.restartDelay = .milliseconds(delay)
                $0.maxDelay = .milliseconds(cap)
            }
            let delays = (1...40).map { policy.delay(beforeAttempt: $0) }
            #expect(delays == delays.sorted())
            #expect(delays.last == .milliseconds(delay == 0 ? 0 : cap))
        }
    }

    private static let success = ExitStatus.exited(code: 0)
    private static let failure = ExitStatus.exited(code: 3)
    private static let segfault = ExitStatus.signaled(Signal(number: 11), coreDumped: true)

    @Test(
        arguments: [
            (.always, [true, true, true, true]), (.onFailure, [false, true, true, true]),
            (.never, [false, false, false, false]),
        ] as [(RestartPolicy.Mode, [Bool])]
    )
    func modeDecides(mode: RestartPolicy.Mode, wanted: [Bool]) {
        let policy = policy { $0.mode = mode }
        let ends = [Self.success, Self.failure, Self.segfault, .unknown]
        #expect(ends.map { policy.wantsRestart(after: $0) } == wanted)
    }

    @Test(arguments: RestartPolicy.Mode.allCases)
    func codesAreStrongerThanTheMode(mode: RestartPolicy.Mode) {
        let policy = policy {
            $0.mode = mode
            $0.restartOnExit = [0, 3, 4]
            $0.noRestartOnExit = [3, 5]
        }
        #expect(policy.wantsRestart(after: .exited(code: 0)))
        #expect(policy.wantsRestart(after: .exited(code: 4)))
        #expect(!policy.wantsRestart(after: .exited(code: 3)))
        #expect(!policy.wantsRestart(after: .exited(code: 5)))
        #expect(policy.wantsRestart(after: .exited(code: 6)) == (mode != .never))
    }

    @Test func codesSayNothingOfSignalsAndTheUnknown() {
        let policy = policy {
            $0.mode = .onFailure
            $0.noRestartOnExit = Array(0...255)
        }
        #expect(policy.wantsRestart(after: Self.segfault))
        #expect(policy.wantsRestart(after: .unknown))
    }

    @Test(
        arguments: [
            (0, 0, .restart(attempt: 1, after: .seconds(2))),
            (0, 1_000_000, .restart(attempt: 1_000_001, after: .seconds(2))),
            (3, 0, .restart(attempt: 1, after: .seconds(2))), (3, 2, .restart(attempt: 3, after: .seconds(2))),
            (3, 3, .giveUp), (3, 4, .giveUp), (1, 0, .restart(attempt: 1, after: .seconds(2))), (1, 1, .giveUp),
        ] as [(Int, Int, RestartDecision)]
    )
    func limitOfRestarts(limit: Int, restarts: Int, decision: RestartDecision) {
        let policy = policy { $0.maxRestarts = limit }
        #expect(RestartDecision(policy: policy, status: Self.failure, restarts: restarts) == decision)
    }

    @Test func endThatNeedsNoRestartIsNoGivingUp() {
        let policy = policy {
            $0.mode = .onFailure
            $0.maxRestarts = 1
        }
        #expect(RestartDecision(policy: policy, status: Self.success, restarts: 5) == .finished)
    }

    @Test func codesDoNotLiftTheLimit() {
        let policy = policy {
            $0.mode = .never
            $0.maxRestarts = 2
            $0.restartOnExit = [3]
        }
        #expect(RestartDecision(policy: policy, status: Self.failure, restarts: 2) == .giveUp)
    }
}
