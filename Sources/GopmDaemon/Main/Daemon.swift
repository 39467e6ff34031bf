import CLinux
import GopmCapture
import GopmLifecycle
import GopmModel
package import GopmSystem
import GopmWire
import Logging
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The options of gopmd.
package struct DaemonOptions: Sendable {
    package enum LogLevel: String, Sendable, CaseIterable {
        case debug, info, warn, error
    }

    package var home: Home
    package var configFile: String?
    package var logLevel = LogLevel.debug
    /// What the image before this one left open, in a hot reboot.
    package var handover: Handover?
    /// Look at everything that a start needs and end: the trial run before a hot reboot.
    package var isTrial = false
    /// How often CPU and memory of the programs are looked at.
    package var sampleInterval = Duration.seconds(2)

    /// The command line that makes the same options again.
    package var arguments: [String] {
        (configFile.map { ["--config", $0] } ?? []) + ["--log-level", logLevel.rawValue]
            + (sampleInterval == .seconds(2) ? [] : ["--sample-interval", DurationText.format(sampleInterval)])
    }

    package init(home: Home) {
        self.home = home
    }
}

/// Runs gopmd on the calling thread until it is asked to end.
///
/// `onReady`: Called when clients are served.
///
/// Returns the exit code.
package func runDaemon(_ options: DaemonOptions, onReady: @escaping @Sendable (DaemonStart) -> Void)
    throws(DaemonError) -> Int32
{
    try Daemon.run(options, onReady: onReady)
}

/// What whoever started gopmd is told when clients are served.
package struct DaemonStart: Sendable {
    /// How many programs are being brought back.
    package var resurrecting: Int
    /// What was wrong with the saved state, a line each.
    package var remarks: [String]
}

/// Why gopmd can't run, in lines for people.
package struct DaemonError: Error, Sendable {
    package var lines: [String]
    /// Another gopmd holds this home.
    package var isAlreadyRunning = false
}

/// The supervisor process: everything is made here in order, and taken apart in the opposite one.
@SupervisorActor
final class Daemon {
    private let home: Home
    private let logger: Logger
    private let disk: BackgroundThread
    private let lock: LockFile
    private let listener: Int32
    private let options: DaemonOptions
    private let supervisor: Supervisor
    private let store: StateStore
    private let logService: LogService
    private let holder: any DescriptorHolder
    private let serviceManager: ServiceManager?
    private let handler: RequestHandler
    private let server: ControlServer
    private let sampler: Sampler
    private var signals: [LoopSignal] = []
    private var reboot: LoopDeferred?
    private var isEnding = false

    /// What ``runDaemon(_:onReady:)`` says.
    nonisolated static func run(_ options: DaemonOptions, onReady: @escaping @Sendable (DaemonStart) -> Void)
        throws(DaemonError) -> Int32
    {
        gopm_keep_heap_small()
        blockSignals()
        let limits = raiseLimits()
        let result = SupervisorActor.assumeIsolated { () -> Result<Daemon?, DaemonError> in
            do throws(DaemonError) {
                if options.isTrial {
                    _ = try prepare(options)
                    return .success(nil)
                }
                let daemon = try Daemon(options, limits)
                daemon.begin(onReady)
                return .success(daemon)
            } catch {
                return .failure(error)
            }
        }
        guard let daemon = try result.get() else { return 0 }
        defer { withExtendedLifetime(daemon) {} }
        return EventLoop.shared.run()
    }

