import GopmLifecycle
import GopmModel
import GopmSystem
import Logging

/// What people are told of a life: action lines in the program's log, lines in the daemon's, counters, and the reason
/// that the list shows.
extension Supervisor {
    func tell(_ report: ProcessLifecycle.Report, of process: ManagedProcess) {
        switch report {
        case .online(let generation):
            tellOnline(generation, of: process)
        case .stopping(let generation):
            process.record.counters.stops += 1
            log(
                .info,
                "process stopping",
                of: process,
                ["signal": process.lifecycle.policy.killSignal.name, "instance": "\(generation)"]
            )
        case .killTimeoutPassed(let generation):
            let timeout = DurationText.format(process.lifecycle.policy.killTimeout)
            logService.action(process, "did not end within \(timeout), sending SIGKILL")
            log(.warning, "kill timeout passed", of: process, ["timeout": timeout, "instance": "\(generation)"])
        case .ended(let generation, let status, let ranFor, let wasAsked):
            tellEnded(generation, status, ranFor, wasAsked: wasAsked, of: process)
        case .waiting(let attempt, let delay):
            let limit = process.lifecycle.policy.maxRestarts
            let count = limit == 0 ? "\(attempt)" : "\(attempt)/\(limit)"
            process.record.counters.restartsSinceReset = attempt
            logService.action(process, "restarting, attempt \(count) in \(DurationText.format(delay))")
            log(.debug, "restart pending", of: process, ["attempt": count, "delay": DurationText.format(delay)])
        case .restartCancelled:
            counters[.restartCancels] += 1
            log(.debug, "pending restart cancelled", of: process)
            return
        case .gaveUp(let restarts):
            process.record.reason = "gave up after \(restarts) restarts: \(process.endSentence)"
            logService.action(process, "giving up after \(restarts) restarts")
            log(.error, "giving up", of: process, ["restarts": "\(restarts)"])
            goneForGood(process)
        case .finished:
            process.record.reason = process.endSentence
            log(.info, "process finished", of: process)
            goneForGood(process)
        case .stopped:
            process.record.reason = isShuttingDown ? "stopped with the daemon" : "stopped by user"
            logService.action(process, "stopped")
            log(.info, "process stopped", of: process)
            goneForGood(process)
        case .startFailed(let generation):
            process.record.lastExit = .unknown
            logService.action(process, "start failed: \(process.startFailure)")
            log(.error, "start failed", of: process, ["error": process.startFailure, "instance": "\(generation)"])
            if case .stopped = process.lifecycle.state {
                process.record.reason = process.startFailure
                goneForGood(process)
            }
        case .ignored(let event):
            counters[.monitorStales] += 1
            log(.warning, "stale event ignored", of: process, ["event": event])
            return
        }
        changed(process)
    }

    func log(
        _ level: Logger.Level,
        _ message: Logger.Message,
        of process: ManagedProcess,
        _ fields: [String: String] = [:]
    ) {
        guard level >= logger.logLevel else { return }
        var metadata = fields.mapValues { Logger.MetadataValue.string($0) }
        metadata["process"] = .string(process.name)
        logger.log(level: level, message, metadata: metadata)
    }

    private func tellOnline(_ generation: Generation, of process: ManagedProcess) {
        guard let child = process.child else { return }
        process.record.startedAt = Timestamp(nanoseconds: Clock.wall)
        process.record.reason = ""
        process.startFailure = ""
        process.record.memory = ProcMemory.residentBytes(of: child.pid) ?? 0
        process.record.counters.instance = generation
        process.record.counters.starts += 1
        switch process.startReason {
        case .userRestart: process.record.counters.userRestarts += 1
        case .supervisorRestart: process.record.counters.supervisorRestarts += 1
        case .userStart, .resurrect, .adopt, .reboot: break
        }
        log(
            .info,
            "process started",
            of: process,
            ["pid": "\(child.pid)", "reason": "\(process.startReason.rawValue)", "instance": "\(generation)"]
        )
    }

    private func tellEnded(
        _ generation: Generation,
        _ status: ExitStatus,
        _ ranFor: Duration,
        wasAsked: Bool,
        of process: ManagedProcess
    ) {
        process.record.lastExit = status
        process.record.counters.lastRunMilliseconds = ranFor.wholeMilliseconds
        if !wasAsked, !status.isSuccess { process.record.counters.crashes += 1 }
        process.record.reason = wasAsked ? "" : status.sentence
        logService.action(process, status.sentence)
        log(
            status.isSuccess || wasAsked ? .info : .warning,
            "process exited",
            of: process,
            [
                "exit_code": "\(status.code)", "signal": "\(status.signalNumber)",
                "ran_ms": "\(ranFor.wholeMilliseconds)",
                "instance": "\(generation)",
            ]
        )
    }

    /// Nothing is alive and nothing is pending: the streams go back.
    private func goneForGood(_ process: ManagedProcess) {
        process.record.life = nil
        guard let logs = process.logs else { return }
        process.logs = nil
        logService.close(logs)
        holder.dropStreams(of: process.id)
    }
}
