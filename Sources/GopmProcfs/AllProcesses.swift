import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// The processes of this pid namespace.
package enum AllProcesses {
    package static func pids(root: String = "/proc") -> [Int32] {
        guard let folder = opendir(root) else { return [] }
        defer { closedir(folder) }
        return pids(in: folder)
    }

    /// Gives the text of every process's `stat` (proc_pid_stat(5)), of those that are there long enough to be read.
    ///
    /// One folder, one buffer, one read each: this is most of what a look at a tree costs.
    static func forEachStat(
        root: String,
        skippingGroupZero: Bool,
        _ body: (Int32, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        guard let folder = opendir(root) else { return }
        defer { closedir(folder) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4096) { buffer in
            for pid in pids(in: folder) where !skippingGroupZero || getpgid(pid) != 0 {
                let file = retryingInterrupted { openat(dirfd(folder), "\(pid)/stat", O_RDONLY | O_CLOEXEC) }
                guard file >= 0 else { continue }
                let count = retryingInterrupted { read(file, buffer.baseAddress, buffer.count) }
                close(file)
                if count > 0 { body(pid, UnsafeBufferPointer(rebasing: buffer[..<count])) }
            }
        }
    }

    /// The children of all threads of a process (`task/TID/children`, proc_tid_children(5)).
    ///
    /// - Returns: `nil` if the kernel does not tell, or the process is gone.
    static func children(of pid: Int32, root: String) -> [Int32]? {
        guard let tasks = try? ProcFolder(pid, root: root).folder("task"), let threads = try? tasks.numbers(in: ".")
        else { return nil }
        var children: [Int32]?
        for thread in threads {
            guard let text = try? tasks.read("\(thread)/children") else { continue }
            children =
                (children ?? [])
                + text.split(separator: UInt8(ascii: " ")).compactMap {
                    $0.number().flatMap { Int32(exactly: $0) }
                }
        }
        return children
    }

    private static func pids(in folder: OpaquePointer) -> [Int32] {
        var pids: [Int32] = []
        while let entry = readdir(folder) {
            let pid = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                name.prefix { $0 != 0 }.number().flatMap { Int32(exactly: $0) }
            }
            if let pid { pids.append(pid) }
        }
        return pids
    }
}
