import CLinux
import GopmModel
import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The steps of the start.
extension Daemon {
    /// Signals come through the loop, so no thread may take them otherwise; a closed socket is an error, not a signal.
    nonisolated static func blockSignals() {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGCHLD] { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
        // A log that reaches `ulimit -f` is a write that fails, as on a full disk, and no reason to die.
        signal(SIGXFSZ, SIG_IGN)
        // Whoever started us may have ignored it (nohup), and one that is ignored never comes through the loop.
        signal(SIGHUP, SIG_DFL)
    }

    /// Takes as many descriptors as it may (5 a program) and notes what the programs get back.
    nonisolated static func raiseLimits() -> InheritedLimits {
        var hard: UInt64 = 0
        let soft = gopm_open_files_limit(&hard)
        _ = gopm_set_open_files_limit(hard)
        let mask = umask(0o077)
        return InheritedLimits(openFiles: soft, fileMask: UInt32(mask))
    }

    nonisolated static func prepare(
        _ options: DaemonOptions
    ) throws(DaemonError) -> (loaded: ConfigLoader.Loaded, problem: ConfigProblem?) {
        guard options.home.socket.utf8.count <= 107 else {
            let socket = options.home.socket
            throw DaemonError(lines: [
                "the socket's path \(socket) has \(socket.utf8.count) bytes, 107 are allowed; choose a shorter GOPM_HOME"
            ])
        }
        do throws(SystemError) {
            try options.home.create()
        } catch {
            throw DaemonError(lines: ["\(error)"])
        }
        do throws(ConfigProblem) {
            let loaded = try ConfigLoader.load(flag: options.configFile, home: options.home)
            if !options.isTrial { ConfigLoader.keep(loaded, home: options.home) }
            return (loaded, nil)
        } catch {
            // Programs that live need a supervisor more than they need the newest settings, and so does a machine that
            // boots.
            let journal = Journal.read(options.home.run + "/journal")
            let hasPrograms = journal.bootID == Clock.bootID && !journal.isClean && !journal.records.isEmpty
            guard hasPrograms || ServiceManager.runsUs, !options.isTrial else { throw DaemonError(lines: error.lines) }
            return ConfigLoader.loadTolerant(flag: options.configFile, home: options.home)
        }
    }

    /// Takes the home's lock; where systemd runs us also from a daemon that was started by hand.
    static func takeLock(of home: Home) throws(DaemonError) -> (LockFile, Predecessor?) {
        if let lock = try acquireLock(of: home) {
            return (lock, ServiceManager.holdsDescriptors ? Predecessor.keeper(of: home) : nil)
        }
        if ServiceManager.holdsDescriptors, let predecessor = Predecessor.replaceRunning(in: home),
            let lock = try acquireLock(of: home)
        {
            return (lock, predecessor)
        }
        var error = DaemonError(
            lines: ["a gopmd is already running in \(home.path)"],
            exitCode: DaemonError.alreadyRunning
        )
        if ServiceManager.holdsDescriptors, let other = Predecessor.pidOfRunning(in: home) {
            error.lines.append("another service runs it; see: systemctl status \(other)")
            error.exitCode = DaemonError.servedElsewhere
        }
        throw error
    }

    private nonisolated static func acquireLock(of home: Home) throws(DaemonError) -> LockFile? {
        do throws(SystemError) {
            return try LockFile.acquire(home.lock)
        } catch {
            throw DaemonError(lines: ["\(error)"])
        }
    }

    /// The path that we were started by: a unit's leads to the newest gopmd also after an upgrade.
    nonisolated static var startedBy: String? {
        let word = CommandLine.arguments.first ?? ""
        return word.hasPrefix("/") ? word : FileSystem.ownExecutable
    }

    /// Whether this process made a listener, also an image of it before this one.
    nonisolated static func isOurs(_ listener: Int32) -> Bool {
        var pid: pid_t = 0
        var uid: uid_t = 0
        return gopm_peer_credentials(listener, &pid, &uid) == 0 && pid == getpid()
    }

    nonisolated static func listen(on home: Home) throws(SystemError) -> Int32 {
        // We hold the lock, so a socket file that is there is a dead daemon's.
        unlink(home.socket)
        let listener = home.socket.withCString { gopm_unix_socket($0, 1, Int32(SOCK_NONBLOCK.rawValue)) }
        guard listener >= 0 else { throw SystemError("listen on", home.socket) }
        return listener
    }
}
