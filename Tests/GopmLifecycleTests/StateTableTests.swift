import GopmLifecycle
import GopmModel
import Testing

/// Every state with every event once: what is done, and the state and wish after it.
@Suite struct StateTableTests {
    /// The columns of the table.
    static let events: [Event] = [
        .startRequested(.userStart), .stopRequested, .restartRequested, .spawned(1), .spawnFailed(1), crash(1),
        .lifeCleared(1), .timerFired(.restart, 1), .timerFired(.kill, 1),
    ]

    struct Row: Sendable, CustomTestStringConvertible {
        let state: State
        let wantsUp: Bool
        /// One for each of `events`.
        let outcomes: [String]

        init(_ state: State, _ wish: String, _ outcomes: [String]) {
            self.state = state
            wantsUp = wish == "up"
            self.outcomes = outcomes
        }

        var testDescription: String { "\(short(state)) \(wantsUp ? "up" : "down")" }
    }

    @Test(arguments: rows)
    func outcome(row: Row) throws {
        try #require(row.outcomes.count == Self.events.count)
        for (event, expected) in zip(Self.events, row.outcomes) {
            var machine = ProcessLifecycle(policy: policy(), state: row.state, wantsUp: row.wantsUp, generation: 1)
            let actions = machine.handle(event)
            let text = actions.map { short($0) }.joined(separator: ", ")
            let found = "\(text.isEmpty ? "-" : text) > \(short(machine.state)) \(machine.wantsUp ? "up" : "down")"
            #expect(found == expected, "\(event)")
        }
    }

    @Test(arguments: rows)
    func eventsOfOtherLivesAreOnlyTold(row: Row) {
        for life in [0, 2] {
            let events: [Event] = [
                .spawned(life), .spawnFailed(life), crash(life), .lifeCleared(life), .timerFired(.restart, life),
                .timerFired(.kill, life),
            ]
            for event in events {
                let policy = policy()
                var machine = ProcessLifecycle(policy: policy, state: row.state, wantsUp: row.wantsUp, generation: 1)
                let before = machine
                #expect(machine.handle(event).isOnlyIgnored, "\(event)")
                #expect(machine == before, "\(event)")
            }
        }
    }

    @Test func everyStateHasARow() {
        #expect(Set(Self.rows.map { kind(of: $0.state) }).count == 12)
    }

    /// Does not compile for a new state, so that somebody comes here.
    private func kind(of state: State) -> String {
        switch state {
        case .stopped: "stopped"
        case .errored: "errored"
        case .starting(_, let reason): reason == .userStart ? "starting for the user" : "starting"
        case .running: "running"
        case .stopping: "stopping"
        case .clearing(_, let settlement): "clearing, then \(settlement)"
        case .waiting(_, _, let isCleared): isCleared ? "waiting" : "waiting with leftovers"
        }
    }
}

extension StateTableTests {
    private static let stop = "stopping 1, signal 1, arm kill 1 5s"
    private static let crashed = "ended 1, attempt 1 in 2s, arm restart 1 2s, arm kill 1 5s, clear 1 with signal"
    private static let killed = "kill timeout 1, kill 1"

    /// The table; `-` stands for no action.
    ///
    /// The events are those of ``events``: start, stop, restart; spawned, spawn failed, exited; cleared, restart timer,
    /// kill timer.
    static let rows: [Row] = [
        Row(.stopped, "down", settled("stopped down") + ignoredEvents("stopped down")),
        Row(.errored, "down", settled("stopped down", "stopped") + ignoredEvents("errored down")),
        Row(
            .starting(1, .userStart),
            "up",
            [
                "- > starting 1 user-start up", "\(stop) > stopping 1 down", "\(stop) > stopping 1 up",
                "online 1 > running 1 up", "start failed 1 > stopped down", "\(crashed) > waiting 1 up",
                "ignored > starting 1 user-start up", "- > starting 1 user-start up", "- > starting 1 user-start up",
            ]
        ),
        Row(
            .starting(1, .supervisorRestart),
            "up",
            [
                "- > starting 1 supervisor-restart up", "\(stop) > stopping 1 down", "\(stop) > stopping 1 up",
                "online 1 > running 1 up",
                "start failed 1, attempt 1 in 2s, arm restart 1 2s > waiting 1 cleared up",
                "\(crashed) > waiting 1 up", "ignored > starting 1 supervisor-restart up",
                "- > starting 1 supervisor-restart up", "- > starting 1 supervisor-restart up",
            ]
        ),
        Row(
            .running(1),
            "up",
            [
                "- > running 1 up", "\(stop) > stopping 1 down", "\(stop) > stopping 1 up", "ignored > running 1 up",
                "ignored > running 1 up", "\(crashed) > waiting 1 up", "ignored > running 1 up", "- > running 1 up",
                "- > running 1 up",
            ]
        ),
        Row(
            .stopping(1),
            "down",
            [
                "- > stopping 1 up", "- > stopping 1 down", "- > stopping 1 up", "- > stopping 1 down",
                "start failed 1, cancel kill, stopped > stopped down",
                "ended 1 as asked, clear 1 > clearing 1 stopped down", "ignored > stopping 1 down",
                "- > stopping 1 down", "\(killed) > stopping 1 down",
            ]
        ),
        Row(
            .stopping(1),
            "up",
            [
                "- > stopping 1 up", "- > stopping 1 down", "- > stopping 1 up", "- > stopping 1 up",
                "start failed 1, cancel kill, spawn 2 user-start > starting 2 user-start up",
                "ended 1 as asked, clear 1 > clearing 1 startAgain up", "ignored > stopping 1 up", "- > stopping 1 up",
                "\(killed) > stopping 1 up",
            ]
        ),
        clearing(.stopped, "down", "stopped > stopped down"),
        clearing(.finished, "down", "finished > stopped down"),
        clearing(.errored, "down", "gave up after 0 > errored down"),
        clearing(.startAgain, "up", "spawn 2 user-start > starting 2 user-start up"),
        waiting(isDelayOver: false, cleared: "cancel kill > waiting 1 cleared up"),
        waiting(
            isDelayOver: true,
            cleared: "cancel kill, spawn 2 supervisor-restart > starting 2 supervisor-restart up"
        ),
        waitingWithoutLeftovers(isDelayOver: false, cleared: "cancel kill > waiting 1 cleared up"),
        // No event leads here, yet it must not be a dead end.
        waitingWithoutLeftovers(
            isDelayOver: true,
            cleared: "cancel kill, spawn 2 supervisor-restart > starting 2 supervisor-restart up"
        ),
    ]

