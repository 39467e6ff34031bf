#if canImport(Glibc)
    import Glibc
#endif

/// Memory of a process as `/proc/PID/statm` tells it (proc_pid_statm(5)).
package enum ProcMemory {
    private static let pageSize = Int64(sysconf(Int32(_SC_PAGESIZE)))

    /// The resident set in bytes; `nil` if the process is gone.
    ///
    /// Asked of every program every two seconds: one open, one read, nothing on the heap.
    package static func residentBytes(of pid: Int32) -> Int64? {
        let file = retryingInterrupted { open("/proc/\(pid)/statm", O_RDONLY | O_CLOEXEC) }
        guard file >= 0 else { return nil }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { buffer in
            let count = retryingInterrupted { read(file, buffer.baseAddress, buffer.count) }
            return count > 0
                ? residentPages(UnsafeBufferPointer(rebasing: buffer[..<count])).map { $0 * pageSize } : nil
        }
    }

    /// The second of the numbers, in pages; `nil` if the text is torn.
    package static func residentPages(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard let blank = text.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        var pages: Int64 = 0
        for byte in text[(blank + 1)...] {
            if byte == UInt8(ascii: " ") { return pages }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), pages < 1 << 50 else { return nil }
            pages = pages * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return nil
    }
}
