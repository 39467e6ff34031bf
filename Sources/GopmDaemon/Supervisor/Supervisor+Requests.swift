import GopmLifecycle
import GopmModel
import GopmSystem
import GopmWire
import Logging

/// What users ask for. Each wish becomes events at once; only the answer waits for what comes of it.
extension Supervisor {
    /// Room beyond the kill timeout for a process to be gone: SIGKILL itself takes no time, but a process in
    /// uninterruptible sleep (a dead network disk) does not end by it.
    private static let settleTime = Duration.seconds(10)
    /// For a program to be executed; only a hanging file system takes so long.
    private static let startTime = Duration.seconds(30)

    /// Registers a program and starts it, unless it is wanted down.
    ///
    /// Nothing stays registered if it can't be executed.
    func register(_ request: StartRequest, isWantedUp: Bool = true) throws(RequestError) -> ManagedProcess {
        try refuseWhileShuttingDown()
        let spec = try makeSpec(of: request)
        guard lookUp(spec.name) == nil else {
            let hint =
                "gopm restart \(spec.name) restarts it as it is, for other settings gopm delete \(spec.name) and start anew"
            throw RequestError(.nameInUse, "a process named \"\(spec.name)\" exists already; \(hint)")
        }
        try refuseSharedLogs(of: spec)
        let record = ProcessRecord(id: takeID(), spec: spec, createdAt: Timestamp(nanoseconds: Clock.wall))
        let process = ManagedProcess(record: record, lifecycle: ProcessLifecycle(policy: spec.policy))
        insert(process)
        if isWantedUp { post(.startRequested(.userStart), to: process) } else { changed(process) }
        return process
    }

    /// Waits for the outcome of ``register(_:)``.
    ///
    /// A program that can't be executed does not stay registered.
    func waitForFirstStart(_ process: ManagedProcess) async throws(RequestError) {
        do throws(RequestError) {
            try await waitUntilStarted(process, after: 0)
        } catch {
            if case .stopped = process.lifecycle.state, process.record.counters.starts == 0, !process.isLeaving {
                remove(process)
            }
            throw error
        }
    }

    /// The entry that has the wish's name and asks for the same, whatever shell it was started from.
    func findSame(as request: StartRequest) throws(RequestError) -> ManagedProcess? {
        var spec = try makeSpec(of: request)
        guard let known = lookUp(spec.name), known.name == spec.name, !known.isLeaving else { return nil }
        spec.searchPath = known.record.spec.searchPath
        return known.record.spec == spec ? known : nil
    }

    /// Starts one that is registered; one that is up is left alone.
    func startKnown(_ process: ManagedProcess) async throws(RequestError) {
        try refuseWhileShuttingDown()
        var before = process.lifecycle.generation
        switch process.lifecycle.state {
        case .running: return
        // Its spawn is under way already: that one's outcome is the answer.
        case .starting: before -= 1
        case .stopped, .errored, .stopping, .clearing, .waiting: break
        }
        post(.startRequested(.userStart), to: process)
        try await waitUntilStarted(process, after: before)
    }

    func restart(_ process: ManagedProcess) async throws(RequestError) {
        try refuseWhileShuttingDown()
        let before = process.lifecycle.generation
        post(.restartRequested, to: process)
        try await waitUntilStarted(process, after: before)
    }

    /// Stops a process; returns when nothing of it is left alive.
    func stop(_ process: ManagedProcess) async throws(RequestError) {
        let life = process.lifecycle.generation
        post(.stopRequested, to: process)
        let deadline = process.lifecycle.policy.killTimeout + Supervisor.settleTime
        let isGone = await process.wait(atMost: deadline) {
            $0.lifecycle.generation != life || !$0.lifecycle.isLifeLeft
        }
        guard isGone else {
            let message =
                "process \"\(process.name)\" does not end, not even by SIGKILL (is it waiting for a disk or network?)"
            throw RequestError(.timedOut, message)
        }
    }

    func delete(_ process: ManagedProcess) async throws(RequestError) {
        process.isLeaving = true
        do throws(RequestError) {
            try await stop(process)
        } catch {
            process.isLeaving = false
            throw error
        }
        if contains(process) { remove(process) }
        log(.info, "process deleted", of: process)
    }

    func flush(_ process: ManagedProcess) async throws(RequestError) {
        if let problem = await logService.flush(process) { throw RequestError(.failed, problem) }
        log(.info, "logs flushed", of: process)
    }

    /// Waits until a start's outcome is known.
    private func waitUntilStarted(_ process: ManagedProcess, after generation: Generation) async throws(RequestError) {
        let deadline = Supervisor.startTime + process.lifecycle.policy.killTimeout
        let isKnown = await process.wait(atMost: deadline) { $0.isStartDecided(after: generation) }
        guard isKnown else {
            throw RequestError(
                .timedOut,
                "process \"\(process.name)\" has not started yet; see: gopm describe \(process.name)"
            )
        }
        if case .running = process.lifecycle.state { return }
        // A program that was executed and has ended already did start; what became of it is in its state.
        if process.startFailure.isEmpty, process.record.counters.instance > generation { return }
        let reason = process.startFailure.isEmpty ? "it was stopped meanwhile" : process.startFailure
        throw RequestError(.startFailed, "cannot start \"\(process.name)\": \(reason)")
    }

    private func refuseWhileShuttingDown() throws(RequestError) {
        if isShuttingDown { throw RequestError(.shuttingDown, "the daemon is stopping") }
    }
}

extension ManagedProcess {
    /// Whether it is known what became of the spawn that follows a generation.
    fileprivate func isStartDecided(after generation: Generation) -> Bool {
        switch lifecycle.state {
        case .running: lifecycle.generation > generation
        case .stopped, .errored: true
        case .waiting: lifecycle.generation > generation
        case .starting, .stopping, .clearing: false
        }
    }
}

extension ProcessLifecycle {
    /// Whether a process of the newest life may be alive.
    var isLifeLeft: Bool {
        switch state {
        case .stopped, .errored, .waiting(_, _, isCleared: true): false
        case .starting, .running, .stopping, .clearing, .waiting: true
        }
    }
}
