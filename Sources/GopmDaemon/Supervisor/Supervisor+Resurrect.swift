import GopmLifecycle
import GopmModel
import GopmSystem
import GopmWire

/// Bringing back what an earlier supervisor had, and ending everything in good order.
extension Supervisor {
    /// Registers what was saved, without starting anything.
    func load(_ saved: SavedState) {
        for record in saved.records {
            var record = record
            record.pid = 0
            record.life = nil
            record.counters = ProcessCounters()
            // After a cold start an errored one gets a new chance, one that finished by itself stays down.
            let wantsUp = record.wantsUp || record.state == .errored
            mendPaths(of: &record)
            let machine = ProcessLifecycle(policy: record.spec.policy, wantsUp: wantsUp)
            insert(ManagedProcess(record: record, lifecycle: machine))
        }
        reserveIDs(below: saved.nextID)
    }

    /// Starts those that are wanted and not up; waits until it is known what became of each.
    ///
    /// - Returns: Those that were started.
    func resurrect() async throws(RequestError) -> [ManagedProcess] {
        counters[.resurrects] += 1
        let wanted = processes.filter { process in
            if case .stopped = process.lifecycle.state { return process.lifecycle.wantsUp && !process.isLeaving }
            return false
        }
        for process in wanted { post(.startRequested(.resurrect), to: process) }
        for process in wanted {
            // A program that can't be executed now is tried again by its policy; nobody needs to wait for that.
            _ = await process.wait(atMost: .seconds(30)) { process in
                if case .starting = process.lifecycle.state { return false }
                return true
            }
        }
        return wanted
    }

    /// Waits until a process has been online for its `min_uptime`, or says why it was not.
    func waitUntilStable(_ process: ManagedProcess) async throws(RequestError) {
        let generation = process.lifecycle.generation
        let hasLeft = await process.wait(atMost: process.lifecycle.policy.minUptime) { process in
            if case .running(generation) = process.lifecycle.state { return false }
            return true
        }
        guard hasLeft else { return }
        let ran = DurationText.format(.milliseconds(process.record.counters.lastRunMilliseconds))
        throw RequestError(
            .startFailed,
            "process \"\(process.name)\" did not stay online: \(process.endSentence) after \(ran); it stays in the list, see: gopm describe \(process.name)"
        )
    }

    /// Stops every process and returns when nothing is left; what was wanted stays wanted.
    func shutDown() async {
        isShuttingDown = true
        for process in processes where process.wishBeforeShutdown == nil {
            let isErrored = process.lifecycle.state == .errored
            process.wishBeforeShutdown = process.lifecycle.wantsUp || isErrored
        }
        // All at once; only the waiting is one after the other.
        for process in processes { post(.stopRequested, to: process) }
        for process in processes { try? await stop(process) }
    }

    /// A dump of another program may lack log paths, and its log sizes may be unset.
    func mendPaths(of record: inout ProcessRecord) {
        if record.spec.logOut.isEmpty { record.spec.logOut = logPath(of: record.spec.name, "out") }
        if record.spec.logErr.isEmpty { record.spec.logErr = logPath(of: record.spec.name, "err") }
        if record.spec.maxLogSize == 0 { record.spec.maxLogSize = config.logs.maxSize }
        if record.spec.name.isEmpty {
            record.spec.name = ProcessName.nearestValid(to: PathText.lastPart(record.spec.command))
        }
    }
}
