import CLinux
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A named pipe between a program's stdout or stderr and the log thread.
package enum Fifo {
    /// Makes the FIFO if it is not there.
    ///
    /// Mode 0622 lets a program that has dropped its privileges open `/dev/stdout` again; the folder, which is 0700, keeps
    /// everybody else out.
    package static func make(_ path: String) throws(SystemError) {
        guard mkfifo(path, 0o600) == 0 || errno == EEXIST else { throw SystemError("create the FIFO", path) }
        // Not through mkfifo: the umask would take rights away. Also one that is there may lack it, after a kill.
        guard chmod(path, 0o622) == 0 else { throw SystemError("open the FIFO", path) }
    }

    /// Opens the read end, non-blocking and close-on-exec.
    package static func openReadEnd(_ path: String) throws(SystemError) -> Int32 {
        let descriptor = retryingInterrupted { open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW) }
        guard descriptor >= 0 else { throw SystemError("open the FIFO", path) }
        return descriptor
    }

    /// Opens the write end for one life.
    ///
    /// Write-only: with a readable stdout, Python's asyncio closes it.
    ///
    /// Does not block, as a read end is open; a new open for each life keeps a dead program's O_NONBLOCK from the next.
    package static func openWriteEnd(_ path: String) throws(SystemError) -> Int32 {
        let descriptor = retryingInterrupted { open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW) }
        guard descriptor >= 0 else { throw SystemError("open the FIFO", path) }
        // Non-blocking only to never wait for a reader here; programs expect a blocking stdout.
        _ = fcntl(descriptor, F_SETFL, O_WRONLY)
        return descriptor
    }
}

/// How large the FIFOs may be: together they take at most half of what `/proc/sys/fs/pipe-user-pages-soft` grants an
/// account (64 MiB on kernels since 4.5), since past it every new pipe of the user's shells shrinks to 8 KiB.
package struct PipeBudget: Sendable, Hashable {
    /// Bytes for all FIFOs together; `nil` for root, whom the kernel does not limit.
    package var total: Int?

    package init(total: Int?) {
        self.total = total
    }

    /// Bytes for each of `count` FIFOs: a power of two between 64 KiB and 1 MiB.
    package func size(count: Int) -> Int {
        guard let total, count > 0 else { return 1 << 20 }
        var size = 1 << 20
        while size > 64 << 10, size * count > total { size >>= 1 }
        return size
    }
}
