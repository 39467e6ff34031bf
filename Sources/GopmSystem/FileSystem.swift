import CLinux
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Whole files and folders, for state that is small: nothing here is used per log line.
package enum FileSystem {
    package static var currentFolder: String {
        guard let buffer = getcwd(nil, 0) else { return "/" }
        defer { free(buffer) }
        return String(cString: buffer)
    }

    /// Reads a file of at most `limit` bytes.
    ///
    /// - Throws: `fileTooLarge` over the limit, `isDirectory` for a folder, else what open or read said.
    package static func read(_ path: String, limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        let descriptor = retryingInterrupted { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { throw SystemError("read", path) }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw SystemError("look at", path) }
        if info.st_mode & S_IFMT == S_IFDIR { throw SystemError("read", path, .isDirectory) }
        // Before there is a buffer for it: a sparse file can claim to be larger than all memory.
        guard info.st_size <= limit else { throw SystemError("read", path, .fileTooLarge) }
        var bytes: [UInt8] = []
        // One byte more than the size, so that a regular file is read in one call that also sees its end.
        var room = max(Int(info.st_size) + 1, 4096)
        while true {
            guard bytes.count <= limit else { throw SystemError("read", path, .fileTooLarge) }
            let before = bytes.count
            var failed = false
            let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                let result = retryingInterrupted { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
                failed = result < 0
                count = max(result, 0)
            }
            if failed { throw SystemError("read", path) }
            if before == 0 { bytes = chunk } else { bytes += chunk }
            if chunk.isEmpty { return bytes }
            room = 65536
        }
    }

    /// Replaces a file as a whole: after this returns the new content is on disk, and at no instant is the file torn.
    ///
    /// `mode`: Of the new file, from its first instant.
    ///
    /// `isDurable`: Whether to wait for the disk.
    package static func replace(
        _ path: String,
        with bytes: [UInt8],
        mode: UInt32 = 0o600,
        isDurable: Bool
    ) throws(SystemError) {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = retryingInterrupted { open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode)) }
        guard descriptor >= 0 else { throw SystemError("create", temporary) }
        do throws(SystemError) {
            defer { close(descriptor) }
            try write(bytes, to: descriptor, path: temporary)
            if isDurable, fsync(descriptor) != 0 { throw SystemError("write", temporary) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = SystemError("rename to", path)
            unlink(temporary)
            throw error
        }
        if isDurable { syncFolder(of: path) }
    }

    /// Writes all bytes to a blocking descriptor.
    package static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(SystemError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                retryingInterrupted {
                    Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
                }
            }
            guard count > 0 else { throw SystemError("write", path) }
            offset += count
        }
    }

    /// Makes a folder and those above it.
    package static func makeFolders(_ path: String, mode: UInt32) throws(SystemError) {
        if mkdir(path, mode_t(mode)) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, path != "/" else { throw SystemError("create the folder", path) }
        try makeFolders(PathText.folder(path), mode: mode)
        guard mkdir(path, mode_t(mode)) == 0 || errno == EEXIST else { throw SystemError("create the folder", path) }
    }

    package static func isFolder(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, without `.` and `..`; empty if it can't be read.
    package static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    package static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// The path of the running program, without the ` (deleted)` that the kernel adds after an upgrade.
    package static var ownExecutable: String? {
        guard let text = linkTarget("/proc/self/exe") else { return nil }
        return text.hasSuffix(" (deleted)") ? String(text.dropLast(10)) : text
    }

    /// What a symbolic link says; `nil` if there is no link.
    package static func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A rename survives a power cut only when the folder is on disk, too.
    private static func syncFolder(of path: String) {
        let descriptor = open(PathText.folder(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
