import CLinux
import Glibc

/// Calls that Swift's Glibc module lacks.
enum Kernel {
    /// The soft `RLIMIT_LOCKS` of a process.
    static func locksLimit(of pid: Int32) -> UInt64? {
        var limit: UInt64 = 0
        return gopm_life_of(pid, &limit) == 0 ? limit : nil
    }

    /// A connected socket, or -1 with errno.
    static func connect(to path: String) -> Int32 {
        gopm_unix_socket(path, 0, 0)
    }

    /// Kills a process and waits until the last of its threads is gone.
    ///
    /// The first thread is a zombie earlier, while another may still hold a socket that takes connections (pidfd_open(2)).
    static func killAndWait(_ pid: pid_t) {
        let pidfd = gopm_pidfd_open(pid)
        kill(pid, SIGKILL)
        guard pidfd >= 0 else { return }
        var end = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        _ = poll(&end, 1, Deadline(.seconds(10)).milliseconds)
        close(pidfd)
    }

    /// Waits until a child can be reaped.
    ///
    /// - Returns: Whether it can before the deadline.
    static func waitForEnd(of child: pid_t, _ deadline: Deadline) -> Bool {
        let pidfd = gopm_pidfd_open(child)
        guard pidfd >= 0 else { return false }
        defer { close(pidfd) }
        while true {
            var end = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
            let count = poll(&end, 1, deadline.milliseconds)
            if count < 0, errno == EINTR { continue }
            return count > 0
        }
    }

    /// posix_spawn_file_actions_addchdir_np(3) and …_addclosefrom_np(3), which <spawn.h> has for _GNU_SOURCE only.
    static func add(folder: String, closingFrom first: Int32, to actions: inout posix_spawn_file_actions_t) {
        typealias AddFolder =
            @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> Int32
        typealias AddClosing = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        if let function = dlsym(nil, "posix_spawn_file_actions_addchdir_np") {
            _ = unsafeBitCast(function, to: AddFolder.self)(&actions, folder)
        }
        if let function = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") {
            _ = unsafeBitCast(function, to: AddClosing.self)(&actions, first)
        }
    }
}
