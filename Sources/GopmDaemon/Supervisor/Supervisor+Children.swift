import CLinux
import GopmLifecycle
import GopmModel
import GopmSystem
import Logging
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// From clone to reap: the main process of each life.
extension Supervisor {
    func spawnLife(_ generation: Generation, _ reason: StartReason, of process: ManagedProcess) {
        process.startReason = reason
        if process.child != nil {
            // The machine never orders this; a second copy would be the worst that we can do.
            counters[.zombieDetections] += 1
            failSpawn(generation, "the last life has not ended", of: process)
            return
        }
        var life = Life(lifeID: Supervisor.newLifeID(), generation: generation, bootID: Clock.bootID)
        do throws(SpawnProblem) {
            let logs = try openLogs(of: process)
            logService.restartCount(process, logs)
            life.outSlot = logs.outSlot
            life.errSlot = logs.errSlot
            life.startedBoot = Clock.boot
            life.cgroup = cgroups?.make("\(process.id).\(generation)")?.path
            process.record.life = life
            CrashPoint.beforeSpawnNoted.pass()
            // On disk before the spawn: whatever happens to us from here on, the next supervisor knows the life id. What it
            // did not know it would start a second time.
            if let error = store.note(process.snapshot()) { throw SpawnProblem(sentence: "\(error)") }
            CrashPoint.afterSpawnNoted.pass()
            let spawned = try clone(process, life, logs)
            watch(spawned, generation, of: process)
        } catch {
            failSpawn(generation, error.sentence, of: process)
        }
    }

    /// A spawn that failed before there was a child.
    private func failSpawn(_ generation: Generation, _ reason: String, of process: ManagedProcess) {
        process.startFailure = reason
        post(.spawnFailed(generation), to: process)
    }

    private struct SpawnProblem: Error {
        var sentence: String
    }

    private func openLogs(of process: ManagedProcess) throws(SpawnProblem) -> ProcessLogs {
        if let logs = process.logs { return logs }
        do throws(SystemError) {
            let logs = try logService.open(process)
            process.logs = logs
            keepStreams(logs)
            return logs
        } catch {
            throw SpawnProblem(sentence: "\(error)")
        }
    }

    private func clone(_ process: ManagedProcess, _ life: Life, _ logs: ProcessLogs) throws(SpawnProblem)
        -> SpawnedChild
    {
        let spec = process.record.spec
        var arguments = [spec.command] + spec.args
        var path = spec.command
        if let interpreter = spec.interpreter {
            do throws(ProgramError) {
                path = try Program.interpreter(
                    interpreter,
                    baseFolder: spec.cwd,
                    searchPath: environment.searchPath(of: spec)
                )
            } catch {
                throw SpawnProblem(sentence: "\(error)")
            }
            arguments.insert(interpreter, at: 0)
        }
        var request = SpawnRequest(
            path: path,
            arguments: arguments,
            environment: environment.variables(for: spec),
            workingDirectory: spec.cwd,
            lifeID: life.lifeID
        )
        request.openFiles = inheritedLimits.openFiles
        request.fileMask = inheritedLimits.fileMask
        do throws(SystemError) {
            let ends = try logs.openEnds()
            defer { ends.close() }
            request.standard = (ends.null, ends.out, ends.err)
            request.inheritedReadEnds = (ends.outReader, ends.errReader)
            let group = life.cgroup.map { Cgroup(path: $0).open() } ?? -1
            defer { if group >= 0 { close(group) } }
            request.cgroup = group
            do throws(SystemError) {
                return try spawnOrExplain(request)
            } catch {
                // A group that can't be entered (its limits, its removal) is no reason not to start.
                guard group >= 0, error.errno != .resourceTemporarilyUnavailable, error.errno != .noMemory else {
                    throw error
                }
                request.cgroup = -1
                process.record.life?.cgroup = nil
                return try spawnOrExplain(request)
            }
        } catch {
            throw SpawnProblem(sentence: "\(error)")
        }
    }

    private func spawnOrExplain(_ request: SpawnRequest) throws(SystemError) -> SpawnedChild {
        do throws(SpawnFailure) {
            return try spawn(request, from: slots)
        } catch {
            throw SystemError("make a process for", request.path, error.errno)
        }
    }

    private func watch(_ spawned: SpawnedChild, _ generation: Generation, of process: ManagedProcess) {
        CrashPoint.afterClone.pass()
        process.child = ManagedProcess.Child(
            pid: spawned.pid,
            pidfd: spawned.pidfd,
            generation: generation,
            spawned: spawned,
            startedBoot: process.record.life?.startedBoot ?? Clock.boot
        )
        process.lastCPUTime = -1
        process.memoryPeak = 0
        process.strangers = 0
        process.record.listeners = []
        process.record.life?.pid = spawned.pid
        process.record.life?.startTicks = ProcStat.read(spawned.pid)?.startTicks ?? 0
        store.note(process.snapshot())
        holder.keepLife(of: process.id, generation, spawned.pidfd)
        CrashPoint.afterPIDNoted.pass()
        onStart()
        // At once, so that it stands before the program's first own line; a failed exec says so in the next.
        logService.action(process, "started (PID \(spawned.pid))")
        watchEnd(of: process, spawned.pidfd, generation)
        do throws(SystemError) {
            try reports.add(spawned.report, events: UInt32(EPOLLIN.rawValue)) { [unowned self, unowned process] _ in
                readReport(generation, of: process)
            }
        } catch {
            endUnwatched(spawned.pidfd, error)
        }
    }

