import GopmLifecycle
import GopmModel
import SeededRandom

/// Programs, timers and the roads that events travel, as far as a machine can tell; it carries out the machine's
/// actions and refuses those that a correct one never orders.
struct ModelWorld {
    /// What is alive of one life.
    private struct Life {
        enum Main { case cloned, running, ended }

        let reason: StartReason
        var main = Main.cloned
        /// Other processes of the life.
        var others = 0
        /// Ends by SIGKILL only.
        let isStubborn: Bool
        var isSignalled = false
        var isKilled = false
        var isClearing = false
        var isClearedTold = false
        /// A wish of the user that ends the life came while it was the newest.
        var isEndAsked = false
        var onlineReports = 0
        var endReports = 0

        var isAlive: Bool { main != .ended || others > 0 }
    }

    private struct Step {
        let before: State
        let event: Event
        let after: State
        let actions: [Action]
    }

    private(set) var machine: ProcessLifecycle
    /// What the machine did wrong; the world stands still from then on.
    private(set) var problem: String?
    /// The last steps.
    private var steps: [Step] = []
    private var random: SeededGenerator
    private var lives: [Life] = []
    private var armed: [ProcessLifecycle.Timer: Generation] = [:]
    /// Events that happened and have not arrived.
    private var underWay: [Event] = []
    private var delivered: [Event] = []
    private var isLastWishUp = false
    /// The machine may end a wish by its policy; `false` for a policy that never does.
    private let mayGiveUp: Bool
    private var hasUserStartFailed = false

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        var policy = RestartPolicy()
        policy.mode = random.pick([.always, .always, .onFailure, .never])
        policy.maxRestarts = random.pick([0, 0, 1, 3])
        policy.noRestartOnExit = random.pick([[], [], [2]])
        policy.usesBackoff = random.chance(50)
        mayGiveUp = policy.mode != .always || policy.maxRestarts > 0 || !policy.noRestartOnExit.isEmpty
        machine = ProcessLifecycle(policy: policy)
    }
}

// MARK: - Running

extension ModelWorld {
    /// Lets one thing happen.
    mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<8: wish(random.pick([.startRequested(.userStart), .stopRequested, .restartRequested]))
        case 8..<45: deliverOne()
        case 45..<52: deliverStale()
        case 52..<64: exec(fails: random.chance(20))
        case 64..<72: endMain(isAsked: false)
        case 72..<82: endMain(isAsked: true)
        case 82..<86: fork()
        case 86..<93: endOther(isAsked: random.chance(70))
        default: fireTimer()
        }
        check()
    }

    /// Lets everything that is under way come to its end; nobody wishes anything and no program ends by itself.
    mutating func settle() {
        for _ in 0..<2_000 where problem == nil {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: deliverOne()
            case 1: exec(fails: false)
            case 2: endMain(isAsked: true)
            default: endOther(isAsked: true)
            }
            check()
            let isQuiet = underWay.isEmpty && !canSomethingEnd && lives.last?.main != .cloned
            if isQuiet {
                if armed.isEmpty { return checkSettled() }
                // Time passes only when nothing else happens.
                fireTimer()
            }
        }
        fail("does not settle")
    }

    private var canSomethingEnd: Bool {
        guard let life = lives.last else { return false }
        return life.isAlive && (life.isKilled || life.isSignalled && !life.isStubborn)
    }

    private mutating func fail(_ text: String) {
        if problem == nil { problem = text }
    }

    /// The last steps, for people.
    var history: String {
        steps.suffix(25).map { "\($0.before) + \($0.event) -> \($0.after) \($0.actions)" }.joined(separator: "\n")
    }
}

// MARK: - What happens

extension ModelWorld {
    private mutating func wish(_ event: Event) {
        isLastWishUp = event != .stopRequested
        if isLastWishUp { hasUserStartFailed = false }
        if !lives.isEmpty, event != .startRequested(.userStart) { lives[lives.count - 1].isEndAsked = true }
        send(event)
    }

    private mutating func deliverOne() {
        guard !underWay.isEmpty else { return }
        let event = underWay.remove(at: Int.random(in: underWay.indices, using: &random))
        delivered.append(event)
        send(event)
    }

    /// An event of an old life, true or not, or once more one that came already.
    private mutating func deliverStale() {
        if random.chance(40), !delivered.isEmpty { return send(random.pick(delivered)) }
        guard machine.generation > 0 else { return }
        let old = Int.random(in: 0..<machine.generation, using: &random)
        send(
            random.pick([
                .spawned(old), .spawnFailed(old), exit(of: old), .lifeCleared(old), .timerFired(.restart, old),
                .timerFired(.kill, old),
            ])
        )
    }

