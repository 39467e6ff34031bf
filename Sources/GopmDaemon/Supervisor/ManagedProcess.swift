import GopmLifecycle
import GopmModel
import GopmSystem

/// One entry of the list: what is saved of it, the machine that decides, and the handles of its living program.
@SupervisorActor
final class ManagedProcess {
    let id: Int
    var record: ProcessRecord
    var lifecycle: ProcessLifecycle
    /// The main process from its spawn until it is reaped.
    var child: Child?
    /// The streams to the log thread, from the first spawn until it is down for good.
    var logs: ProcessLogs?
    /// The sentence for people when the last spawn failed.
    var startFailure = ""
    /// Why the newest life was started.
    var startReason = StartReason.userStart
    /// Being deleted: it takes no further wishes.
    var isLeaving = false
    var restartTimer: LoopTimer?
    var killTimer: LoopTimer?
    /// Runs while an adopted process has ended and its status is not known yet.
    var exitDeadline: LoopTimer?
    var isExitOverdue = false
    /// CPU time of the main process at the last sample, nanoseconds; -1 before the first.
    var lastCPUTime: Int64 = -1
    /// Highest resident memory of the main process of this life in bytes, as far as it was sampled.
    var memoryPeak: Int64 = 0
    /// Living processes of this life that its cgroup knows and its life id does not, when they were last counted.
    var strangers = 0
    /// What the user wanted when the supervisor began to stop everything: that is what is saved.
    var wishBeforeShutdown: Bool?
    private var waiters: [Waiter] = []

    init(record: ProcessRecord, lifecycle: ProcessLifecycle) {
        id = record.id
        self.record = record
        self.lifecycle = lifecycle
    }

    var name: String { record.spec.name }

    /// Whether its status is `online`.
    var isOnline: Bool { lifecycle.state.shown.status == "online" }

    /// How the last try to run it ended.
    var endSentence: String { startFailure.isEmpty ? record.lastExit?.sentence ?? "never started" : startFailure }

    /// The main process of a life.
    struct Child {
        var pid: Int32
        /// Closed when the child is reaped.
        var pidfd: Int32
        var generation: Generation
        /// The report pipe until the exec is known of.
        var spawned: SpawnedChild?
        /// What the report said, if the exec failed.
        var failure: SpawnFailure?
        /// `CLOCK_BOOTTIME` nanoseconds.
        var startedBoot: Int64
    }

    /// The living processes of its life, its main process first.
    ///
    /// One of a program with more children than anybody reads shows the first two hundred.
    func tree() -> ProcessTree {
        guard let life = record.life else { return ProcessTree([], main: 0) }
        let cgroup = life.cgroup.map { Cgroup(path: $0) }
        return ProcessTree.read(lifeID: life.lifeID, cgroup: cgroup, main: child?.pid ?? 0, limit: 200)
    }

    /// Moves the time of the start along when the wall clock was set, so that the uptime stays what it is.
    private func followWallClock() {
        guard let child, let shown = record.startedAt else { return }
        let counted = Timestamp(nanoseconds: Clock.wall - (Clock.boot - child.startedBoot))
        if abs(counted.nanoseconds - shown.nanoseconds) > 2_000_000_000 { record.startedAt = counted }
    }

    /// The record as clients see it now.
    func snapshot() -> ProcessRecord {
        followWallClock()
        var now = record
        now.wantsUp = wishBeforeShutdown ?? lifecycle.wantsUp
        now.counters.restarts = lifecycle.restarts
        now.state = lifecycle.state.shown
        if now.state == .waiting {
            let left = max((record.life?.restartDue ?? 0) - Clock.boot, 0) / 100_000_000 * 100_000_000
            now.reason = "restart \(lifecycle.restarts) in \(DurationText.format(.nanoseconds(left)))"
        }
        now.pid = child?.pid ?? 0
        if now.state.status != "online" {
            now.memory = 0
            now.cpuPercent = 0
            now.listeners = []
        }
        return now
    }
}

extension ProcessLifecycle.State {
    /// As people see it.
    var shown: ProcessState {
        switch self {
        case .stopped: .stopped
        case .errored: .errored
        case .starting: .starting
        case .running: .running
        case .stopping, .clearing: .stopping
        case .waiting: .waiting
        }
    }
}

// MARK: - Waiting for a state

extension ManagedProcess {
    private struct Waiter {
        let token: Int
        let condition: @SupervisorActor (ManagedProcess) -> Bool
        let continuation: CheckedContinuation<Bool, Never>
        let timer: LoopTimer
    }

    private static var nextToken = 0

    /// Waits until a condition holds; it is looked at now and after each event of this process.
    ///
    /// - Returns: Whether it came to hold before the deadline.
    func wait(atMost deadline: Duration, until condition: @escaping @SupervisorActor (ManagedProcess) -> Bool) async
        -> Bool
    {
        if condition(self) { return true }
        return await withCheckedContinuation { continuation in
            ManagedProcess.nextToken += 1
            let token = ManagedProcess.nextToken
            let timer = LoopTimer { [unowned self] in resume(token, with: false) }
            waiters.append(Waiter(token: token, condition: condition, continuation: continuation, timer: timer))
            timer.arm(after: deadline)
        }
    }

    /// To be called after each change: wakes those whose condition holds now.
    func wakeWaiters() {
        guard !waiters.isEmpty else { return }
        for waiter in waiters where waiter.condition(self) { resume(waiter.token, with: true) }
    }

    private func resume(_ token: Int, with result: Bool) {
        guard let index = waiters.firstIndex(where: { $0.token == token }) else { return }
        let waiter = waiters.remove(at: index)
        waiter.timer.cancel()
        waiter.continuation.resume(returning: result)
    }
}
