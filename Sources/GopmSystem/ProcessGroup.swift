import CLinux

#if canImport(Glibc)
    import Glibc
#endif

/// Signals to a child's process group.
package enum ProcessGroup {
    /// Signals a group whose leader is alive or a zombie, so that its number can't be anybody else's.
    package static func signal(leader: Int32, pidfd: Int32, _ number: Int32) {
        // Not our child, and reaped by whomever: the group's number may be somebody else's by now.
        guard gopm_pidfd_send_signal(pidfd, 0) == 0 else { return }
        // A child that has not come to setsid() has no group of its own; then the pidfd reaches it.
        if kill(-leader, number) != 0 { _ = gopm_pidfd_send_signal(pidfd, number) }
    }
}