    private init(_ options: DaemonOptions, _ limits: InheritedLimits) throws(DaemonError) {
        home = options.home
        let (loaded, problem) = try Daemon.prepare(options)
        if let handover = options.handover {
            lock = LockFile(descriptor: handover.lock)
        } else {
            lock = try Daemon.takeLock(of: home)
        }
        self.options = options
        disk = BackgroundThread()
        let log = DaemonLog(path: home.daemonLog, disk: disk)
        let level = options.logLevel.level
        LoggingSystem.bootstrap { _ in log.handler(level: level) }
        logger = Logger(label: "gopmd")
        do {
            // The socket first: whoever comes now waits in its queue instead of failing.
            listener = try options.handover?.listener ?? Daemon.listen(on: home)
            try disk.start()
            logService = try LogService(home: home, maxFiles: loaded.config.logs.maxFiles, logger: logger)
            let serviceManager = ServiceManager(logger)
            self.serviceManager = serviceManager
            if let serviceManager, serviceManager.hasDescriptorStore {
                holder = SystemdStore(serviceManager, logger)
            } else {
                holder = KeeperLink(
                    home: home,
                    executable: FileSystem.ownExecutable ?? "gopmd",
                    arguments: options.arguments,
                    limits: limits,
                    logger: logger
                )
            }
            store = StateStore(home: home, disk: disk, logger: logger)
            supervisor = try Supervisor(
                SupervisorParts(
                    home: home,
                    config: loaded.config,
                    logger: logger,
                    store: store,
                    logService: logService,
                    holder: holder,
                    environment: ProgramEnvironment { name in getenv(name).map { String(cString: $0) } },
                    cgroups: CgroupTree.prepare(tag: home.tag, isService: serviceManager != nil),
                    inheritedLimits: limits
                )
            )
            let info = DaemonInfo()
            info.configFile = loaded.path
            info.arguments = options.arguments
            info.configProblems = problem?.lines ?? []
            handler = RequestHandler(supervisor: supervisor, daemon: info, disk: disk, logger: logger)
            server = try ControlServer(listener: listener, handler: handler, logger: logger)
            sampler = Sampler(supervisor, every: options.sampleInterval)
        } catch {
            throw DaemonError(lines: ["\(error)"])
        }
        for line in problem?.lines ?? [] {
            logger.error("config refused, the last good one is used", metadata: ["error": "\(line)"])
        }
        for warning in loaded.warnings { logger.warning("config", metadata: ["warning": "\(warning)"]) }
    }

    private func begin(_ onReady: @escaping @Sendable (DaemonStart) -> Void) {
        gopm_clear_own_life()
        logger.info(
            "daemon starting",
            metadata: ["pid": "\(getpid())", "version": "\(GopmVersion.text)", "home": "\(home.path)"]
        )
        try? FileSystem.replace(home.pidFile, with: Array("\(getpid())\n".utf8), isDurable: false)
        logService.nameOf = { [unowned self] id in supervisor.process(withID: id)?.name }
        handler.onKill = { [unowned self] in end(reason: "kill") }
        handler.onReboot = { [unowned self] executable in
            // After this turn, when the answer is out.
            let later = LoopDeferred { [unowned self] in makeRoom(for: executable) }
            later.schedule()
            reboot = later
        }
        supervisor.onStart = { [unowned self] in sampler.soon() }
        supervisor.onChange = { [unowned self] process, isRemoved in publish(process, isRemoved) }
        for number in [SIGTERM, SIGINT] {
            signals.append(LoopSignal(number) { [unowned self] in end(reason: "signal \(number)") })
        }
        let saved = SavedState(home: home, now: Timestamp(nanoseconds: Clock.wall))
        for remark in saved.remarks { logger.warning("saved state", metadata: ["remark": "\(remark)"]) }
        let held = holder.takeOver()
        holder.onReplaced = { [unowned self] in supervisor.storeAll() }
        if saved.isContinuation {
            supervisor.adopt(saved, held)
        } else {
            // Descriptors of lives that were ended in good order come back after a restart of the service.
            held.discard(from: holder)
            supervisor.load(saved)
            logService.freeUnusedSlots(except: [])
        }
        do throws(SystemError) {
            try store.begin()
        } catch {
            logger.error("journal cannot be written", metadata: ["error": "\(error)"])
        }
        sampler.start()
        SupervisorActor.task {
            let started = (try? await self.supervisor.resurrect()) ?? []
            if !started.isEmpty { self.logger.info("resurrected", metadata: ["processes": "\(started.count)"]) }
        }
        server.start()
        server.adopt(options.handover?.clients ?? [])
        defer { holder.ensure() }
        let wanted = supervisor.processes.count { $0.lifecycle.wantsUp && $0.child == nil }
        serviceManager?.notify("READY=1")
        onReady(DaemonStart(resurrecting: wanted, remarks: saved.remarks))
    }

