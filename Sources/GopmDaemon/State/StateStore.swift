import GopmJSON
import GopmModel
import GopmSystem
import Logging
import SystemPackage

/// Keeps `dump.json` and the journal in step with the list.
///
/// dump.json holds what is wanted and survives everything; it is written by the disk thread, and a burst of changes is
/// one write: while one is under way further changes only make it dirty again. What changes without anybody's wish, such
/// as the counters of a program that crashes hundreds of times a second, is written once a second.
@SupervisorActor
final class StateStore {
    private let home: Home
    private let disk: BackgroundThread
    private let logger: Logger
    private let journal: Journal
    private var isDirty = false
    private var isSaving = false
    private var isFailing = false
    private lazy var saveSoon = LoopDeferred { [unowned self] in save() }
    private lazy var saveLater = LoopTimer { [unowned self] in
        isResting = false
        save()
    }
    private var isUrgent = false
    private var isResting = false
    private let counters: DaemonCounters
    /// What is to be saved; set once by the supervisor.
    var records: @SupervisorActor () -> [ProcessRecord] = { [] }
    var nextID: @SupervisorActor () -> Int = { 0 }

    private static let rest = Duration.seconds(1)

    init(home: Home, disk: BackgroundThread, logger: Logger, counters: DaemonCounters) {
        self.counters = counters
        self.home = home
        self.disk = disk
        self.logger = logger
        journal = Journal(path: home.run + "/journal")
    }

    /// Opens the journal anew with what is known now.
    func begin() throws(SystemError) {
        try journal.rewrite(records())
    }

    /// Says that nothing is left alive: the next supervisor starts from nothing.
    func end() {
        try? journal.rewrite(records(), isClean: true)
    }

    /// Notes a record where a supervisor after this one finds it, now; the dump follows.
    ///
    /// `isWish`: Somebody wants it up or down now.
    ///
    /// - Returns: Why the next supervisor would not find it.
    @discardableResult
    func note(_ record: ProcessRecord, isWish: Bool = false) -> SystemError? {
        let error = journal.append(record)
        check(error)
        changed(isWish: isWish)
        return error
    }

    func noteDeletion(of id: Int) {
        check(journal.appendDeletion(of: id))
        changed(isWish: true)
    }

    /// Asks for a save, of a wish at the end of this turn of the loop.
    func changed(isWish: Bool = false) {
        isDirty = true
        isUrgent = isUrgent || isWish
        if !isSaving, !isResting || isWish { saveSoon.schedule() }
    }

    /// Saves what is dirty and waits for it: only at the very end of the daemon.
    func saveNow() {
        // Behind a save that is under way: two at once would take each other's new file.
        let outcome = disk.wait { [home, dump = encodedDump(), next = nextID()] in
            StateStore.write(dump, nextID: next, home: home)
        }
        count(outcome ?? SystemError("save", home.dump))
        isDirty = false
    }

    private func save() {
        guard isDirty, !isSaving else { return }
        isDirty = false
        isUrgent = false
        isSaving = true
        if journal.wantsRewrite { try? journal.rewrite(records()) }
        let compact = encodedDump()
        disk.run { [self, home, next = nextID()] in
            let outcome = StateStore.write(compact, nextID: next, home: home)
            SupervisorActor.task { self.saved(outcome) }
        }
    }

    private func saved(_ outcome: SystemError?) {
        isSaving = false
        count(outcome)
        isResting = true
        saveLater.arm(after: StateStore.rest)
        if isUrgent { saveSoon.schedule() }
    }

    private func count(_ outcome: SystemError?) {
        if let outcome {
            counters[.stateSaveFailures] += 1
            // Said once per bad time, not once per change.
            if !isFailing { logger.error("state save failed", metadata: ["error": "\(outcome)"]) }
            isFailing = true
            return
        }
        counters[.stateSaves] += 1
        isFailing = false
        logger.debug("state saved", metadata: ["saves": "\(counters[.stateSaves])"])
    }

    private func check(_ error: SystemError?) {
        guard let error, !isFailing else { return }
        isFailing = true
        logger.error("journal write failed", metadata: ["error": "\(error)"])
    }

    private func encodedDump() -> [UInt8] {
        let records = records()
        var json = JSONWriter(reservingCapacity: records.count * 1024 + 16)
        json.array { json in for record in records { record.encode(into: &json, detail: .saved) } }
        return json.bytes
    }

    private nonisolated static func write(_ compact: [UInt8], nextID: Int, home: Home) -> SystemError? {
        do throws(SystemError) {
            let text = JSONFormatter.indented(compact) + [UInt8(ascii: "\n")]
            CrashPoint.beforeDumpWritten.pass()
            try FileSystem.replace(home.dump, with: text, isDurable: true)
            CrashPoint.afterDumpWritten.pass()
            try FileSystem.replace(home.run + "/next-id", with: Array("\(nextID)\n".utf8), isDurable: false)
            return nil
        } catch {
            return error
        }
    }
}
