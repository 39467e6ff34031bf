import GopmClient
import GopmCommandLine
import GopmMigration
import GopmModel
import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// One run: what is to be moved, in which order things are done, and who is told.
struct Session {
    let global: GlobalOptions

    /// What the command line asks for.
    struct Request {
        var names: [String]
        var file: String?
        var pm2Home: String
    }

    private var home: Home { global.home }

    private static let searchPath = variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"

    // MARK: - The three things that a run can do

    /// - Returns: Whether all that is shown could be moved.
    func preview(_ request: Request) throws(PM2Error) -> Bool {
        let pm2 = PM2Side(home: request.pm2Home, searchPath: Session.searchPath)
        let gathered = try gather(request, pm2, onlyLooks: true)
        let checked = gathered.plans.map { (plan: $0, obstacle: check(pm2).obstacle(to: $0)) }
        if global.json {
            Report.json(checked.map { Report.Outcome(plan: $0.plan, failure: $0.obstacle) }, isDry: true)
        } else {
            gathered.remarks.forEach(Report.note)
            for item in checked { Report.preview(item.plan, obstacle: item.obstacle) }
        }
        return checked.allSatisfy { $0.obstacle == nil }
    }

    /// - Returns: Whether all were moved.
    func move(_ request: Request, keeps: Bool) throws(PM2Error) -> Bool {
        let report = Report(isJSON: global.json)
        let lock = try lockOut()
        var isDone = true
        var earlier = try MigrationJournal.load(home)
        if let unfinished = earlier, !unfinished.isOver {
            let (journal, isAllOver) = try finish(unfinished, lock, report)
            isDone = journal.entries.allSatisfy { $0.move.step == .moved || $0.move.step == .restored }
            guard isAllOver || journal.pm2Home == request.pm2Home else { return report.end(false, pm2: nil) }
            earlier = journal.pm2Home == request.pm2Home ? journal : nil
        } else {
            earlier = nil
        }
        let pm2 = side(request.pm2Home, lock)
        let gathered = try gather(request, pm2, onlyLooks: false)
        report.found(gathered.plans.count, in: gathered.description)
        if !global.json { gathered.remarks.forEach(Report.note) }
        // One that waits for its own end is not moved a second time.
        let waiting = Set((earlier?.entries ?? []).filter { !$0.move.isOver }.map(\.name))
        let dump = PM2Dump(parsing: (try? FileSystem.read("\(request.pm2Home)/dump.pm2")) ?? [])
        let journal = earlier ?? MigrationJournal(pm2Home: request.pm2Home)
        let migration = Migration(journal, access: global.access, pm2: pm2, onEvent: report.event)
        for (index, plan) in gathered.plans.enumerated() where !waiting.contains(plan.name) {
            report.begin(plan, index + 1, of: gathered.plans.count)
            if let obstacle = check(pm2).obstacle(to: plan) {
                report.refuse(obstacle)
                continue
            }
            let dumped = dump?.elements(of: plan.processes) ?? []
            try Interruption.heldBack { () throws(PM2Error) in
                let place = try migration.add(MigrationJournal.Entry(plan, dumped: dumped, keepsEntry: keeps))
                try migration.finish(place)
                report.finish(migration.journal.entries[place])
            }
        }
        return report.end(isDone, pm2: pm2)
    }

    /// - Returns: Whether all of the last migration is in PM2 again.
    func rollBack() throws(PM2Error) -> Bool {
        let report = Report(isJSON: global.json, goesBack: true)
        let lock = try lockOut()
        guard let journal = try MigrationJournal.load(home),
            journal.entries.contains(where: { $0.move.step != .restored })
        else { throw PM2Error("there is no migration from PM2 to put back") }
        let migration = Migration(
            journal,
            access: global.access,
            pm2: side(journal.pm2Home, lock),
            onEvent: report.event
        )
        let indices = journal.entries.indices.filter { journal.entries[$0].move.step != .restored }
        for (count, index) in indices.enumerated() {
            report.begin(journal.entries[index], count + 1, of: indices.count)
            try Interruption.heldBack { () throws(PM2Error) in
                try migration.rollBack(index)
                try migration.finish(index)
                report.finish(migration.journal.entries[index])
            }
        }
        if migration.journal.entries.allSatisfy({ $0.move.step == .restored }) { unlink(home.pm2Migration) }
        return report.end(true, pm2: nil)
    }

