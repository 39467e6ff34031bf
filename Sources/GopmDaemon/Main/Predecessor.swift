import CLinux
import GopmKeeper
import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A gopmd that was started by hand in the home that systemd has started us for: the service takes its place, and no
/// program notices.
///
/// It is the death of a daemon like any other, but for its keeper, which would start another one by hand. So the keeper
/// is told first that we are its daemon now, while the old one is stopped and can't see that it has lost it.
@SupervisorActor
struct Predecessor {
    /// The keeper and what it held.
    ///
    /// It watches us until ``retire()``: if we end before that, it starts a gopmd by hand again.
    private let keeper: KeeperClient
    let held: HeldForUs

    /// The keeper of a daemon that is gone already; `nil` if there is none, as is usual.
    static func keeper(of home: Home) -> Predecessor? {
        guard
            let (client, sets) = try? KeeperClient.connectAndFetch(home: home.path, waitingAtMost: 5_000_000_000)
        else { return nil }
        var held = HeldForUs()
        for set in sets { held.add(set) }
        return Predecessor(keeper: client, held: held)
    }

    /// Ends the daemon that holds the home's lock and was started by hand; returns `nil` and lets it live if it was not.
    ///
    /// A keeper is how it is known: one that systemd runs has none.
    static func replaceRunning(in home: Home) -> Predecessor? {
        guard let pidfd = daemon(of: home) else { return nil }
        defer { close(pidfd) }
        _ = gopm_pidfd_send_signal(pidfd, SIGSTOP)
        guard let predecessor = keeper(of: home) else {
            _ = gopm_pidfd_send_signal(pidfd, SIGCONT)
            return nil
        }
        _ = gopm_pidfd_send_signal(pidfd, SIGKILL)
        // Its lock is free when this is readable.
        var end = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        retryingInterrupted { poll(&end, 1, 5000) }
        return predecessor
    }

    /// The keeper has nothing to do any more: all that it held is held by systemd.
    func retire() {
        _ = keeper.goodbye(waitingAtMost: 500_000_000)
    }

    /// Whoever listens on the control socket.
    static func pidOfRunning(in home: Home) -> pid_t? {
        let socket = home.socket.withCString { gopm_unix_socket($0, 0, O_NONBLOCK) }
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        var pid: pid_t = 0
        var uid: uid_t = 0
        guard gopm_peer_credentials(socket, &pid, &uid) == 0, uid == geteuid(), pid > 1, pid != getpid() else {
            return nil
        }
        return pid
    }

    /// A pidfd of it; the receiver's own.
    private static func daemon(of home: Home) -> Int32? {
        guard let pid = pidOfRunning(in: home) else { return nil }
        let pidfd = gopm_pidfd_open(pid)
        guard pidfd >= 0 else { return nil }
        // Still the one that listens: the number was not another's when the pidfd was made.
        guard pidOfRunning(in: home) == pid, gopm_pidfd_send_signal(pidfd, 0) == 0 else {
            close(pidfd)
            return nil
        }
        return pidfd
    }
}
