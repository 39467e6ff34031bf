import CLinux
import GopmLifecycle
import GopmModel
import GopmSystem
import Logging
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Taking over the living programs of a supervisor that is gone.
///
/// The same code runs after a crash and after a hot reboot. A process is recognised by its life id, and by its pid only
/// together with its start time and the boot id; what can't be recognised is left alone.
extension Supervisor {
    /// Registers what was saved and goes on where the last supervisor was.
    func adopt(_ saved: SavedState, _ held: HeldForUs) {
        var held = held
        var adopted: [(ManagedProcess, Life)] = []
        for record in saved.records {
            var record = record
            mendPaths(of: &record)
            let process = ManagedProcess(record: record, lifecycle: machine(for: record))
            insert(process)
            if let life = record.life { adopted.append((process, life)) }
        }
        reserveIDs(below: saved.nextID)
        // Streams first, so that what a program wrote before its end is in its log before the news of it.
        for (process, life) in adopted {
            process.logs = logService.adopt(process, life, held.streams.removeValue(forKey: process.id) ?? [])
        }
        logService.freeUnusedSlots(except: processes.compactMap(\.logs))
        for (process, life) in adopted {
            let name = HeldForUs.lifeName(process.id, life.generation)
            goOn(process, life, held.lives.removeValue(forKey: name))
        }
        held.discard(from: holder)
    }

    private func machine(for record: ProcessRecord) -> ProcessLifecycle {
        var state = ProcessLifecycle.State.stopped
        if let life = record.life {
            state =
                life.restartDue > 0
                ? .waiting(life.generation, isDelayOver: false, isCleared: false) : .running(life.generation)
        } else if record.state == .errored {
            state = .errored
        }
        return ProcessLifecycle(
            policy: record.spec.policy,
            state: state,
            wantsUp: record.wantsUp,
            restarts: record.counters.restarts,
            generation: max(record.counters.instance, record.life?.generation ?? 0)
        )
    }

    private func goOn(_ process: ManagedProcess, _ life: Life, _ pidfd: Int32?) {
        if life.restartDue > 0 {
            if let pidfd { close(pidfd) }
            let left = Duration.nanoseconds(max(life.restartDue - Clock.boot, 0))
            perform(.armTimer(.restart, life.generation, after: left), for: process)
            // How long the leftovers have had the signal is not known: they get their whole time again.
            let killTimeout = process.lifecycle.policy.killTimeout
            perform(.armTimer(.kill, life.generation, after: killTimeout), for: process)
            perform(.clearLife(life.generation, isSignalled: false), for: process)
            if !process.lifecycle.wantsUp { post(.stopRequested, to: process) }
            log(.info, "pending restart adopted", of: process, ["delay": DurationText.format(left)])
            return
        }
        guard let main = MainProcess.find(life, pidfd) else {
            if let pidfd { close(pidfd) }
            notFound(process, life)
            return
        }
        follow(main, life, of: process)
    }

    private func follow(_ main: MainProcess, _ life: Life, of process: ManagedProcess) {
        process.record.life?.pid = main.pid
        process.record.life?.startTicks = main.startTicks
        process.child = ManagedProcess.Child(
            pid: main.pid,
            pidfd: main.pidfd,
            generation: life.generation,
            startedBoot: life.startedBoot
        )
        if process.record.startedAt == nil { process.record.startedAt = Timestamp(nanoseconds: Clock.wall) }
        process.record.counters.instance = life.generation
        process.startReason = .adopt
        process.record.memory = ProcMemory.residentBytes(of: main.pid) ?? 0
        log(
            .info,
            "process adopted",
            of: process,
            ["pid": "\(main.pid)", "reason": "adopt", "instance": "\(life.generation)"]
        )
        onStart()
        holder.keepLife(of: process.id, life.generation, main.pidfd)
        // A stop that was under way goes on, before the news of an end that it may have brought.
        if !process.lifecycle.wantsUp { post(.stopRequested, to: process) }
        watchEnd(of: process, main.pidfd, life.generation)
    }

    /// Nothing of the main process is left, not even a zombie or a pidfd that would tell how it ended.
    private func notFound(_ process: ManagedProcess, _ life: Life) {
        guard life.pid > 0 else {
            // The last supervisor ended between its decision to spawn and the spawn.
            log(.info, "life was never started", of: process, ["instance": "\(life.generation)"])
            process.record.life = nil
            process.lifecycle = ProcessLifecycle(
                policy: process.record.spec.policy,
                wantsUp: process.lifecycle.wantsUp,
                restarts: process.lifecycle.restarts,
                generation: life.generation
            )
            return
        }
        if !process.lifecycle.wantsUp { post(.stopRequested, to: process) }
        log(.warning, "process ended unseen", of: process, ["pid": "\(life.pid)", "instance": "\(life.generation)"])
        let ranFor = Duration.nanoseconds(max(Clock.boot - life.startedBoot, 0))
        post(.exited(life.generation, .unknown, ranFor: ranFor), to: process)
    }

    /// Stores all that must be held.
    func storeAll() {
        for process in processes {
            if let logs = process.logs { keepStreams(logs) }
            if let child = process.child { holder.keepLife(of: process.id, child.generation, child.pidfd) }
        }
    }

    /// Gives the holder read ends of a process's FIFOs.
    func keepStreams(_ logs: ProcessLogs) {
        let ends = logs.fifos.compactMap { try? Fifo.openReadEnd($0) }
        holder.keepStreams(of: logs.processID, ends)
        for end in ends { close(end) }
    }
}

/// The main process of a life that an earlier supervisor started.
struct MainProcess {
    var pid: Int32
    /// Owned by the receiver.
    var pidfd: Int32
    var startTicks: UInt64

    /// `pidfd`: the one that was kept, which becomes part of the result.
    ///
    /// Returns `nil` if the process is gone without a trace.
    static func find(_ life: Life, _ pidfd: Int32?) -> MainProcess? {
        // A pidfd that was open all the time still names the process, also long after it was reaped.
        if let pidfd, life.pid > 0 { return MainProcess(pid: life.pid, pidfd: pidfd, startTicks: life.startTicks) }
        if life.pid > 0 {
            guard let stat = ProcStat.read(life.pid), life.startTicks == 0 || stat.startTicks == life.startTicks else {
                return nil
            }
            guard LifeScan.lifeID(of: life.pid) == life.lifeID || stat.isZombie else { return nil }
            return open(life.pid, stat.startTicks)
        }
        // The pid was not written any more: the leader of the session that the child made is the main process.
        let leader = LifeScan.members(of: [life.lifeID]).first { getsid($0.pid) == $0.pid }
        guard let leader, let stat = ProcStat.read(leader.pid) else { return nil }
        return open(leader.pid, stat.startTicks)
    }

    private static func open(_ pid: Int32, _ startTicks: UInt64) -> MainProcess? {
        let pidfd = gopm_pidfd_open(pid)
        return pidfd >= 0 ? MainProcess(pid: pid, pidfd: pidfd, startTicks: startTicks) : nil
    }
}
