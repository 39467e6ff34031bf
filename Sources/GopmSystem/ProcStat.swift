/// What this system needs of `/proc/PID/stat` (proc_pid_stat(5)).
package struct ProcStat: Sendable, Hashable {
    /// Field 3.
    package var state: UInt8
    /// Field 4.
    package var parent: Int32
    /// Field 22: clock ticks from boot to the start.
    package var startTicks: UInt64
    /// Field 52: the wait status once it is a zombie; 0 also where it may not be seen.
    package var waitStatus: Int32

    /// - Returns: `nil` if the process is gone.
    package static func read(_ pid: Int32) -> ProcStat? {
        guard let bytes = try? FileSystem.read("/proc/\(pid)/stat", limit: 65536) else { return nil }
        return ProcStat(parsing: bytes)
    }

    /// The name, field 2, may hold anything, also spaces and parentheses, so the fields are counted from its last `)`.
    package init?(parsing bytes: [UInt8]) {
        guard let nameEnd = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(nameEnd + 1)...].split(whereSeparator: {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n")
        })
        // fields[0] is field 3.
        guard fields.count >= 20, let state = fields[0].first,
            let parent = Int32(String(decoding: fields[1], as: UTF8.self)),
            let ticks = UInt64(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        self.state = state
        self.parent = parent
        startTicks = ticks
        waitStatus = fields.count > 49 ? Int32(String(decoding: fields[49], as: UTF8.self)) ?? 0 : 0
    }

    /// Whether it has ended and waits to be reaped.
    package var isZombie: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }
}
