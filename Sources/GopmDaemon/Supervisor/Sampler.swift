import CLinux
import GopmLifecycle
import GopmModel
import GopmProcfs
import GopmSystem

/// CPU and memory of the main processes, at regular intervals and a moment after a start.
@SupervisorActor
final class Sampler {
    private let interval: Duration
    private unowned let supervisor: Supervisor
    private lazy var timer = LoopTimer { [unowned self] in sample() }
    private var lastSample: Int64
    private var nextRegular: Int64 = 0
    private var isSoon = false
    /// Regular samples until memory is settled once more.
    private var samplesToSettle = 0
    /// Told after each sample; `isRegular` is false for one that a start brought forward.
    var onSample: @SupervisorActor (_ isRegular: Bool) -> Void = { _ in }

    private static let early = Duration.milliseconds(200)
    /// Regular samples after a start until its last looks for ports and its saves are over.
    private static let settlingSamples = 3

    /// Two samples that are nearer to each other than this would say little about the CPU.
    private static let nearest = Duration.milliseconds(100)

    init(_ supervisor: Supervisor, every interval: Duration) {
        self.supervisor = supervisor
        self.interval = interval
        lastSample = Clock.boot
    }

    func start() {
        nextRegular = Clock.boot + Sampler.early.wholeNanoseconds
        soon()
    }

    /// Adds a sample: a program that was just started shows its memory in the first list already.
    func soon() {
        guard !isSoon else { return }
        isSoon = true
        let left = Duration.nanoseconds(nextRegular - Clock.boot)
        timer.arm(after: left < Sampler.early + Sampler.nearest ? left : Sampler.early)
    }

    private func sample() {
        let now = Clock.boot
        if isSoon {
            isSoon = false
            // Starts are what leaves memory behind, of programs and our own: a program's stack and strings until its exec,
            // code that rarely runs.
            gopm_settle_memory()
            samplesToSettle = Sampler.settlingSamples
        }
        let elapsed = now - lastSample
        lastSample = now
        for process in supervisor.processes { look(at: process, elapsed: elapsed) }
        let isRegular = now >= nextRegular
        if isRegular {
            // The rhythm does not drift; what a suspended machine has missed is left out.
            nextRegular = max(nextRegular + interval.wholeNanoseconds, now + 1)
            if samplesToSettle > 0 {
                samplesToSettle -= 1
                if samplesToSettle == 0 { gopm_settle_memory() }
            }
        }
        timer.arm(after: .nanoseconds(nextRegular - now))
        onSample(isRegular)
    }

    private func look(at process: ManagedProcess, elapsed: Int64) {
        guard let child = process.child, case .running = process.lifecycle.state else { return }
        // The child is not reaped, so its pid is still its own.
        let cpu = gopm_cpu_time_of(child.pid)
        if cpu >= 0, process.lastCPUTime >= 0, elapsed > 0 {
            let percent = Double(cpu - process.lastCPUTime) * 100 / Double(elapsed)
            process.record.cpuPercent = (max(percent, 0) * 10).rounded() / 10
        }
        process.lastCPUTime = cpu
        process.record.memory = ProcMemory.residentBytes(of: child.pid) ?? process.record.memory
        if process.startReason == .adopt, process.memoryPeak == 0 {
            // What it was before this supervisor.
            process.memoryPeak = ProcessResources.peakMemory(of: child.pid) ?? 0
        }
        process.memoryPeak = max(process.memoryPeak, process.record.memory)
        supervisor.logService.count(process)
    }
}
