import CLinux
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// The gopmd that is to be replaced when it ends.
struct WatchedDaemon {
    /// Close-on-exec, or -1 if there is none.
    ///
    /// That is so if the process is gone, or in a pid namespace where we can't see it: then the end of its connection
    /// is its end.
    let pidfd: Int32
    /// Nanoseconds of `Clock.boot`.
    let since = Clock.boot

    init(pid: pid_t) {
        pidfd = gopm_pidfd_open(pid)
    }

    func close() {
        if pidfd >= 0 { _ = Glibc.close(pidfd) }
    }
}
