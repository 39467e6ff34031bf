#if canImport(Glibc)
    import Glibc
#endif

/// Memory of a process as `/proc/PID/statm` tells it (proc_pid_statm(5)).
package enum ProcMemory {
    private static let pageSize = Int64(sysconf(Int32(_SC_PAGESIZE)))

    /// The resident set in bytes; `nil` if the process is gone.
    package static func residentBytes(of pid: Int32) -> Int64? {
        guard let bytes = try? FileSystem.read("/proc/\(pid)/statm", limit: 4096) else { return nil }
        let fields = bytes.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard fields.count == 3, let pages = Int64(String(decoding: fields[1], as: UTF8.self)) else { return nil }
        return pages * pageSize
    }
}
