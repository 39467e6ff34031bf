import CLinux
package import GopmClient
import GopmModel
import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Does the steps of moves, one process after the other, and writes each down before it begins.
package final class Migration {
    package private(set) var journal: MigrationJournal
    package let pm2: PM2Side
    private let home: Home
    private let gopm: GopmSide
    private let onEvent: (Event) -> Void

    /// What people are told while it goes on.
    package enum Event: Sendable {
        case began(Move.Step)
        /// `id`: In gopm, after a start.
        case succeeded(Move.Step, id: Int?)
        case failed(Move.Step, reason: String)
    }

    package init(
        _ journal: MigrationJournal,
        access: DaemonAccess,
        pm2: PM2Side,
        onEvent: @escaping (Event) -> Void
    ) {
        self.journal = journal
        self.pm2 = pm2
        home = access.home
        gopm = GopmSide(access: access)
        self.onEvent = onEvent
    }

    /// Writes down that a process is going to be moved.
    ///
    /// - Returns: Its index in the journal.
    package func add(_ entry: MigrationJournal.Entry) throws(PM2Error) -> Int {
        journal.entries.append(entry)
        try journal.save(home)
        return journal.entries.count - 1
    }

    /// Turns a move back to PM2.
    package func rollBack(_ index: Int) throws(PM2Error) {
        journal.entries[index].move.rollBack()
        try journal.save(home)
    }

    /// Goes on with one process's move, from the step that is written, to its end.
    ///
    /// Throws only if the journal cannot be written: then nothing further is done.
    package func finish(_ index: Int) throws(PM2Error) {
        while !journal.entries[index].move.isOver {
            let step = journal.entries[index].move.step
            onEvent(.began(step))
            CrashPoint.begun(step).pass()
            do throws(PM2Error) {
                let id = try perform(step, journal.entries[index])
                CrashPoint.done(step).pass()
                journal.entries[index].move.succeeded()
                onEvent(.succeeded(step, id: id))
            } catch {
                onEvent(.failed(step, reason: error.description))
                let goesOn = journal.entries[index].move.failed(error.description)
                guard goesOn else { return try journal.save(home) }
            }
            try journal.save(home)
        }
    }

    /// - Returns: The id in gopm, after a start.
    private func perform(_ step: Move.Step, _ entry: MigrationJournal.Entry) throws(PM2Error) -> Int? {
        switch step {
        case .stopping: try stop(entry)
        case .starting:
            let id = try gopm.start(entry)
            CrashPoint.startedInGopm.pass()
            try gopm.waitUntilOnline(entry)
            return id
        case .removing: try removeFromPM2(entry)
        case .withdrawing: try gopm.remove(entry)
        case .restoring: try restore(entry)
        case .moved, .restored: break
        }
        return nil
    }

    // MARK: - The steps in PM2

    /// Afterwards no process of it is alive, and PM2 starts none, not even after a reboot.
    private func stop(_ entry: MigrationJournal.Entry) throws(PM2Error) {
        guard entry.origin != .file else { return }
        let timeout = entry.request.policy.killTimeout
        var listed: [PM2Process] = []
        pm2.forgetList()
        if try pm2.isRunning() {
            if !entry.wantsUp, try pm2.entries(of: entry.processes).contains(where: \.isUp) {
                throw PM2Error("it was started in PM2 meanwhile")
            }
            let up = try pm2.entries(of: entry.processes).filter { entry.mustLeaveToStop || !$0.isDown }
            if entry.mustLeaveToStop {
                try pm2.delete(up.compactMap(\.id), killTimeout: timeout)
            } else {
                try pm2.stop(up.compactMap(\.id), killTimeout: timeout)
            }
            CrashPoint.stoppedInPM2.pass()
            listed = try pm2.entries(of: entry.processes)
            if let other = listed.first(where: { !$0.isDown }) {
                throw PM2Error("PM2 did not stop it: it is \(other.status) there")
            }
        }
        if entry.wantsUp { try makeSureItIsGone(entry, hasPM2: !listed.isEmpty) }
        try editDump { $0.change(entry) }
    }

    private func makeSureItIsGone(_ entry: MigrationJournal.Entry, hasPM2: Bool) throws(PM2Error) {
        let traces = self.traces(of: entry)
        let left: [ProcessTraces.Trace]
        if hasPM2 {
            left = traces.waitUntilGone(entry.request.policy.killTimeout + .seconds(2))
        } else {
            // PM2's daemon died with the entry: what it left behind is nobody's, and nobody else will end it.
            left = traces.end(with: entry.request.policy.killSignal, killTimeout: entry.request.policy.killTimeout)
        }
        guard left.isEmpty else {
            let pids = left.map { String($0.pid) }.joined(separator: ", ")
            throw PM2Error("PM2 stopped it, but left PID \(pids) of it alive; end that first (kill \(pids))")
        }
    }

    private func removeFromPM2(_ entry: MigrationJournal.Entry) throws(PM2Error) {
        guard entry.origin != .file, !entry.keepsEntry, try pm2.isRunning() else { return }
        let ids = try pm2.entries(of: entry.processes).compactMap(\.id)
        try pm2.delete(ids, killTimeout: entry.request.policy.killTimeout)
        if try !pm2.entries(of: entry.processes).isEmpty { throw PM2Error("PM2 still lists it") }
    }

    /// Brings PM2's back as it was; nothing of ours is left.
    private func restore(_ entry: MigrationJournal.Entry) throws(PM2Error) {
        guard entry.origin != .file else { return }
        try editDump { $0.putBack(entry.dumped) }
        CrashPoint.dumpRestored.pass()
        // Its daemon was dead before, so the dump is all there was.
        guard entry.origin == .live else { return }
        var listed = try pm2.isRunning() ? pm2.entries(of: entry.processes) : []
        if listed.count < entry.elements.count {
            // Half a cluster does not become a whole one by taking in the rest: PM2 passes over names that it has.
            try pm2.delete(listed.compactMap(\.id), killTimeout: entry.request.policy.killTimeout)
            try makeSureItIsGone(entry, hasPM2: false)
            try pm2.resurrect(entry.elements, through: "\(home.run)/pm2-restore.json")
            listed = try pm2.entries(of: entry.processes)
        } else {
            let missing = entry.processes.count { $0.isUp } - listed.count { $0.isUp }
            try pm2.restart(listed.filter { !$0.isUp }.prefix(max(missing, 0)).compactMap(\.id))
            listed = try pm2.entries(of: entry.processes)
        }
        guard listed.count == entry.elements.count else {
            throw PM2Error("PM2 did not take it in again (has it another process of this name?)")
        }
        let isUpAgain = listed.count { $0.isUp } >= entry.processes.count { $0.isUp }
        if !isUpAgain, !entry.isCrashLoop, let other = listed.first(where: { !$0.isUp }) {
            throw PM2Error("it is \(other.status) in PM2 now")
        }
    }

    private func traces(of entry: MigrationJournal.Entry) -> ProcessTraces {
        var excluded: Set<Int32> = []
        if case .running(let pid?) = PM2Daemon.look(pm2.home) { excluded.insert(pid) }
        return ProcessTraces(of: entry.processes, excluding: excluded)
    }

    // MARK: - dump.pm2

    private func editDump(_ edit: (inout PM2Dump) -> Bool) throws(PM2Error) {
        let path = "\(pm2.home)/dump.pm2"
        do throws(SystemError) {
            var info = stat()
            let exists = stat(path, &info) == 0
            // One that cannot be read as a list brings nothing back.
            guard var dump = exists ? PM2Dump(parsing: try FileSystem.read(path)) : PM2Dump() else { return }
            guard edit(&dump) else { return }
            let mode = exists ? UInt32(info.st_mode & 0o777) : 0o600
            try FileSystem.replace(path, with: dump.text, mode: mode, isDurable: true)
        } catch {
            throw PM2Error("\(error)")
        }
    }
}

extension PM2Dump {
    /// Takes out what moves, or leaves it stopped.
    fileprivate mutating func change(_ entry: MigrationJournal.Entry) -> Bool {
        entry.keepsEntry ? markStopped(entry.processes) : remove(entry.processes)
    }
}

extension PM2Process {
    /// Whether PM2 has no process of it and starts none by itself.
    fileprivate var isDown: Bool { pid == 0 && (status == "stopped" || status == "errored") }
}
