import GopmJSON
import GopmModel
import GopmSystem
import GopmWire
import Logging

#if canImport(Glibc)
    import Glibc
#endif

/// Decodes a request's parameters, calls the supervisor, encodes the answer.
@SupervisorActor
final class RequestHandler {
    let supervisor: Supervisor
    let daemon: DaemonInfo
    private let history: History
    private let logger: Logger
    private let disk: BackgroundThread
    /// Asked to end, by `kill`; set by the daemon.
    var onKill: @SupervisorActor (_ comesBack: Bool) -> Void = { _ in }
    /// Asked to make room for another image, by `reboot`; set by the daemon.
    var onReboot: @SupervisorActor (_ executable: String) -> Void = { _ in }

    init(supervisor: Supervisor, daemon: DaemonInfo, history: History, disk: BackgroundThread, logger: Logger) {
        self.disk = disk
        self.history = history
        self.supervisor = supervisor
        self.daemon = daemon
        self.logger = logger
    }

    /// What becomes of a request.
    enum Answer {
        case now([UInt8])
        case subscribed(Subscription, [UInt8])
        /// After waiting for processes. What was asked is under way already; the closure holds no more than it needs
        /// for the answer, as hundreds may wait side by side.
        case later(Work)
    }

    typealias Work = @SupervisorActor @Sendable () async -> [UInt8]
    private typealias DataWork = @SupervisorActor @Sendable () async throws(RequestError) -> [UInt8]

    /// Begins a request.
    func begin(_ request: Request) -> Answer {
        supervisor.counters[request.method] += 1
        note(request)
        let (id, method) = (request.id, request.method)
        do throws(RequestError) {
            if method == .subscribe { return .subscribed(try Subscription(request), Reply.success(id: id, data: [])) }
            if let data = try quickData(request) { return .now(Reply.success(id: id, data: data)) }
            let work = try slowData(request)
            return .later { [self] in
                do throws(RequestError) {
                    return Reply.success(id: id, data: try await work())
                } catch {
                    return failure(id, method, error)
                }
            }
        } catch {
            return .now(failure(id, method, error))
        }
    }

    /// Counts and logs an error that was answered.
    func failed(_ error: RequestError, method: String = "?") {
        supervisor.counters[.requestErrors] += 1
        logger.error(
            "rpc error",
            metadata: [
                "method": "\(method)", "code": "\(error.code.rawValue)", "error": "\(error.message.prefix(1000))",
            ]
        )
    }

    /// Keeps what somebody else than the user at the keyboard wants changed.
    private func note(_ request: Request) {
        guard let client = request.client, !request.method.changesNothing else { return }
        let target = request.params["target"] ?? request.params["name"] ?? request.params["command"]
        logger.info(
            "request",
            metadata: [
                "client": "\(client)", "method": "\(request.method.rawValue)",
                "target": "\(target?.stringValue ?? "-")",
            ]
        )
    }

    private func failure(_ id: JSONValue?, _ method: Method, _ error: RequestError) -> [UInt8] {
        failed(error, method: method.rawValue)
        return Reply.failure(id: id, error)
    }

    // MARK: - Answers from what is known

    private func quickData(_ request: Request) throws(RequestError) -> [UInt8]? {
        switch request.method {
        case .ping: return daemon.encodedPing()
        case .list:
            let isTable = request.params["detail"]?.stringValue == "table"
            return encoded(supervisor.processes, isTable ? .table : .full)
        case .describe:
            if let pid = request.params["pid"] { return encoded(try process(withPID: pid)) }
            return encodedWithTree(try supervisor.findOne(try target(of: request)))
        case .isrunning: return encodedIsRunning(try target(of: request))
        case .save:
            supervisor.store.changed(isWish: true)
            return []
        case .kill:
            onKill(request.params["restart"]?.boolValue == true)
            return []
        case .metrics: return encodedMetrics()
        case .start, .stop, .restart, .delete, .flush, .resurrect, .logs, .reboot, .subscribe, .stats: return nil
        }
    }

    // MARK: - Answers that wait for processes

    private func slowData(_ request: Request) throws(RequestError) -> DataWork {
        switch request.method {
        case .start:
            return try start(request)
        case .stop:
            return try each(request) { supervisor, process throws(RequestError) in try await supervisor.stop(process) }
        case .delete:
            return try each(request) { supervisor, process throws(RequestError) in try await supervisor.delete(process)
            }
        case .flush:
            return try each(request) { supervisor, process throws(RequestError) in try await supervisor.flush(process) }
        case .restart:
            let target = try target(of: request)
            let processes = try supervisor.find(target)
            let work = try each(request) { supervisor, process throws(RequestError) in
                try await supervisor.restart(process)
            }
            return { [self] () async throws(RequestError) in
                _ = try await work()
                return target == "all" ? encoded(processes) : encoded(processes[0])
            }
        case .resurrect:
            return { [self] () async throws(RequestError) in encoded(try await supervisor.resurrect()) }
        case .reboot:
            return try reboot(asked: request.params["executable"]?.stringValue)
        case .logs:
            return try logs(request)
        case .stats:
            return try stats(request)
        case .ping, .list, .describe, .isrunning, .save, .subscribe, .kill, .metrics:
            return { () async throws(RequestError) in [] }
        }
    }

