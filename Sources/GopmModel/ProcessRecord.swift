package import GopmJSON

/// Where a managed process is in its life, as the field `state` shows it.
package enum ProcessState: String, Sendable, CaseIterable {
    case starting, running, stopping, waiting, stopped, errored

    /// One of the three statuses of the manual: a process is online until it is gone, and a pending restart is stopped.
    package var status: String {
        switch self {
        case .starting, .running, .stopping: "online"
        case .waiting, .stopped: "stopped"
        case .errored: "errored"
        }
    }
}

/// Counts of what happened to a managed process; carried by adoption, zeroed by a cold start of the daemon.
package struct ProcessCounters: Sendable, Hashable {
    /// Consecutive restarts: the bucket that `max_restarts` limits.
    package var restarts = 0
    /// ``restarts`` as it was when the last restart delay began.
    package var restartsSinceReset = 0
    /// The generation of the life that was started last; 0 before the first.
    package var instance = 0
    package var starts = 0
    package var stops = 0
    /// Ends with a non-zero or unknown status that nobody asked for.
    package var crashes = 0
    package var userRestarts = 0
    package var supervisorRestarts = 0
    /// Length of the last finished life in milliseconds.
    package var lastRunMilliseconds: Int64 = 0
    /// Bytes of the logs since the newest life was started, stamps included.
    package var logBytes = 0
    /// Rotations of the logs since then.
    package var logRotations = 0

    package init() {}
}

/// What identifies one living (or just ended) program beyond any doubt, also to a supervisor that did not start it.
package struct Life: Sendable, Hashable {
    /// The soft `RLIMIT_LOCKS` of every process of this life.
    package var lifeID: UInt64
    package var generation: Int
    /// The kernel's id of this boot, `/proc/sys/kernel/random/boot_id`.
    package var bootID: String
    /// 0 until the process exists.
    package var pid: Int32 = 0
    /// `/proc/PID/stat` field 22, clock ticks since boot; 0 until known.
    package var startTicks: UInt64 = 0
    /// `CLOCK_BOOTTIME` at the start, nanoseconds.
    package var startedBoot: Int64 = 0
    /// Slots of the two stream records; the second is -1 when both streams share one file.
    package var outSlot = -1
    package var errSlot = -1
    /// When a pending restart is due, `CLOCK_BOOTTIME` nanoseconds; 0 when none is.
    package var restartDue: Int64 = 0
    /// Folder of the cgroup that the life was born in; `nil` without one.
    package var cgroup: String?

    package init(lifeID: UInt64, generation: Int, bootID: String) {
        self.lifeID = lifeID
        self.generation = generation
        self.bootID = bootID
    }
}

/// One entry of the list: the spec, what is known of the process now, and what a later supervisor must know.
package struct ProcessRecord: Sendable {
    /// Stable over daemon restarts, not reused while the list is not empty.
    package var id: Int
    package var spec: ProcessSpec
    package var state = ProcessState.stopped
    /// For people: why it is in this state.
    package var reason = ""
    package var pid: Int32 = 0
    /// How the last life ended; `nil` before the first end.
    package var lastExit: ExitStatus?
    package var startedAt: Timestamp?
    package var createdAt: Timestamp
    /// Resident memory of the main process in bytes.
    package var memory: Int64 = 0
    /// Of the main process; 100 is one whole core.
    package var cpuPercent = 0.0
    package var listeners: [String] = []
    package var counters = ProcessCounters()
    /// Whether the user wants it to be up, whatever it is now.
    package var wantsUp = true
    package var life: Life?

    package init(id: Int, spec: ProcessSpec, createdAt: Timestamp) {
        self.id = id
        self.spec = spec
        self.createdAt = createdAt
    }
}

extension ProcessRecord {
    /// How much of a record is written.
    package enum Detail {
        /// What clients see.
        case full
        /// What a table of processes needs.
        case table
        /// What a later supervisor needs, too.
        case saved
    }

    /// Writes the process object.
    package func encode(into json: inout JSONWriter, detail: Detail = .full) {
        json.object { json in
            json.member("id", id)
            if detail == .table {
                json.member("name", spec.name)
            } else {
                spec.encodeMembers(into: &json)
            }
            json.member("status", state.status)
            json.member("state", state.rawValue)
            if !reason.isEmpty { json.member("status_reason", reason) }
            json.member("pid", Int(pid))
            json.member("restarts", counters.restarts)
            // Never started is year 1, as Go writes a time that was never set.
            json.member("uptime", startedAt?.rfc3339 ?? "0001-01-01T00:00:00Z")
            json.member("memory", memory)
            json.member("cpu", cpuPercent)
            json.key("listeners")
            json.array { json in for listener in listeners { json.string(listener) } }
            if detail == .table { return }
            json.member("created_at", createdAt.rfc3339)
            json.member("exit_code", Int(lastExit?.code ?? 0))
            if let lastExit {
                json.member("exit_signal", Int(lastExit.signalNumber))
                json.member("exit_status_known", lastExit != .unknown)
            }
            encodeCounters(into: &json)
            json.member("wanted", wantsUp ? "up" : "down")
            if detail == .saved, let life {
                json.key("life")
                life.encode(into: &json)
            }
        }
    }