    /// The user's events where nothing is alive.
    private static func settled(_ afterStop: String, _ told: String = "-") -> [String] {
        [
            "spawn 2 user-start > starting 2 user-start up", "\(told) > \(afterStop)",
            "spawn 2 user-restart > starting 2 user-restart up",
        ]
    }

    /// The events of a life where nothing is alive.
    private static func ignoredEvents(_ state: String) -> [String] {
        Array(repeating: "ignored > \(state)", count: 4) + Array(repeating: "- > \(state)", count: 2)
    }

    private static func clearing(_ then: ProcessLifecycle.Settlement, _ wish: String, _ cleared: String) -> Row {
        let same = "clearing 1 \(then) \(wish)"
        return Row(
            .clearing(1, then: then),
            wish,
            [
                "- > clearing 1 startAgain up", "- > clearing 1 stopped down", "- > clearing 1 startAgain up",
                "- > \(same)", "ignored > \(same)", "ignored > \(same)", "cancel kill, \(cleared)", "- > \(same)",
                "\(killed) > \(same)",
            ]
        )
    }

    private static func waiting(isDelayOver: Bool, cleared: String) -> Row {
        let same = isDelayOver ? "waiting 1 due up" : "waiting 1 up"
        return Row(
            .waiting(1, isDelayOver: isDelayOver, isCleared: false),
            "up",
            [
                "cancel restart, cancelled > clearing 1 startAgain up",
                "cancel restart, cancelled > clearing 1 stopped down",
                "cancel restart, cancelled > clearing 1 startAgain up", "- > \(same)", "ignored > \(same)",
                "ignored > \(same)", cleared, "cancel kill, kill 1 > waiting 1 due up", "kill 1 > \(same)",
            ]
        )
    }

    private static func waitingWithoutLeftovers(isDelayOver: Bool, cleared: String) -> Row {
        let same = isDelayOver ? "waiting 1 due cleared up" : "waiting 1 cleared up"
        return Row(
            .waiting(1, isDelayOver: isDelayOver, isCleared: true),
            "up",
            [
                "cancel restart, cancelled, spawn 2 user-start > starting 2 user-start up",
                "cancel restart, cancelled, stopped > stopped down",
                "cancel restart, cancelled, spawn 2 user-restart > starting 2 user-restart up", "- > \(same)",
                "ignored > \(same)", "ignored > \(same)", cleared,
                "spawn 2 supervisor-restart > starting 2 supervisor-restart up", "- > \(same)",
            ]
        )
    }
}

private func short(_ state: State) -> String {
    switch state {
    case .stopped: "stopped"
    case .errored: "errored"
    case .starting(let life, let reason): "starting \(life) \(reason.rawValue)"
    case .running(let life): "running \(life)"
    case .stopping(let life): "stopping \(life)"
    case .clearing(let life, let settlement): "clearing \(life) \(settlement)"
    case .waiting(let life, let isDelayOver, let isCleared):
        "waiting \(life)\(isDelayOver ? " due" : "")\(isCleared ? " cleared" : "")"
    }
}

private func short(_ action: Action) -> String {
    switch action {
    case .spawn(let life, let reason): "spawn \(life) \(reason.rawValue)"
    case .signalLife(let life): "signal \(life)"
    case .killLife(let life): "kill \(life)"
    case .clearLife(let life, let isSignalled): "clear \(life)\(isSignalled ? "" : " with signal")"
    case .armTimer(let timer, let life, let delay): "arm \(timer) \(life) \(DurationText.format(delay))"
    case .cancelTimer(let timer): "cancel \(timer)"
    case .report(let report): short(report)
    }
}

private func short(_ report: ProcessLifecycle.Report) -> String {
    switch report {
    case .online(let life): "online \(life)"
    case .stopping(let life): "stopping \(life)"
    case .killTimeoutPassed(let life): "kill timeout \(life)"
    case .ended(let life, _, _, let wasAsked): "ended \(life)\(wasAsked ? " as asked" : "")"
    case .waiting(let attempt, let delay): "attempt \(attempt) in \(DurationText.format(delay))"
    case .restartCancelled: "cancelled"
    case .gaveUp(let restarts): "gave up after \(restarts)"
    case .finished: "finished"
    case .stopped: "stopped"
    case .startFailed(let life): "start failed \(life)"
    case .ignored: "ignored"
    }
}