    /// Goes on with what an earlier run left half done.
    private func finish(
        _ journal: MigrationJournal,
        _ lock: LockFile,
        _ report: Report
    ) throws(PM2Error) -> (MigrationJournal, isAllOver: Bool) {
        let migration = Migration(
            journal,
            access: global.access,
            pm2: side(journal.pm2Home, lock),
            onEvent: report.event
        )
        for index in journal.entries.indices where !journal.entries[index].move.isOver {
            report.resume(journal.entries[index])
            try Interruption.heldBack { () throws(PM2Error) in
                try migration.finish(index)
                report.finish(migration.journal.entries[index])
            }
        }
        return (migration.journal, migration.journal.isOver)
    }

    // MARK: - What is to be moved

    private struct Gathered {
        var plans: [ImportPlan]
        var description: String
        /// About the whole, not one process.
        var remarks: [String]
    }

    private func gather(_ request: Request, _ pm2: PM2Side, onlyLooks: Bool) throws(PM2Error) -> Gathered {
        let source: PM2Source
        if let file = request.file {
            source = try PM2Source.file(file, pm2, place: surroundings(of: file))
        } else {
            source = try PM2Source.own(pm2, onlyLooks: onlyLooks)
        }
        var site = ImportSite(pm2Home: request.pm2Home, base: base, uid: getuid())
        site.userName = UserAccount.find(uid: getuid())?.name
        site.searchPath = Session.searchPath
        site.killSignal = PM2Daemon.look(request.pm2Home).killSignal
        // A preview starts no daemon, neither ours nor PM2's.
        let taken = try MigrationNames.taken(by: global.access, starts: !onlyLooks)
        let plans = PM2Import.plans(for: source.processes, at: site, taken: taken)
        var remarks = source.processes.filter(\.isModule).map { "\($0.name) is a module of PM2 and stays there" }
        for section in source.otherSections {
            remarks.append("\(section): gopm has no such section of a file; it deploys nothing")
        }
        return Gathered(plans: try chosen(plans, request.names), description: source.description, remarks: remarks)
    }

    private func chosen(_ plans: [ImportPlan], _ names: [String]) throws(PM2Error) -> [ImportPlan] {
        guard !names.isEmpty else { return plans }
        for name in names where !plans.contains(where: { $0.first.name == name || $0.name == name }) {
            let known = Set(plans.map(\.first.name)).sorted().joined(separator: ", ")
            throw PM2Error("PM2 has no process named \"\(name)\" (it has: \(known.isEmpty ? "none" : known))")
        }
        return plans.filter { names.contains($0.first.name) || names.contains($0.name) }
    }

    private func surroundings(of file: String) -> PM2App.Surroundings {
        PM2App.Surroundings(
            folder: PathText.folder(file),
            home: variable("HOME") ?? "/",
            searchPath: Session.searchPath
        ) { path in
            var beginning: [UInt8] = [0, 0, 0, 0]
            let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else { return false }
            defer { close(descriptor) }
            guard read(descriptor, &beginning, 4) >= 2, access(path, X_OK) == 0 else { return false }
            return beginning == [0x7f, 0x45, 0x4c, 0x46] || beginning.starts(with: "#!".utf8)
        }
    }

    /// What gopm gives every program, so that it need not be declared.
    private var base: [String: String] {
        var base: [String: String] = [:]
        for name in ["HOME", "USER", "LOGNAME", "SHELL"] { base[name] = variable(name) }
        return base
    }

    private func check(_ pm2: PM2Side) -> MoveCheck {
        MoveCheck(pm2: pm2, uid: getuid())
    }

    // MARK: - One run at a time

    private func side(_ pm2Home: String, _ lock: LockFile) -> PM2Side {
        let side = PM2Side(home: pm2Home, searchPath: Session.searchPath)
        side.lock = lock
        return side
    }

    /// Waits for another run, and for a command of PM2 that one which was killed has left behind.
    private func lockOut() throws(PM2Error) -> LockFile {
        do throws(SystemError) {
            try home.create()
            let end = Clock.boot + 30_000_000_000
            while true {
                if let lock = try LockFile.acquire(home.pm2Lock) { return lock }
                guard Clock.boot < end else { break }
                // flock(2) could wait, but for ever.
                poll(nil, 0, 50)
            }
        } catch {
            throw PM2Error("\(error)")
        }
        throw PM2Error("another gopm pm2 is at work here (it holds \(home.pm2Lock))")
    }
}

/// Signals that would end us in the middle of a move wait for its end: a program should not be down for longer than it
/// must.
enum Interruption {
    static func heldBack(_ body: () throws(PM2Error) -> Void) throws(PM2Error) {
        var signals = sigset_t()
        var before = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
        sigprocmask(SIG_BLOCK, &signals, &before)
        // One that came meanwhile ends us here, between two moves.
        defer { sigprocmask(SIG_SETMASK, &before, nil) }
        try body()
    }
}