    private func encodeCounters(into json: inout JSONWriter) {
        json.member("restarts_since_reset", counters.restartsSinceReset)
        json.member("instance", counters.instance)
        json.member("start_count", counters.starts)
        json.member("stop_count", counters.stops)
        json.member("crash_count", counters.crashes)
        json.member("user_restart_count", counters.userRestarts)
        json.member("supervisor_restart_count", counters.supervisorRestarts)
        json.member("last_run_duration_ms", counters.lastRunMilliseconds)
        json.member("log_bytes_written", counters.logBytes)
        json.member("log_rotations", counters.logRotations)
    }

    /// Reads a process object; fields that are absent (a table's row, a dump of the Go gopm) keep their defaults.
    package init(from fields: inout FieldReader) {
        fields.toleratesValues = true
        let created = fields.string("created_at").flatMap { Timestamp(rfc3339: $0) }
        self.init(
            id: fields.integer("id", in: 0...Int(Int32.max)) ?? 0,
            spec: ProcessSpec(savedIn: &fields),
            createdAt: created ?? Timestamp(nanoseconds: 0)
        )
        let status = fields.string("status") ?? "stopped"
        state =
            fields.string("state").flatMap { ProcessState(rawValue: $0) }
            ?? (status == "online" ? .running : status == "errored" ? .errored : .stopped)
        reason = fields.string("status_reason") ?? ""
        pid = Int32(clamping: fields.count("pid"))
        startedAt = fields.string("uptime").flatMap { Timestamp(rfc3339: $0) }
        memory = Int64(fields.count("memory"))
        cpuPercent = fields.value("cpu")?.doubleValue ?? 0
        listeners = fields.strings("listeners") ?? []
        if let isKnown = fields.bool("exit_status_known") {
            let signal = Int32(truncatingIfNeeded: fields.integer("exit_signal") ?? 0)
            let code = Int32(truncatingIfNeeded: fields.integer("exit_code") ?? 0)
            lastExit =
                !isKnown
                ? .unknown : signal > 0 ? .signaled(Signal(number: signal), coreDumped: false) : .exited(code: code)
        }
        counters.restarts = fields.count("restarts")
        counters.restartsSinceReset = fields.count("restarts_since_reset")
        counters.instance = fields.count("instance")
        counters.starts = fields.count("start_count")
        counters.stops = fields.count("stop_count")
        counters.crashes = fields.count("crash_count")
        counters.userRestarts = fields.count("user_restart_count")
        counters.supervisorRestarts = fields.count("supervisor_restart_count")
        counters.lastRunMilliseconds = Int64(fields.count("last_run_duration_ms"))
        counters.logBytes = fields.count("log_bytes_written")
        counters.logRotations = fields.count("log_rotations")
        wantsUp = fields.string("wanted").map { $0 == "up" } ?? (status == "online")
        if let lifeObject = fields.object("life") { life = Life(from: lifeObject) }
    }
}

extension Life {
    fileprivate func encode(into json: inout JSONWriter) {
        json.object { json in
            json.member("id", lifeID)
            json.member("generation", generation)
            json.member("boot_id", bootID)
            json.member("pid", Int(pid))
            json.member("start_ticks", startTicks)
            json.member("started_boot", startedBoot)
            json.member("out_slot", outSlot)
            json.member("err_slot", errSlot)
            json.member("restart_due", restartDue)
            if let cgroup { json.member("cgroup", cgroup) }
        }
    }

    fileprivate init?(from object: JSONObject) {
        guard let lifeID = object["id"]?.integerValue, let generation = object["generation"]?.integerValue,
            let bootID = object["boot_id"]?.stringValue
        else { return nil }
        self.init(lifeID: UInt64(clamping: lifeID), generation: generation.asCount, bootID: bootID)
        pid = Int32(clamping: (object["pid"]?.integerValue ?? 0).asCount)
        startTicks = UInt64(clamping: object["start_ticks"]?.integerValue ?? 0)
        startedBoot = Int64((object["started_boot"]?.integerValue ?? 0).asCount)
        outSlot = Int(object["out_slot"]?.integerValue ?? -1)
        errSlot = Int(object["err_slot"]?.integerValue ?? -1)
        restartDue = Int64((object["restart_due"]?.integerValue ?? 0).asCount)
        cgroup = object["cgroup"]?.stringValue
    }
}

extension Int64 {
    /// From 0 to 2^62, so that no sum of what a damaged file says can overflow.
    fileprivate var asCount: Int { Int(Swift.min(Swift.max(self, 0), 1 << 62)) }
}

extension FieldReader {
    /// A count or amount that only we write; 0 if it is absent.
    fileprivate mutating func count(_ key: String) -> Int { Int64(integer(key) ?? 0).asCount }
}
