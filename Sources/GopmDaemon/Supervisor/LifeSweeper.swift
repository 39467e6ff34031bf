import GopmLifecycle
import GopmModel
import GopmSystem

/// Clears lives: signals and kills what is left of them, and tells when nothing is.
///
/// A process belongs to a life by its life id; where the life has a cgroup, also by that, which holds even a process
/// whose limits were reset (su does that).
/// One look at `/proc` serves all lives that are being cleared at that moment, and all wishes of one turn of the loop
/// share the first look: stopping 500 programs costs a few scans, not 500. While something is left the looks come at
/// growing intervals.
///
/// A crash does not wait for a look where an empty cgroup says that nothing is left: a look costs as much as there are
/// processes on the machine. What somebody with the right to do so has moved to another group is killed a second later.
@SupervisorActor
final class LifeSweeper {
    private struct Job {
        var generation: Generation
        /// The leader of the group that the kernel signalled already; 0 for none.
        var signalledGroup: Int32 = 0
        var pendingSignal: Signal?
        var kills = false
        var cgroup: Cgroup?
        /// Whether only a look at all processes can tell that nothing is left.
        var needsLook = false
        /// Called when nothing is left; until then the life is looked at.
        var whenClear: (@SupervisorActor (Generation) -> Void)?
    }

    private var jobs: [UInt64: Job] = [:]
    private var interval = LifeSweeper.shortest
    private lazy var soon = LoopDeferred { [unowned self] in sweep() }
    private lazy var later = LoopTimer { [unowned self] in sweep() }
    /// Lives that their cgroup says are over.
    private var strays: Set<UInt64> = []
    private lazy var strayLook = LoopTimer { [unowned self] in killStrays() }

    private static let shortest = Duration.milliseconds(1)
    private static let longest = Duration.milliseconds(50)
    private static let strayDelay = Duration.seconds(1)

    /// Sends a signal to each process of the life outside a group that has had it.
    func signal(_ life: Life, _ signal: Signal, exceptGroup group: Int32) {
        update(life) { job in
            job.pendingSignal = signal
            job.signalledGroup = group
            job.needsLook = true
        }
    }

    /// SIGKILL to all of the life at each look.
    func kill(_ life: Life) {
        update(life) { $0.kills = true }
    }

    /// Looks until nothing of the life is left.
    ///
    /// `signal`: For what is found at the first look; `nil` if the life has had its signal, when it was to stop.
    func clear(_ life: Life, signal: Signal?, whenClear: @escaping @SupervisorActor (Generation) -> Void) {
        update(life) { job in
            if let signal { job.pendingSignal = signal } else { job.needsLook = true }
            job.whenClear = whenClear
        }
    }

    private func update(_ life: Life, _ change: (inout Job) -> Void) {
        var job = jobs[life.lifeID] ?? Job(generation: life.generation, cgroup: life.cgroup.map { Cgroup(path: $0) })
        change(&job)
        jobs[life.lifeID] = job
        interval = LifeSweeper.shortest
        soon.schedule()
    }

    private func sweep() {
        clearEmptyGroups()
        guard !jobs.isEmpty else { return }
        var members: [UInt64: [LifeScan.Member]] = [:]
        for member in LifeScan.members(of: Set(jobs.keys)) { members[member.lifeID, default: []].append(member) }
        var cleared: [UInt64] = []
        for (lifeID, job) in jobs {
            let left = members[lifeID] ?? []
            act(on: left, job)
            if left.isEmpty, job.cgroup?.isPopulated != true {
                cleared.append(lifeID)
            } else if !job.kills, job.whenClear == nil {
                jobs[lifeID] = nil
            } else {
                jobs[lifeID]?.pendingSignal = nil
            }
        }
        end(cleared)
        guard !jobs.isEmpty else { return }
        later.arm(after: interval)
        interval = min(interval * 2, LifeSweeper.longest)
    }

    private func clearEmptyGroups() {
        let over = jobs.filter { $0.value.cgroup?.isPopulated == false && !$0.value.needsLook }.map(\.key)
        if strays.isEmpty, !over.isEmpty { strayLook.arm(after: LifeSweeper.strayDelay) }
        strays.formUnion(over)
        end(over)
    }

    private func end(_ lives: [UInt64]) {
        let ended = lives.compactMap { jobs.removeValue(forKey: $0) }
        for job in ended {
            job.cgroup?.remove()
            job.whenClear?(job.generation)
        }
    }

    private func killStrays() {
        for lifeID in strays { jobs[lifeID] = Job(generation: 0, kills: true, needsLook: true) }
        strays = []
        soon.schedule()
    }

    private func act(on members: [LifeScan.Member], _ job: Job) {
        if job.kills { job.cgroup?.kill() }
        if let signal = job.pendingSignal, let cgroup = job.cgroup {
            let known = Set(members.map(\.pid))
            for pid in cgroup.members where !known.contains(pid) && !LifeScan.isMember(pid, ofGroup: job.signalledGroup)
            {
                LifeScan.signal(pid, signal.number) { cgroup.members.contains(pid) }
            }
        }
        for member in members {
            if job.kills {
                LifeScan.signal(member, Signal.kill.number)
            } else if let signal = job.pendingSignal, !LifeScan.isMember(member.pid, ofGroup: job.signalledGroup) {
                LifeScan.signal(member, signal.number)
            }
        }
    }
}
