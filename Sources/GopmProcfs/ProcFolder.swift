import CLinux
import GopmSystem
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The folder of one process in `/proc`, held open.
///
/// What is read through it is of that one process, also if it ends and its number is given away meanwhile: then every
/// call says ESRCH.
package final class ProcFolder: Sendable {
    package let pid: Int32
    private let descriptor: Int32

    /// `root`: Where `/proc` is, for tests.
    /// - Throws: `noSuchFileOrDirectory` if there is no such process, or it is hidden (`hidepid=` of proc(5)).
    package init(_ pid: Int32, root: String = "/proc") throws(Errno) {
        descriptor = retryingInterrupted { open("\(root)/\(pid)", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw .last }
        self.pid = pid
    }

    private init(_ pid: Int32, descriptor: Int32) {
        self.pid = pid
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// A folder in it, for many reads there.
    func folder(_ name: String) throws(Errno) -> ProcFolder {
        let folder = retryingInterrupted { openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard folder >= 0 else { throw .last }
        return ProcFolder(pid, descriptor: folder)
    }

    /// The content of a file, at most so many bytes.
    package func read(_ name: String, limit: Int = 16 << 20) throws(Errno) -> [UInt8] {
        let file = retryingInterrupted { openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard file >= 0 else { throw .last }
        defer { close(file) }
        var bytes: [UInt8] = []
        var room = 16384
        while bytes.count < limit {
            var result = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                result = retryingInterrupted { Glibc.read(file, buffer.baseAddress, buffer.count) }
                count = max(result, 0)
            }
            guard result >= 0 else { throw .last }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
            // The kernel fills a page with whole records before it returns, and none of the records is larger than half
            // a kilobyte, so less than that is the end. To ask again is not free: at the end of a table of sockets it
            // walks through all of its hash table once more.
            if result < 3584 { break }
            room = 1 << 18
        }
        return bytes
    }

    /// Where a link leads.
    package func link(_ name: String) throws(Errno) -> [UInt8] {
        var count = 0
        let target = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, filled in
            count = buffer.withMemoryRebound(to: CChar.self) {
                $0.baseAddress.map { readlinkat(descriptor, name, $0, Int(PATH_MAX)) } ?? -1
            }
            filled = max(count, 0)
        }
        guard count >= 0 else { throw .last }
        return target
    }

    /// The inode of the socket that a descriptor's link names; `nil` for everything else.
    ///
    /// Asked of every descriptor of every program: nothing on the heap.
    func socketInode(_ descriptorNumber: Int32) -> UInt64? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlinkat(descriptor, String(descriptorNumber), start, buffer.count)
            guard count > 0 else { return nil }
            return OpenFile.socketInode(UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    /// The permissions of a link itself: for a descriptor how it was opened (proc_pid_fd(5)).
    func linkMode(_ name: String) -> UInt32? {
        var info = stat()
        guard fstatat(descriptor, name, &info, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return info.st_mode
    }

    /// Type of the file behind a path, and whether it has a name left; never waits for a file server.
    func kind(_ name: String) -> (type: UInt32, isDeleted: Bool)? {
        var (mode, links): (UInt32, UInt32) = (0, 0)
        guard gopm_file_kind(descriptor, name, &mode, &links) == 0 else { return nil }
        return (mode & S_IFMT, links == 0)
    }

    /// The names in a folder that are numbers, in rising order.
    package func numbers(in name: String) throws(Errno) -> [Int32] {
        let folder = retryingInterrupted { openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard folder >= 0 else { throw .last }
        guard let stream = fdopendir(folder) else {
            let error = Errno.last
            close(folder)
            throw error
        }
        defer { closedir(stream) }
        var numbers: [Int32] = []
        errno = 0
        while let entry = readdir(stream) {
            let number = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                name.prefix { $0 != 0 }.number().flatMap { Int32(exactly: $0) }
            }
            if let number { numbers.append(number) }
            errno = 0
        }
        guard errno == 0 else { throw .last }
        return numbers.sorted()
    }
}