    private mutating func exec(fails: Bool) {
        guard lives.last?.main == .cloned else { return }
        lives[lives.count - 1].main = fails ? .ended : .running
        underWay.append(fails ? .spawnFailed(lives.count) : .spawned(lives.count))
    }

    private mutating func endMain(isAsked: Bool) {
        guard let life = lives.last, life.main != .ended else { return }
        if isAsked {
            guard life.isKilled || life.isSignalled && !life.isStubborn else { return }
        } else {
            guard life.main == .running else { return }
        }
        lives[lives.count - 1].main = .ended
        underWay.append(exit(of: lives.count))
        tellCleared()
    }

    private mutating func exit(of life: Generation) -> Event {
        let statuses: [ExitStatus] = [
            .exited(code: 0), .exited(code: 1), .exited(code: 2), .signaled(.kill, coreDumped: false), .unknown,
        ]
        return .exited(life, random.pick(statuses), ranFor: .seconds(random.pick([0, 1, 4, 5, 600])))
    }

    private mutating func fork() {
        guard let life = lives.last, !life.isKilled, life.main == .running || life.others > 0 else { return }
        lives[lives.count - 1].others += 1
    }

    private mutating func endOther(isAsked: Bool) {
        guard let life = lives.last, life.others > 0 else { return }
        if isAsked, !life.isKilled, !life.isSignalled || life.isStubborn { return }
        lives[lives.count - 1].others -= 1
        tellCleared()
    }

    private mutating func fireTimer() {
        let timers = ProcessLifecycle.Timer.allCases.filter { armed[$0] != nil }
        guard !timers.isEmpty else { return }
        let timer = random.pick(timers)
        if let life = armed.removeValue(forKey: timer) { underWay.append(.timerFired(timer, life)) }
    }

    private mutating func tellCleared() {
        guard let life = lives.last, life.isClearing, !life.isAlive, !life.isClearedTold else { return }
        lives[lives.count - 1].isClearedTold = true
        underWay.append(.lifeCleared(lives.count))
    }
}

// MARK: - What the machine orders

extension ModelWorld {
    private mutating func send(_ event: Event) {
        guard problem == nil else { return }
        let before = machine
        let actions = machine.handle(event)
        steps.append(Step(before: before.state, event: event, after: machine.state, actions: actions))
        if let life = event.life, life != before.generation, !actions.isOnlyIgnored || machine != before {
            fail("an event of another life changed something")
        }
        for action in actions where problem == nil { perform(action) }
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .spawn(let life, let reason): spawn(life, reason)
        case .signalLife(let life): order(life, "signal") { $0.isEndAsked ? nil : "nobody asked for its end" }
        case .killLife(let life):
            order(life, "kill") { $0.main == .ended || $0.isSignalled ? nil : "it never had the stop signal" }
        case .clearLife(let life, let isSignalled): clear(life, isSignalled: isSignalled)
        case .armTimer(let timer, let life, _):
            if armed[timer] != nil { fail("timer \(timer) armed twice") }
            if life != lives.count { fail("timer \(timer) armed for life \(life)") }
            armed[timer] = life
        case .cancelTimer(let timer):
            // Now and then it had fired already.
            if let life = armed.removeValue(forKey: timer), random.chance(20) {
                underWay.append(.timerFired(timer, life))
            }
        case .report(let report): hear(report)
        }
    }

    private mutating func spawn(_ life: Generation, _ reason: StartReason) {
        if life != lives.count + 1 { fail("life \(life) spawned after \(lives.count)") }
        if lives.contains(where: \.isAlive) { fail("a second copy") }
        if !isLastWishUp { fail("spawned after a stop") }
        if !armed.isEmpty { fail("spawned with a timer armed") }
        lives.append(Life(reason: reason, isStubborn: random.chance(30)))
    }

    /// Signals the newest life unless the rule objects.
    private mutating func order(_ life: Generation, _ what: String, _ objection: (Life) -> String?) {
        guard (1...max(lives.count, 1)).contains(life), life == lives.count else {
            return fail("\(what) to life \(life) of \(lives.count)")
        }
        if let text = objection(lives[life - 1]) { fail("\(what) to life \(life): \(text)") }
        if what == "kill" { lives[life - 1].isKilled = true } else { lives[life - 1].isSignalled = true }
    }

    private mutating func clear(_ life: Generation, isSignalled: Bool) {
        guard life == lives.count, life > 0 else { return fail("clear life \(life) of \(lives.count)") }
        let found = lives[life - 1]
        if found.main != .ended { fail("life \(life) cleared while its main process is alive") }
        if found.isClearing { fail("life \(life) cleared twice") }
        if isSignalled, !found.isSignalled { fail("the leftovers of \(life) never had the stop signal") }
        lives[life - 1].isClearing = true
        lives[life - 1].isSignalled = true
        tellCleared()
    }

    private mutating func hear(_ report: ProcessLifecycle.Report) {
        switch report {
        case .online(let life):
            lives[life - 1].onlineReports += 1
            if lives[life - 1].onlineReports > 1 { fail("online twice") }
        case .ended(let life, _, _, let wasAsked):
            lives[life - 1].endReports += 1
            if lives[life - 1].endReports > 1 { fail("ended twice") }
            if wasAsked, !lives[life - 1].isEndAsked { fail("end was not asked for") }
        case .waiting(let attempt, _):
            let limit = machine.policy.maxRestarts
            if limit > 0, attempt > limit { fail("attempt \(attempt) of \(limit)") }
        case .startFailed(let life):
            if lives[life - 1].reason == .userStart, !machine.wantsUp { hasUserStartFailed = true }
        case .stopped, .finished, .gaveUp:
            if lives.contains(where: \.isAlive) { fail("told of the end while something is alive") }
        case .stopping, .killTimeoutPassed, .restartCancelled, .ignored: break
        }
    }
}