    private func start(_ request: Request) throws(RequestError) -> DataWork {
        var fields = FieldReader(request.params)
        let waits = fields.bool("wait") ?? false
        // A known process is started by its name or id; everything else is a wish for a new one.
        if !fields.isPresent("command"), let target = fields.string("target") {
            return startKnown(try supervisor.findOne(target), waits: waits)
        }
        let acceptsSame = fields.string("if_exists") == "same"
        // One that another process manager holds stopped is taken over stopped.
        let isWantedUp = fields.string("wanted") != "down"
        let wish = StartRequest(from: &fields)
        try fields.refuseFaults()
        if acceptsSame, let known = try supervisor.findSame(as: wish) {
            guard isWantedUp else { return { [self] () async throws(RequestError) in encoded(known) } }
            guard known.snapshot().state.status == "online" else { return startKnown(known, waits: waits) }
            return { [self] () async throws(RequestError) in encodedAlreadyRunning(known) }
        }
        let process = try supervisor.register(wish, isWantedUp: isWantedUp)
        return { [self] () async throws(RequestError) in
            guard isWantedUp else { return encoded(process) }
            try await supervisor.waitForFirstStart(process)
            if waits { try await supervisor.waitUntilStable(process) }
            return encoded(process)
        }
    }

    private func startKnown(_ process: ManagedProcess, waits: Bool) -> DataWork {
        { [self] () async throws(RequestError) in
            try await supervisor.startKnown(process)
            if waits { try await supervisor.waitUntilStable(process) }
            return encoded(process)
        }
    }

    private func logs(_ request: Request) throws(RequestError) -> DataWork {
        let answer = try LogsAnswer(request, of: try supervisor.findOne(try target(of: request)))
        return { [disk] () async throws(RequestError) in
            await withCheckedContinuation { continuation in
                disk.run { continuation.resume(returning: answer.encoded()) }
            }
        }
    }

    private func stats(_ request: Request) throws(RequestError) -> DataWork {
        let processes = try supervisor.find(request.params["target"] == nil ? "all" : try target(of: request))
        var fields = FieldReader(request.params)
        let hours = fields.value("hours").map { $0.doubleValue ?? 0 } ?? History.hours
        guard (1...History.hours).contains(hours) else {
            let allowed = "a number from 1 to \(Int(History.hours))"
            throw RequestError(.invalidValue, "\"hours\" is not \(allowed)")
        }
        return { [history] () async throws(RequestError) in
            await history.encoded(processes, seconds: Int(hours * 3600))
        }
    }

    /// Tries the new image, then has room made for it.
    private func reboot(asked: String?) throws(RequestError) -> DataWork {
        guard !supervisor.isShuttingDown else { throw RequestError(.shuttingDown, "the daemon is stopping") }
        let executable = daemon.rebootExecutable ?? asked ?? Daemon.startedBy ?? ""
        guard executable.hasPrefix("/") else {
            throw RequestError(.invalidValue, "\"executable\" is not an absolute path")
        }
        return { [self] () async throws(RequestError) in
            if let problem = await TrialRun(executable: executable, arguments: daemon.arguments).run() {
                throw RequestError(.failed, "the new daemon cannot start, the old one goes on: \(problem)")
            }
            onReboot(executable)
            return []
        }
    }

    /// The same without anybody who waits for it, by SIGHUP.
    func reboot() {
        SupervisorActor.task { [self] in
            do throws(RequestError) {
                _ = try await reboot(asked: nil)()
            } catch {
                failed(error, method: "SIGHUP")
            }
        }
    }

    /// Does the same to all that a request's target names, side by side.
    ///
    /// All are tried; the errors together are the answer.
    private func each(
        _ request: Request,
        _ body: @escaping @SupervisorActor @Sendable (Supervisor, ManagedProcess) async throws(RequestError) -> Void
    ) throws(RequestError) -> DataWork {
        let processes = try supervisor.find(try target(of: request))
        let supervisor = supervisor
        return { () async throws(RequestError) in
            let tasks = processes.map { process in
                SupervisorActor.task { () -> RequestError? in
                    do throws(RequestError) {
                        try await body(supervisor, process)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var problems: [RequestError] = []
            for task in tasks {
                if let problem = await task.value { problems.append(problem) }
            }
            guard let first = problems.first else { return [] }
            throw RequestError(first.code, problems.map(\.message).joined(separator: "; "))
        }
    }

    /// The program that a process is of, whichever of its processes it is.
    private func process(withPID value: JSONValue) throws(RequestError) -> ManagedProcess {
        guard let pid = value.integerValue.flatMap({ Int32(exactly: $0) }), pid > 0 else {
            throw RequestError(.invalidValue, "\"pid\" is not a whole number from 1")
        }
        guard let process = supervisor.process(withPID: pid) else {
            throw RequestError(.notFound, "process \(pid) is not of a program of gopm")
        }
        return process
    }

    private func target(of request: Request) throws(RequestError) -> String {
        switch request.params["target"] {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case nil, .null: throw RequestError(.invalidValue, "\"target\" is missing (a name, an id, or all)")
        case .some(let other): throw RequestError(.invalidValue, "\"target\" is \(other.kindName), not a string")
        }
    }
}

extension FieldReader {
    /// Parameters that are wrong are named all at once.
    func refuseFaults() throws(RequestError) {
        if faults.isEmpty { return }
        throw RequestError(.invalidValue, faults.map(\.description).joined(separator: "; "))
    }
}
