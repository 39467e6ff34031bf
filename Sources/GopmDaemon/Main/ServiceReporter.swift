import CSystemd
import GopmModel

#if canImport(Glibc)
    import Glibc
#endif

/// What systemd hears of the daemon (sd_notify(3)): ready, reloading, stopping, alive, and a line on the programs.
@SupervisorActor
final class ServiceReporter {
    private let manager: ServiceManager
    /// The line on the programs as it is now.
    private let line: @SupervisorActor () -> String
    private var lastLine = ""
    private var isPaused = false
    private lazy var pause = LoopTimer { [unowned self] in
        isPaused = false
        changed()
    }
    private lazy var soon = LoopDeferred { [unowned self] in tell() }
    private lazy var pulse = LoopTimer { [unowned self] in beat() }
    private lazy var patience = LoopTimer { [unowned self] in askForTime() }
    private let pulseInterval: Duration

    private static let lineInterval = Duration.seconds(1)
    private static let patienceInterval = Duration.seconds(5)

    init(_ manager: ServiceManager, line: @escaping @SupervisorActor () -> String) {
        self.manager = manager
        self.line = line
        var limit: UInt64 = 0
        // A third of what systemd allows: two signs of life may come late.
        pulseInterval = sd_watchdog_enabled(0, &limit) > 0 ? .microseconds(Int64(clamping: limit / 3)) : .zero
    }

    /// Serving, at the start and after a hot reboot.
    func ready() {
        lastLine = line()
        // The PID is the same in a hot reboot; systemd need not take our word for it.
        manager.notify("READY=1\nMAINPID=\(getpid())\nSTATUS=\(lastLine)")
        if pulseInterval > .zero { beat() }
    }

    func reloading() {
        manager.notify("RELOADING=1\nSTATUS=making room for another gopmd")
    }

    /// A stop takes as long as the slowest program, which may be longer than the unit says.
    func stopping() {
        manager.notify("STOPPING=1")
        askForTime()
        changed()
    }

    /// The last word.
    func stopped() {
        patience.cancel()
        manager.notify("STATUS=stopped")
    }

    /// To be called whenever the line may be another.
    func changed() {
        if !isPaused { soon.schedule() }
    }

    /// At once, and then at most once a second.
    private func tell() {
        guard !isPaused else { return }
        let newLine = line()
        guard newLine != lastLine else { return }
        lastLine = newLine
        manager.notify("STATUS=\(newLine)")
        isPaused = true
        pause.arm(after: ServiceReporter.lineInterval)
    }

    /// From the loop itself: one that is stuck gives no sign of life.
    private func beat() {
        // Behind messages that systemd has not read yet another one would tell it nothing.
        if !manager.isBehind { manager.notify("WATCHDOG=1") }
        pulse.arm(after: pulseInterval)
    }

    private func askForTime() {
        manager.notify("EXTEND_TIMEOUT_USEC=30000000")
        patience.arm(after: ServiceReporter.patienceInterval)
    }
}

extension Supervisor {
    /// The state of all programs in a line for people, such as `12 online, 1 errored`.
    var summary: String {
        let counts = processes.reduce(into: [:]) { $0[$1.snapshot().state.status, default: 0] += 1 }
        let parts = ["online", "stopped", "errored"].compactMap { status in counts[status].map { "\($0) \(status)" } }
        let text = parts.isEmpty ? "no processes" : parts.joined(separator: ", ")
        return isShuttingDown ? "stopping: \(text)" : text
    }
}
