import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// How `gopm status` knows of a gopm-mcp that serves HTTP: a file that it holds locked as long as it lives.
package enum MCPMark {
    /// Leaves word of this process; another one that serves other addresses keeps its own.
    package static func leave(in home: Home, urls: [String]) {
        guard (try? home.create()) != nil, let lock = try? LockFile.acquire(home.mcpLock) else { return }
        let text = Array("\(getpid()) \(urls.joined(separator: " "))\n".utf8)
        ftruncate(lock.descriptor, 0)
        _ = try? FileSystem.write(text, to: lock.descriptor, path: home.mcpLock)
    }

    /// The one that serves now; nil if none does.
    package static func read(in home: Home) -> (pid: Int32, urls: [String])? {
        guard let bytes = try? FileSystem.read(home.mcpLock, limit: 65_536) else { return nil }
        let descriptor = open(home.mcpLock, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // Whoever gets the lock knows that nobody has it.
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard let pid = words.first.flatMap({ Int32($0) }) else { return nil }
        return (pid, words.dropFirst().map(String.init))
    }
}
