/// The numbers of one process at one moment.
package struct ProcessMetrics: Sendable, Hashable {
    package var name: String
    package var id: Int
    /// `online`, `stopped` or `errored`.
    package var status: String

    package var pid = 0
    package var cpuTenths = 0
    package var memory = 0
    package var memoryPeak = 0
    package var uptime = 0
    package var children = 0
    package var restarts = 0
    package var restartsSinceReset = 0
    package var starts = 0
    package var stops = 0
    package var crashes = 0
    package var userRestarts = 0
    package var supervisorRestarts = 0
    package var instance = 0
    package var lastExitCode = 0
    package var lastRunMilliseconds = 0
    package var inRestartDelay = 0
    package var logBytes = 0
    package var logRotations = 0
    package var listeners = 0

    package init(name: String, id: Int, status: String) {
        self.name = name
        self.id = id
        self.status = status
    }

    package var isOnline: Bool { status == "online" }

    package static let all: [Metric<ProcessMetrics>] = [
        Metric("pid", .gauge, \.pid, "PID of the main process.", needsLife: true),
        Metric(
            "cpu",
            .gauge,
            \.cpuTenths,
            "CPU of the main process in percent; 100 is one core.",
            form: .tenths,
            needsLife: true
        ),
        Metric("memory", .gauge, \.memory, "Resident memory of the main process in bytes.", needsLife: true),
        Metric(
            "memory_peak",
            .gauge,
            \.memoryPeak,
            "Highest resident memory since the last start in bytes.",
            needsLife: true
        ),
        Metric("uptime", .gauge, \.uptime, "Seconds since the last start.", needsLife: true),
        Metric("child_count", .gauge, \.children, "Processes below the main process.", needsLife: true),
        Metric("restarts", .gauge, \.restarts, "Restarts in a row, which max_restarts limits."),
        Metric(
            "restarts_since_reset",
            .gauge,
            \.restartsSinceReset,
            "Restarts in a row when the last restart delay began."
        ),
        Metric("start_count", .counter, \.starts, "Starts since the daemon's cold start."),
        Metric("stop_count", .counter, \.stops, "Stops that were asked for."),
        Metric("crash_count", .counter, \.crashes, "Ends with a failure that nobody asked for."),
        Metric("user_restart_count", .counter, \.userRestarts, "Starts by a restart that was asked for."),
        Metric("supervisor_restart_count", .counter, \.supervisorRestarts, "Starts by the restart policy."),
        Metric("instance", .gauge, \.instance, "Number of the newest life."),
        Metric("last_exit_code", .gauge, \.lastExitCode, "Exit code of the last end; -1 after a signal."),
        Metric("last_run_duration_ms", .gauge, \.lastRunMilliseconds, "Length of the last finished life."),
        Metric("in_restart_delay", .gauge, \.inRestartDelay, "1 while a restart is pending.", form: .flag),
        Metric("log_bytes_written", .counter, \.logBytes, "Bytes written to the logs since the last start."),
        Metric("log_rotations", .counter, \.logRotations, "Rotations of the logs since the last start."),
        Metric("listener_count", .gauge, \.listeners, "Addresses that the program listens at."),
    ]
}
