import GopmModel

/// Processes to show.
enum Sample {
    static func record(_ id: Int, _ name: String, _ state: ProcessState = .running) -> ProcessRecord {
        var spec = ProcessSpec(name: name, command: "/bin/\(name)", cwd: "/srv")
        spec.logOut = "/logs/\(name)-out.log"
        spec.logErr = "/logs/\(name)-err.log"
        var record = ProcessRecord(id: id, spec: spec, createdAt: Timestamp(nanoseconds: 0))
        record.state = state
        record.pid = Int32(100 + id)
        record.startedAt = Timestamp(nanoseconds: 0)
        record.cpuPercent = 0.3
        record.memory = 1 << 20
        return record
    }
}
