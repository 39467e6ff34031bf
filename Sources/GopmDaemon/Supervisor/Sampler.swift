import CLinux
import GopmLifecycle
import GopmModel
import GopmSystem

/// CPU and memory of the main processes, at regular intervals.
@SupervisorActor
final class Sampler {
    private let interval: Duration
    private unowned let supervisor: Supervisor
    private lazy var timer = LoopTimer { [unowned self] in sample() }
    private var lastSample: Int64
    private var isSoon = false

    init(_ supervisor: Supervisor, every interval: Duration) {
        self.supervisor = supervisor
        self.interval = interval
        lastSample = Clock.boot
    }

    func start() {
        soon()
    }

    /// Brings the next sample forward: a program that was just started shows its memory in the first list already.
    func soon() {
        guard !isSoon else { return }
        isSoon = true
        timer.arm(after: .milliseconds(200))
    }

    private func sample() {
        let now = Clock.boot
        let elapsed = now - lastSample
        if isSoon {
            isSoon = false
            // Starts are what leaves memory behind, of programs and our own: a program's stack and strings until its exec,
            // code that rarely runs.
            gopm_settle_memory()
        }
        lastSample = now
        for process in supervisor.processes {
            guard let child = process.child, case .running = process.lifecycle.state else { continue }
            // The child is not reaped, so its pid is still its own.
            let cpu = gopm_cpu_time_of(child.pid)
            if cpu >= 0, process.lastCPUTime >= 0, elapsed > 0 {
                let percent = Double(cpu - process.lastCPUTime) * 100 / Double(elapsed)
                process.record.cpuPercent = (max(percent, 0) * 10).rounded() / 10
            }
            process.lastCPUTime = cpu
            process.record.memory = ProcMemory.residentBytes(of: child.pid) ?? process.record.memory
        }
        timer.arm(after: interval)
    }
}
