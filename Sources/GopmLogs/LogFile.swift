import Glibc

/// The calls that reading a log makes of the kernel and that tests count or make fail.
package struct LogFileCalls: Sendable {
    /// `pread(2)`: descriptor, buffer, byte count, offset; -1 with `errno` set when it fails.
    package var pread: @Sendable (Int32, UnsafeMutableRawPointer, Int, Int) -> Int

    package static let live = LogFileCalls { Glibc.pread($0, $1, $2, $3) }

    package init(pread: @escaping @Sendable (Int32, UnsafeMutableRawPointer, Int, Int) -> Int) {
        self.pread = pread
    }
}

/// One file of a log, open for reading, as it was when it was opened: what is appended later is not part of it.
///
/// It stays readable under its descriptor whatever a rotation names it, and even after it is deleted.
final class LogFile {
    /// Tells files apart whatever they are called.
    ///
    /// An inode number cannot be reused while the file is open.
    struct Identity: Hashable {
        let device: UInt
        let inode: UInt
    }

    let path: String
    let identity: Identity
    /// Its size when it was opened, in bytes.
    let size: Int
    let descriptor: Int32
    private let calls: LogFileCalls

    private init(path: String, identity: Identity, size: Int, descriptor: Int32, calls: LogFileCalls) {
        self.path = path
        self.identity = identity
        self.size = size
        self.descriptor = descriptor
        self.calls = calls
    }

    deinit {
        close(descriptor)
    }

    /// Opens a file; nil when there is none of that name.
    static func open(_ path: String, _ calls: LogFileCalls) throws(LogError) -> LogFile? {
        // O_NONBLOCK: a FIFO of that name must not make us wait for a writer.
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw LogError(code: .cannotOpen, path: path, errno: errno)
        }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else {
            let code = errno
            close(descriptor)
            throw LogError(code: .cannotOpen, path: path, errno: code)
        }
        guard info.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw LogError(code: .notARegularFile, path: path, errno: nil)
        }
        let identity = Identity(device: info.st_dev, inode: info.st_ino)
        return LogFile(path: path, identity: identity, size: info.st_size, descriptor: descriptor, calls: calls)
    }

    /// The identity of what bears a name now; nil when nothing does.
    static func identity(at path: String) -> Identity? {
        var info = stat()
        return stat(path, &info) == 0 ? Identity(device: info.st_dev, inode: info.st_ino) : nil
    }

    /// When what bears a name was last written to, in milliseconds since the epoch.
    static func modified(_ path: String) -> Int64? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        return Int64(info.st_mtim.tv_sec) * 1000 + Int64(info.st_mtim.tv_nsec) / 1_000_000
    }

    /// Fills `buffer` from `offset` on.
    ///
    /// Returns how many bytes that gave: fewer than asked for only where the file ends, so within ``size`` only when it
    /// was emptied since (`gopm flush`).
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(LogError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var filled = 0
        while filled < buffer.count {
            let count = calls.pread(descriptor, base + filled, buffer.count - filled, offset + filled)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw LogError(code: .cannotRead, path: path, errno: errno)
            }
            filled += count
        }
        return filled
    }

    /// A few bytes from `offset` on, fewer where the file ends.
    func bytes(at offset: Int, count: Int) throws(LogError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { buffer.deallocate() }
        let filled = try read(into: buffer, at: offset)
        return [UInt8](buffer.prefix(filled))
    }

    /// Its size now, in bytes; 0 if it cannot be asked any more.
    var currentSize: Int {
        var info = stat()
        return fstat(descriptor, &info) == 0 ? info.st_size : 0
    }

    /// Whether a line that ends this file's older neighbour without a newline ends there: so it is when this file
    /// begins with a stamp.
    ///
    /// Without one it begins with the rest of that line (one longer than a whole log file).
    func beginsLine() throws(LogError) -> Bool {
        LogStamp(try bytes(at: 0, count: LogStamp.maximumByteCount)) != nil
    }

    /// Whether the last byte is a newline; an empty file counts as ended too.
    func endsLine() throws(LogError) -> Bool {
        guard size > 0 else { return true }
        return try bytes(at: size - 1, count: 1) == [0x0a]
    }
}