    /// Has the main process's end told, also one that has been already.
    func watchEnd(of process: ManagedProcess, _ pidfd: Int32, _ generation: Generation) {
        do throws(SystemError) {
            try pidfds.add(pidfd, events: UInt32(EPOLLIN.rawValue)) { [unowned self, unowned process] _ in
                childEnded(generation, of: process)
            }
        } catch {
            endUnwatched(pidfd, error)
        }
    }

    /// epoll is out of memory: without a watch the life would run unseen, so it may not run.
    private func endUnwatched(_ pidfd: Int32, _ error: SystemError) {
        _ = gopm_pidfd_send_signal(pidfd, SIGKILL)
        logger.critical("cannot watch a child", metadata: ["error": "\(error)"])
    }

    /// The report pipe says whether the program was executed.
    private func readReport(_ generation: Generation, of process: ManagedProcess, hasEnded: Bool = false) {
        guard let spawned = process.child?.spawned, process.child?.generation == generation else { return }
        switch spawned.readReport(hasEnded: hasEnded) {
        case .pending:
            return
        case .executed:
            endReport(of: process)
            post(.spawned(generation), to: process)
        case .failed(let failure):
            // The child is about to end; the pidfd tells when nothing is left of it.
            process.child?.failure = failure
            endReport(of: process)
        }
    }

    private func endReport(of process: ManagedProcess) {
        guard let spawned = process.child?.spawned else { return }
        reports.remove(spawned.report)
        spawned.end()
        process.child?.spawned = nil
    }

    private func childEnded(_ generation: Generation, of process: ManagedProcess) {
        guard let child = process.child, child.generation == generation else { return }
        // The report came before the end, so it is read before it. (Of our own children, and those have ended.)
        readReport(generation, of: process, hasEnded: true)
        guard let status = endStatus(of: child, process) else { return }
        process.exitDeadline = nil
        let failure = process.child?.failure
        endReport(of: process)
        pidfds.remove(child.pidfd)
        close(child.pidfd)
        process.child = nil
        // Last: until it is written what came of the end, the kept pidfd can tell it to another supervisor.
        defer { holder.dropLife(of: process.id, generation) }
        CrashPoint.afterReap.pass()
        if let failure {
            let spec = process.record.spec
            let program = spec.interpreter ?? spec.command
            process.startFailure = failure.sentence(program: program, directory: spec.cwd)
            post(.spawnFailed(generation), to: process)
            return
        }
        let ranFor = Duration.nanoseconds(max(Clock.boot - child.startedBoot, 0))
        post(.exited(generation, status, ranFor: ranFor), to: process)
    }

    /// How a main process ended; `nil` while it lives or its status may still become known.
    private func endStatus(of child: ManagedProcess.Child, _ process: ManagedProcess) -> ExitStatus? {
        var code: Int32 = 0
        var value: Int32 = 0
        switch gopm_reap(child.pidfd, &code, &value) {
        case 0: return nil
        case 1: return ExitStatus(code: code, value: value)
        default: return adoptedStatus(of: child, process)
        }
    }

    /// The status of a process that an earlier supervisor started: whoever is its parent now reaps it, and only then
    /// does its pidfd tell.
    private func adoptedStatus(of child: ManagedProcess.Child, _ process: ManagedProcess) -> ExitStatus? {
        var status: Int32 = 0
        if gopm_pidfd_exit_status(child.pidfd, &status) == 1 { return ExitStatus(waitStatus: status) }
        guard let stat = ProcStat.read(child.pid), stat.startTicks == process.record.life?.startTicks ?? 0 else {
            return .unknown
        }
        guard stat.isZombie else { return nil }
        // 0 is what those see who may not know, too; root may.
        if stat.waitStatus != 0 || geteuid() == 0 { return ExitStatus(waitStatus: stat.waitStatus) }
        if process.exitDeadline == nil {
            let generation = child.generation
            let deadline = LoopTimer { [unowned self, unowned process] in
                process.isExitOverdue = true
                childEnded(generation, of: process)
            }
            deadline.arm(after: .seconds(3))
            process.isExitOverdue = false
            process.exitDeadline = deadline
        }
        return process.isExitOverdue ? .unknown : nil
    }

    /// Random, and far above any limit that somebody might really have set, so that it hits only what we marked.
    private static func newLifeID() -> UInt64 {
        UInt64.random(in: LifeScan.ids)
    }
}

extension ExitStatus {
    /// From `si_code` (1 is CLD_EXITED, 3 is CLD_DUMPED) and `si_status` of waitid(2).
    fileprivate init(code: Int32, value: Int32) {
        self =
            code == 1
            ? .exited(code: value) : .signaled(Signal(number: value), coreDumped: code == 3)
    }
}
