import CLinux
import Glibc
import SystemPackage

/// A log file and its numbered companions: open, append, cut, rotate, empty.
///
/// Descriptors and renames, no meaning.
///
/// The descriptor is O_APPEND, so that others may append too and a `truncate` from outside does no harm. Every failing
/// call throws its errno and leaves the object usable.
final class LogFile {
    let path: String
    let probe: CaptureProbe

    private(set) var identity = LogSnapshot.Identity()
    /// Bytes, as of the last `look`, `append`, `cut` or the like; 0 for what is no regular file.
    private(set) var size = 0
    /// Only a regular file is rotated, cut or emptied.
    private(set) var isRegular = false

    /// Milliseconds, more than a turn may take, so that such a log gets a thread of its own.
    private static let patience: Int32 = 150

    private var descriptor: Int32 = -1
    /// When to see again whether `path` still leads to this file.
    private var nextPathCheck: Int64 = 0

    var isOpen: Bool { descriptor >= 0 }

    init(path: String, probe: CaptureProbe) {
        self.path = path
        self.probe = probe
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    // MARK: Opening

    func open() throws(Errno) {
        close()
        var result = openOnce()
        if result < 0, errno == ENOENT {
            makeFolders()
            result = openOnce()
        }
        guard result >= 0 else { throw .current }
        descriptor = result
        nextPathCheck = monotonicNow() + oneSecond
        _ = try refresh()
    }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Sees whether the file is still the one at `path`, and how large it is.
    ///
    /// A file without a name left (deleted) is seen at once; one that was renamed and perhaps replaced (logrotate)
    /// within a second.
    func isStillThere() throws(Errno) -> Bool {
        guard isOpen else { return false }
        guard try refresh() else { return false }
        let now = monotonicNow()
        guard now >= nextPathCheck else { return true }
        nextPathCheck = now + oneSecond
        var facts = stat()
        return stat(path, &facts) == 0 && Self.identity(facts) == identity
    }

    /// Whether the last byte is a newline; false if it can't be read.
    func endsInNewline() -> Bool {
        var last = UInt8(0)
        return read(&last, count: 1, at: size - 1) && last == UInt8(ascii: "\n")
    }

    /// Reads exactly that stretch of the file.
    ///
    /// The log's own descriptor can't: a file that may only be written is fine.
    func read(_ buffer: UnsafeMutableRawPointer, count: Int, at offset: Int) -> Bool {
        let reader = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard reader >= 0 else { return false }
        defer { Glibc.close(reader) }
        var facts = stat()
        guard fstat(reader, &facts) == 0, Self.identity(facts) == identity else { return false }
        var done = 0
        while done < count {
            let length = retrying { pread(reader, buffer + done, count - done, off_t(offset + done)) }
            guard length > 0 else { return false }
            done += length
        }
        return true
    }

    // MARK: Writing

    /// Writes all of it, or says how much of it and why no more.
    func append(_ block: UnsafeRawBufferPointer) -> (written: Int, error: Errno?) {
        guard let start = block.baseAddress else { return (0, nil) }
        var done = 0
        while done < block.count {
            let length = retrying { write(start + done, block.count - done) }
            if length > 0 {
                done += length
                if isRegular { size += length }
            } else if length < 0, errno == EAGAIN, canBeWrittenSoon() {
                continue
            } else {
                return (done, length < 0 ? .current : .ioError)
            }
        }
        return (done, nil)
    }

    /// Waits for the reader of a log that is a pipe or a terminal, but not for long.
    private func canBeWrittenSoon() -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return retrying { poll(&request, 1, Self.patience) } > 0
    }

    private func write(_ bytes: UnsafeRawPointer, _ count: Int) -> Int {
        if let write = probe.write { return write(descriptor, bytes, count) }
        return Glibc.write(descriptor, bytes, count)
    }

    /// Makes the file shorter, never longer.
    func cut(to size: Int) throws(Errno) {
        guard size < self.size else { return }
        guard isRegular else { throw .illegalSeek }
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .current }
        self.size = size
    }

    // MARK: Companions

    /// Moves the full file out of the way and opens a new one of the same owner and mode.
    ///
    /// If it throws, either the file is still open and nothing but companions has moved, or it is closed.
    func rotate(maxFiles: Int) throws(Errno) {
        var old = stat()
        guard fstat(descriptor, &old) == 0 else { throw .current }
        let moves = RotationPlan(maxFiles: maxFiles, exists: { self.exists($0) }).moves
        guard !moves.isEmpty else { return try cut(to: 0) }
        for move in moves {
            guard rename(name(move.from), name(move.to)) == 0 else { throw .current }
            probe.pass(.fileRenamed)
        }
        probe.pass(.filesRenamed)
        try open()
        var new = stat()
        guard size == 0, fstat(descriptor, &new) == 0 else { return }
        // As far as we may: a log of the user's own keeps its readers.
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid) { _ = fchown(descriptor, old.st_uid, old.st_gid) }
        if new.st_mode != old.st_mode { _ = fchmod(descriptor, old.st_mode & 0o777) }
    }

    /// Empties the file and removes its companions.
    func flush(maxFiles: Int) throws(Errno) {
        guard isRegular else { return }
        try cut(to: 0)
        // Beyond `maxFiles`, those of a time when it was larger.
        var number = 1
        while number <= maxFiles || exists(number) {
            if unlink(name(number)) != 0, errno != ENOENT { throw .current }
            number += 1
        }
    }

    private func name(_ number: Int) -> String { number == 0 ? path : "\(path).\(number)" }

    private func exists(_ number: Int) -> Bool {
        var facts = stat()
        return lstat(name(number), &facts) == 0
    }

    private func openOnce() -> Int32 {
        // O_NONBLOCK: a log that is a pipe or a terminal must not hold the log thread up.
        retrying { Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0o600) }
    }

    private func makeFolders() {
        for (index, byte) in path.utf8.enumerated() where byte == UInt8(ascii: "/") && index > 0 {
            mkdir(String(decoding: path.utf8.prefix(index), as: UTF8.self), 0o700)
        }
    }

    /// Asks the file for its facts; false: it has no name any more.
    private func refresh() throws(Errno) -> Bool {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw .current }
        isRegular = facts.st_mode & S_IFMT == S_IFREG
        identity = Self.identity(facts)
        size = isRegular ? Int(facts.st_size) : 0
        return facts.st_nlink > 0
    }

    private static func identity(_ facts: stat) -> LogSnapshot.Identity {
        LogSnapshot.Identity(device: UInt64(facts.st_dev), inode: UInt64(facts.st_ino))
    }
}
