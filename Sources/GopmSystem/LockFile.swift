import CLinux
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The lock that makes one supervisor the only one of its home.
///
/// flock(2) belongs to the open file, so it ends with its holder however that ends, and goes on over exec.
package struct LockFile: Sendable {
    /// Owned by this value's holder for the life of the process.
    package let descriptor: Int32

    /// A lock that this process holds already, from the image before.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// - Returns: `nil` if another process holds it.
    package static func acquire(_ path: String) throws(SystemError) -> LockFile? {
        let descriptor = retryingInterrupted { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else { throw SystemError("open", path) }
        if retryingInterrupted({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 {
            return LockFile(descriptor: descriptor)
        }
        let error = SystemError("lock", path)
        close(descriptor)
        if error.errno == .wouldBlock { return nil }
        throw error
    }
}