    /// Tells subscribers about a process.
    private func publish(_ process: ManagedProcess, _ isRemoved: Bool) {
        server.publish(handler.encodedEvent(process), name: isRemoved ? "removed" : "changed")
    }

    /// Stops every program, saves, and ends the loop.
    private func end(reason: String) {
        guard !isEnding else { return }
        isEnding = true
        logger.info("daemon stopping", metadata: ["reason": "\(reason)"])
        serviceManager?.notify("STOPPING=1")
        SupervisorActor.task {
            await self.supervisor.shutDown()
            self.close()
        }
    }

    /// Executes another image of gopmd in this process: same PID, same children, and the socket listens on.
    ///
    /// The new image finds its programs the way it would after a crash. FIFOs and pidfds wait with
    /// their holder meanwhile.
    private func makeRoom(for executable: String) {
        guard !isEnding else { return }
        isEnding = true
        logger.info("daemon makes room for another image", metadata: ["executable": "\(executable)"])
        logService.stop()
        if !holder.settle() { logger.warning("nobody holds FIFOs; programs keep theirs open themselves") }
        disk.stop()
        let next = Handover(lock: lock.descriptor, listener: listener, clients: server.releaseIdleClients())
        next.execute(executable, options.arguments)
        // Only an image that vanished since its trial run comes here. Without a goodbye the keeper starts another.
        Abort.now("cannot execute \(executable)")
    }

    private func close() {
        store.saveNow()
        store.end()
        logService.stop()
        holder.goodbye()
        supervisor.cgroups?.remove()
        unlink(home.socket)
        unlink(home.pidFile)
        server.stop()
        logger.info("daemon stopped")
        disk.stop()
        // `gopm kill` waits for its connection to end: it ends when all the rest has.
        server.closeConnections()
        EventLoop.shared.stop(code: 0)
    }
}

// MARK: - Steps of the start

extension Daemon {
    /// Signals come through the loop, so no thread may take them otherwise; a closed socket is an error, not a signal.
    private nonisolated static func blockSignals() {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGCHLD] { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
    }

    /// Takes as many descriptors as it may (5 a program) and notes what the programs get back.
    private nonisolated static func raiseLimits() -> InheritedLimits {
        var hard: UInt64 = 0
        let soft = gopm_open_files_limit(&hard)
        _ = gopm_set_open_files_limit(hard)
        let mask = umask(0o077)
        return InheritedLimits(openFiles: soft, fileMask: UInt32(mask))
    }

    private nonisolated static func prepare(
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
            // Programs that live need a supervisor more than they need the newest settings.
            let journal = Journal.read(options.home.run + "/journal")
            let hasPrograms = journal.bootID == Clock.bootID && !journal.isClean && !journal.records.isEmpty
            guard hasPrograms, !options.isTrial else { throw DaemonError(lines: error.lines) }
            return ConfigLoader.loadTolerant(flag: options.configFile, home: options.home)
        }
    }

    private nonisolated static func takeLock(of home: Home) throws(DaemonError) -> LockFile {
        do throws(SystemError) {
            if let lock = try LockFile.acquire(home.lock) { return lock }
        } catch {
            throw DaemonError(lines: ["\(error)"])
        }
        throw DaemonError(lines: ["a gopmd is already running in \(home.path)"], isAlreadyRunning: true)
    }

    private nonisolated static func listen(on home: Home) throws(SystemError) -> Int32 {
        // We hold the lock, so a socket file that is there is a dead daemon's.
        unlink(home.socket)
        let listener = home.socket.withCString { gopm_unix_socket($0, 1, Int32(SOCK_NONBLOCK.rawValue)) }
        guard listener >= 0 else { throw SystemError("listen on", home.socket) }
        return listener
    }
}

extension DaemonOptions.LogLevel {
    fileprivate var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warn: .warning
        case .error: .error
        }
    }
}
