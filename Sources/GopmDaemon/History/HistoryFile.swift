import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// The snapshots of the last 18 hours in two files, `run/history` and the full one before it, `run/history.1`.
///
/// Nothing of it is kept in memory: snapshots are appended and read when somebody asks. A kill keeps what was written,
/// as the page cache is the kernel's, and so do a hot reboot and the next boot.
final class HistoryFile: @unchecked Sendable {
    // Sendable: only jobs of the disk thread use it.
    private let path: String
    private let bootID: UInt64
    /// Snapshots in the file that is written; `nil` before this supervisor's first entry.
    private var snapshots: Int?

    /// Snapshots of 18 hours: as many are in the full file, so that together there are always enough.
    private static let capacity = 18 * 60

    init(path: String, bootID: UInt64) {
        self.path = path
        self.bootID = bootID
    }

    /// Appends the entries of a snapshot, or others.
    ///
    /// The file is opened for that: once a minute it costs nothing.
    func append(_ entries: [UInt8], isSnapshot: Bool) -> SystemError? {
        do throws(SystemError) {
            if let snapshots, snapshots >= HistoryFile.capacity {
                guard rename(path, path + ".1") == 0 else { throw SystemError("rename", path) }
                self.snapshots = nil
            }
            if snapshots == nil { try begin() }
            try write(entries)
            if isSnapshot { snapshots = (snapshots ?? 0) + 1 }
            return nil
        } catch {
            return error
        }
    }

    /// Gives every entry, oldest first.
    func read(_ body: (HistoryEntry) -> Void) {
        for path in [path + ".1", path] { HistoryFile.read(path, body) }
    }

    /// Says of which boot what follows is.
    private func begin() throws(SystemError) {
        var count = 0
        HistoryFile.read(path) { if case .time = $0 { count += 1 } }
        var bytes: [UInt8] = []
        HistoryEntry.boot(bootID).append(to: &bytes)
        try write(bytes)
        snapshots = count
    }

    private func write(_ bytes: [UInt8]) throws(SystemError) {
        // O_NONBLOCK: a FIFO in its place must not make us wait for its other end.
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard file >= 0 else { throw SystemError("open", path) }
        defer { close(file) }
        // What a full disk has torn is cut off, before and after.
        let size = max(lseek(file, 0, SEEK_END), 0) / off_t(HistoryEntry.size) * off_t(HistoryEntry.size)
        ftruncate(file, size)
        do throws(SystemError) {
            try FileSystem.write(bytes, to: file, path: path)
        } catch {
            ftruncate(file, size)
            throw error
        }
    }

    private static func read(_ path: String, _ body: (HistoryEntry) -> Void) {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return }
        defer { close(file) }
        withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 16) { buffer in
            while true {
                // Whole entries come: the file is made of them, and so is the buffer.
                let count = retryingInterrupted { Glibc.read(file, buffer.baseAddress, buffer.count) }
                guard count >= HistoryEntry.size else { return }
                for start in stride(from: 0, through: count - HistoryEntry.size, by: HistoryEntry.size) {
                    let words = (
                        buffer.loadUnaligned(fromByteOffset: start, as: UInt64.self).littleEndian,
                        buffer.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self).littleEndian
                    )
                    if let entry = HistoryEntry(words) { body(entry) }
                }
            }
        }
    }
}
