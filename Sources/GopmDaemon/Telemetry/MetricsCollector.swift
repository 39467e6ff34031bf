import GopmLifecycle
import GopmMetrics
import GopmModel
import GopmSystem
import GopmWire

#if canImport(Glibc)
    import Glibc
#endif

/// Makes numbers for telemetry of what the supervisor knows at one moment.
@SupervisorActor
struct MetricsCollector {
    let supervisor: Supervisor
    let daemon: DaemonInfo
    /// Living processes by life id, counted at this moment.
    private var members: [UInt64: Int] = [:]
    private let now = Clock.boot

    /// Looks at every process of the machine once, for the descendants of all programs.
    init(_ supervisor: Supervisor, _ daemon: DaemonInfo) {
        self.supervisor = supervisor
        self.daemon = daemon
        var members: [UInt64: Int] = [:]
        members.reserveCapacity(supervisor.processes.count)
        LifeScan.forEachProcess { _, life in members[life, default: 0] += 1 }
        self.members = members
    }

    static let host: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    func metrics(of process: ManagedProcess) -> ProcessMetrics {
        let (record, lifecycle) = (process.record, process.lifecycle)
        var metrics = ProcessMetrics(name: process.name, id: process.id, status: lifecycle.state.shown.status)
        let counters = record.counters
        metrics.restarts = lifecycle.restarts
        metrics.restartsSinceReset = counters.restartsSinceReset
        metrics.starts = counters.starts
        metrics.stops = counters.stops
        metrics.crashes = counters.crashes
        metrics.userRestarts = counters.userRestarts
        metrics.supervisorRestarts = counters.supervisorRestarts
        metrics.instance = counters.instance
        metrics.lastExitCode = Int(record.lastExit?.code ?? 0)
        metrics.lastRunMilliseconds = Int(counters.lastRunMilliseconds)
        if case .waiting = lifecycle.state { metrics.inRestartDelay = 1 }
        metrics.logBytes = counters.logBytes
        metrics.logRotations = counters.logRotations
        guard metrics.isOnline else { return metrics }
        metrics.pid = Int(process.child?.pid ?? 0)
        metrics.cpuTenths = process.cpuTenths
        metrics.memory = Int(record.memory)
        metrics.memoryPeak = Int(max(process.memoryPeak, record.memory))
        metrics.uptime = process.uptimeSeconds(now: now)
        metrics.children = children(of: process)
        metrics.listeners = record.listeners.count
        return metrics
    }

    func daemonMetrics() -> DaemonMetrics {
        var metrics = DaemonMetrics()
        for process in supervisor.processes {
            metrics.total += 1
            switch process.lifecycle.state.shown.status {
            case "online":
                metrics.online += 1
                metrics.children += children(of: process)
            case "errored": metrics.errored += 1
            default: metrics.stopped += 1
            }
        }
        let counters = supervisor.counters
        metrics.uptime = Int((now - daemon.startedBoot) / 1_000_000_000)
        metrics.requestErrors = counters[.requestErrors]
        metrics.stateSaves = counters[.stateSaves]
        metrics.stateSaveFailures = counters[.stateSaveFailures]
        metrics.resurrects = counters[.resurrects]
        metrics.zombieDetections = counters[.zombieDetections]
        metrics.monitorStales = counters[.monitorStales]
        metrics.restartCancels = counters[.restartCancels]
        return metrics
    }

    /// The methods that were asked for at least once.
    func requests() -> [(method: String, calls: Int)] {
        Method.allCases.compactMap { method in
            let calls = supervisor.counters[method]
            return calls > 0 ? (method.rawValue, calls) : nil
        }
    }

    func report() -> MetricsReport {
        var report = MetricsReport(host: MetricsCollector.host)
        report.processes = supervisor.processes.map { metrics(of: $0) }
        report.daemon = daemonMetrics()
        report.requests = requests()
        return report
    }

    private func children(of process: ManagedProcess) -> Int {
        guard let life = process.record.life else { return 0 }
        return max((members[life.lifeID] ?? 0) - 1, 0) + process.strangers
    }
}

extension ManagedProcess {
    func uptimeSeconds(now: Int64) -> Int {
        child.map { Int(max(now - $0.startedBoot, 0) / 1_000_000_000) } ?? 0
    }

    /// CPU of the main process in tenths of a percent.
    var cpuTenths: Int { Int((record.cpuPercent * 10).rounded()) }
}
