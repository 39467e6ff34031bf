import GopmLifecycle
import GopmModel
import GopmSystem
import Logging

/// The orders of the machine, carried out.
extension Supervisor {
    func perform(_ action: ProcessLifecycle.Action, for process: ManagedProcess) {
        switch action {
        case .spawn(let generation, let reason):
            spawnLife(generation, reason, of: process)
        case .signalLife:
            signalLife(of: process)
        case .killLife:
            if let life = process.record.life { sweeper.kill(life) }
        case .clearLife(let generation, let isSignalled):
            clearLife(generation, of: process, signal: isSignalled ? nil : process.lifecycle.policy.killSignal)
        case .armTimer(let timer, let generation, let delay):
            arm(timer, generation, after: delay, for: process)
        case .cancelTimer(.restart):
            process.restartTimer?.cancel()
            process.record.life?.restartDue = 0
        case .cancelTimer(.kill):
            process.killTimer?.cancel()
        case .report(let report):
            tell(report, of: process)
        }
    }

    /// The group gets the signal from the kernel in one call, at once; whoever left the group is found by its life id.
    private func signalLife(of process: ManagedProcess) {
        guard let life = process.record.life else { return }
        let signal = process.lifecycle.policy.killSignal
        if let child = process.child { ProcessGroup.signal(leader: child.pid, pidfd: child.pidfd, signal.number) }
        sweeper.signal(life, signal, exceptGroup: process.child?.pid ?? 0)
        CrashPoint.afterStopSignal.pass()
    }

    private func clearLife(_ generation: Generation, of process: ManagedProcess, signal: Signal?) {
        guard let life = process.record.life else {
            post(.lifeCleared(generation), to: process)
            return
        }
        sweeper.clear(life, signal: signal) { [weak self, weak process] generation in
            guard let self, let process else { return }
            CrashPoint.afterLifeCleared.pass()
            post(.lifeCleared(generation), to: process)
        }
    }

    private func arm(
        _ timer: ProcessLifecycle.Timer,
        _ generation: Generation,
        after delay: Duration,
        for process: ManagedProcess
    ) {
        // A timer is made anew each time, as it carries the generation it was armed for.
        let made = LoopTimer { [weak self, weak process] in
            guard let self, let process else { return }
            post(.timerFired(timer, generation), to: process)
        }
        made.arm(after: delay)
        switch timer {
        case .restart:
            process.restartTimer = made
            process.record.life?.restartDue = Clock.boot + delay.wholeNanoseconds
            CrashPoint.beforeRestartNoted.pass()
            store.note(process.snapshot())
            CrashPoint.afterRestartNoted.pass()
        case .kill:
            process.killTimer = made
        }
    }
}
