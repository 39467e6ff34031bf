import CLinux
import GopmCapture
import GopmLifecycle
import GopmModel
import GopmSystem
import GopmWire
import Logging
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

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
    private var reporter: ServiceReporter?
    private let handler: RequestHandler
    private let server: ControlServer
    private let sampler: Sampler
    private let ports: PortScanner
    private let history: History
    private var telemetry: Telemetry?
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
        let predecessor: Predecessor?
        if let handover = options.handover {
            (lock, predecessor) = (LockFile(descriptor: handover.lock), nil)
        } else {
            (lock, predecessor) = try Daemon.takeLock(of: home)
        }
        self.options = options
        disk = BackgroundThread()
        let log = DaemonLog(path: home.daemonLog, disk: disk, journal: .ifConnected())
        let level = options.logLevel.level
        LoggingSystem.bootstrap { _ in log.handler(level: level) }
        logger = Logger(label: "gopmd")
        do {
            // The socket first: whoever comes now waits in its queue instead of failing.
            let passed = PassedDescriptors.take(socket: home.socket)
            listener = try options.handover?.listener ?? passed.listener ?? Daemon.listen(on: home)
            try disk.start()
            logService = try LogService(home: home, maxFiles: loaded.config.logs.maxFiles, logger: logger)
            let serviceManager = ServiceManager(logger)
            self.serviceManager = serviceManager
            if let serviceManager, serviceManager.hasDescriptorStore {
                holder = SystemdStore(serviceManager, passed: passed.held, predecessor: predecessor, logger)
                if passed.count > 0 {
                    logger.debug("descriptors came back from systemd", metadata: ["count": "\(passed.count)"])
                }
            } else {
                holder = KeeperLink(
                    home: home,
                    executable: FileSystem.ownExecutable ?? "gopmd",
                    arguments: options.arguments,
                    limits: limits,
                    logger: logger
                )
            }
            let counters = DaemonCounters(path: home.run + "/counters")
            store = StateStore(home: home, disk: disk, logger: logger, counters: counters)
            supervisor = try Supervisor(
                SupervisorParts(
                    home: home,
                    config: loaded.config,
                    logger: logger,
                    store: store,
                    logService: logService,
                    holder: holder,
                    environment: ProgramEnvironment(lookUp: Environment.value),
                    cgroups: CgroupTree.prepare(tag: home.tag, isService: serviceManager != nil),
                    inheritedLimits: limits,
                    counters: counters
                )
            )
            let info = DaemonInfo()
            info.configFile = loaded.path
            info.arguments = options.arguments
            info.configProblems = problem?.lines ?? []
            // A command may be of another version than the service; what the unit names is what counts.
            if serviceManager != nil { info.rebootExecutable = Daemon.startedBy }
            history = History(supervisor, disk: disk, logger: logger, every: options.longInterval)
            handler = RequestHandler(
                supervisor: supervisor,
                daemon: info,
                history: history,
                disk: disk,
                logger: logger
            )
            server = try ControlServer(listener: listener, handler: handler, logger: logger)
            sampler = Sampler(supervisor, every: options.sampleInterval)
            ports = PortScanner(supervisor, disk: disk, every: options.longInterval)
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
        handler.onKill = { [unowned self] comesBack in
            end(reason: "kill", code: serviceManager == nil || comesBack ? 0 : Daemon.killedCode)
        }
        handler.onReboot = { [unowned self] executable in
            // After this turn, when the answer is out.
            let later = LoopDeferred { [unowned self] in makeRoom(for: executable) }
            later.schedule()
            reboot = later
        }
        supervisor.onStart = { [unowned self] in
            sampler.soon()
            ports.soon()
        }
        supervisor.onRemove = { [unowned self] process in history.forget(process.id) }
        sampler.onSample = { [unowned self] isRegular in
            server.publishSamples(handler.encodedSamples())
            guard isRegular else { return }
            history.sampled()
            telemetry?.emit()
        }
        logService.onClosed = { [unowned self] id, counters in
            guard let process = supervisor.process(withID: id), process.logs == nil else { return }
            process.record.counters.take(counters)
        }
        supervisor.onChange = { [unowned self] process, isRemoved in
            publish(process, isRemoved)
            reporter?.changed()
        }
        if let serviceManager {
            reporter = ServiceReporter(serviceManager) { [unowned self] in supervisor.summary }
        }
        for number in [SIGTERM, SIGINT] {
            signals.append(LoopSignal(number) { [unowned self] in end(reason: "signal \(number)") })
        }
        signals.append(LoopSignal(SIGHUP) { [unowned self] in handler.reboot() })
        let saved = SavedState(home: home, now: Timestamp(nanoseconds: Clock.wall))
        for remark in saved.remarks { logger.warning("saved state", metadata: ["remark": "\(remark)"]) }
        let held = holder.takeOver()
        holder.onReplaced = { [unowned self] in supervisor.storeAll() }
        if !saved.isContinuation { supervisor.counters.reset() }
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
        telemetry = supervisor.config.telegraf.flatMap { Telemetry($0, supervisor, handler.daemon, logger) }
        sampler.start()
        ports.start()
        SupervisorActor.task {
            let started = (try? await self.supervisor.resurrect()) ?? []
            if !started.isEmpty { self.logger.info("resurrected", metadata: ["processes": "\(started.count)"]) }
        }
        server.start()
        server.adopt(options.handover?.clients ?? [])
        defer { holder.ensure() }
        let wanted = supervisor.processes.count { $0.lifecycle.wantsUp && $0.child == nil }
        reporter?.ready()
        onReady(DaemonStart(resurrecting: wanted, remarks: saved.remarks))
    }

    /// Tells subscribers about a process.
    private func publish(_ process: ManagedProcess, _ isRemoved: Bool) {
        server.publish(handler.encoded(process), name: isRemoved ? "removed" : "changed")
    }

    /// Stops every program, saves, and ends the loop.
    private func end(reason: String, code: Int32 = 0) {
        guard !isEnding else { return }
        isEnding = true
        logger.info("daemon stopping", metadata: ["reason": "\(reason)"])
        reporter?.stopping()
        SupervisorActor.task {
            await self.supervisor.shutDown()
            self.close(code)
        }
    }

    /// What we end with after `gopm kill` where systemd runs us: the unit names it as a success that is not followed by
    /// a new start.
    private static let killedCode: Int32 = 80

    /// Executes another image of gopmd in this process: same PID, same children, and the socket listens on.
    ///
    /// The new image finds its programs the way it would after a crash. FIFOs and pidfds wait with
    /// their holder meanwhile.
    private func makeRoom(for executable: String) {
        guard !isEnding else { return }
        isEnding = true
        logger.info("daemon makes room for another image", metadata: ["executable": "\(executable)"])
        reporter?.reloading()
        logService.stop()
        if !holder.settle() { logger.warning("nobody holds FIFOs; programs keep theirs open themselves") }
        disk.stop()
        let next = Handover(lock: lock.descriptor, listener: listener, clients: server.releaseIdleClients())
        next.execute(executable, options.arguments)
        // Only an image that vanished since its trial run comes here. Without a goodbye the keeper starts another.
        Abort.now("cannot execute \(executable)")
    }

    private func close(_ code: Int32) {
        reporter?.stopped()
        store.saveNow()
        store.end()
        logService.stop()
        holder.goodbye()
        supervisor.cgroups?.remove()
        // One that a socket unit made goes on without us.
        if Daemon.isOurs(listener) { unlink(home.socket) }
        unlink(home.pidFile)
        server.stop()
        logger.info("daemon stopped")
        disk.stop()
        // `gopm kill` waits for its connection to end: it ends when all the rest has.
        server.closeConnections()
        EventLoop.shared.stop(code: code)
    }
}
