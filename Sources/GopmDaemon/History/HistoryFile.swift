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
    private var descriptor: Int32 = -1
    private var size = 0
    /// Snapshots in the file that is written.
    private var snapshots = 0

    /// Snapshots of 18 hours: as many are in the full file, so that together there are always enough.
    private static let capacity = 18 * 60

    init(path: String, bootID: UInt64) {
        self.path = path
        self.bootID = bootID
    }

    /// Appends the entries of a snapshot, or others.
    func append(_ entries: [UInt8], isSnapshot: Bool) -> SystemError? {
        do throws(SystemError) {
            if descriptor < 0 { try open() }
            if snapshots >= HistoryFile.capacity { try turnOver() }
            try write(entries)
            if isSnapshot { snapshots += 1 }
            return nil
        } catch {
            return error
        }
    }

    /// Gives every entry, oldest first.
    func read(_ body: (HistoryEntry) -> Void) {
        for path in [path + ".1", path] { HistoryFile.read(path, body) }
    }

    private func open() throws(SystemError) {
        snapshots = 0
        HistoryFile.read(path) { if case .time = $0 { snapshots += 1 } }
        descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        // What a full disk may have torn is cut off.
        size = max(Int(lseek(descriptor, 0, SEEK_END)), 0) / HistoryEntry.size * HistoryEntry.size
        ftruncate(descriptor, off_t(size))
        var bytes: [UInt8] = []
        HistoryEntry.boot(bootID).append(to: &bytes)
        try write(bytes)
    }

    private func turnOver() throws(SystemError) {
        guard rename(path, path + ".1") == 0 else { throw SystemError("rename", path) }
        close(descriptor)
        descriptor = -1
        try open()
    }

    private func write(_ bytes: [UInt8]) throws(SystemError) {
        do throws(SystemError) {
            try FileSystem.write(bytes, to: descriptor, path: path)
            size += bytes.count
        } catch {
            ftruncate(descriptor, off_t(size))
            throw error
        }
    }

    private static func read(_ path: String, _ body: (HistoryEntry) -> Void) {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
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
