/// The daemon's own numbers at one moment.
package struct DaemonMetrics: Sendable, Hashable {
    package var total = 0
    package var online = 0
    package var stopped = 0
    package var errored = 0
    package var children = 0
    package var uptime = 0
    package var requestErrors = 0
    package var stateSaves = 0
    package var stateSaveFailures = 0
    package var resurrects = 0
    package var zombieDetections = 0
    package var monitorStales = 0
    package var restartCancels = 0

    package init() {}

    package static let all: [Metric<DaemonMetrics>] = [
        Metric("processes_total", .gauge, \.total, "Processes in the list."),
        Metric("processes_online", .gauge, \.online, "Processes that are online."),
        Metric("processes_stopped", .gauge, \.stopped, "Processes that are stopped, pending restarts included."),
        Metric("processes_errored", .gauge, \.errored, "Processes that were given up."),
        Metric("total_children", .gauge, \.children, "Processes below all main processes."),
        Metric("daemon_uptime", .gauge, \.uptime, "Seconds since this image of the daemon was started."),
        Metric("rpc_errors", .counter, \.requestErrors, "Requests that were answered with an error."),
        Metric("state_saves", .counter, \.stateSaves, "Successful writes of dump.json."),
        Metric("state_save_failures", .counter, \.stateSaveFailures, "Failed writes of dump.json."),
        Metric("resurrect_count", .counter, \.resurrects, "Times that programs were brought back or taken over."),
        Metric("zombie_detections", .counter, \.zombieDetections, "Starts refused as a life was still alive."),
        Metric("monitor_stales", .counter, \.monitorStales, "Events of an old life, which were ignored."),
        Metric("restart_cancels", .counter, \.restartCancels, "Pending restarts that a stop or start overtook."),
    ]
}