// MARK: - What must hold

extension ModelWorld {
    /// What holds after each step.
    private mutating func check() {
        guard problem == nil else { return }
        if machine.generation != lives.count { fail("the machine is at life \(machine.generation)") }
        if machine.wantsUp, !isLastWishUp { fail("wants up after a stop") }
        if isLastWishUp, !machine.wantsUp, !mayGiveUp, !hasUserStartFailed { fail("a wish was lost") }
        if let text = contradiction() { fail("\(machine.state), but \(text)") }
    }

    /// Where the machine's state and the world differ although no event that tells of it is under way.
    private func contradiction() -> String? {
        guard let life = lives.last else { return machine.state == .stopped ? nil : "nothing was ever spawned" }
        let isTold = underWay.contains { $0.life == lives.count && $0.isOfMain }
        switch machine.state {
        case .stopped, .errored:
            return life.isAlive ? "something is alive" : armed.isEmpty ? nil : "a timer is armed"
        case .starting(let id, _), .running(let id):
            if id != lives.count || life.main == .ended && !isTold { return "the main process is not alive" }
            return armed.isEmpty ? nil : "a timer is armed"
        case .stopping:
            if life.main == .ended, !isTold { return "the main process has ended" }
            return !life.isSignalled ? "it was not signalled" : isKillSure(life) ? nil : "no SIGKILL will come"
        case .clearing:
            return !life.isClearing ? "it is not cleared" : isKillSure(life) ? nil : "no SIGKILL will come"
        case .waiting(_, let isDelayOver, let isCleared):
            if isCleared, life.isAlive { return "something is alive" }
            if !isCleared, !life.isClearing { return "it is not cleared" }
            if !isCleared, !isKillSure(life) { return "no SIGKILL will come" }
            return isDelayOver || isDue(.restart) ? nil : "no restart will come"
        }
    }

    /// Whether SIGKILL was sent, will be, or need not be.
    private func isKillSure(_ life: Life) -> Bool { !life.isAlive || life.isKilled || isDue(.kill) }

    private func isDue(_ timer: ProcessLifecycle.Timer) -> Bool {
        armed[timer] == lives.count || underWay.contains(.timerFired(timer, lives.count))
    }

    /// What holds when nothing is under way any more.
    private mutating func checkSettled() {
        let isAlive = lives.contains(where: \.isAlive)
        switch machine.state {
        case .running where machine.wantsUp && lives.last?.main == .running: break
        case .stopped where !machine.wantsUp && !isAlive: break
        case .errored where !machine.wantsUp && !isAlive && machine.policy.maxRestarts > 0: break
        default: fail("settled as \(machine.state), wants up: \(machine.wantsUp), alive: \(isAlive)")
        }
    }
}

extension Event {
    /// The life that an event is of.
    fileprivate var life: Generation? {
        switch self {
        case .startRequested, .stopRequested, .restartRequested: nil
        case .spawned(let life), .spawnFailed(let life), .lifeCleared(let life): life
        case .exited(let life, _, _): life
        case .timerFired(_, let life): life
        }
    }

    /// Whether it tells that the main process is gone.
    fileprivate var isOfMain: Bool {
        switch self {
        case .spawnFailed, .exited: true
        case .startRequested, .stopRequested, .restartRequested, .spawned, .lifeCleared, .timerFired: false
        }
    }
}
