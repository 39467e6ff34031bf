import CLinux
import GopmLifecycle
import GopmModel
import GopmSystem
import GopmWire
import Logging

/// The list of managed processes, and the one entrance for everything that happens to them.
///
/// An event goes into the process's machine, and the actions that come out are performed at once and in order; nothing
/// is awaited in between. An action that fails answers with an event of its own, which waits its turn.
@SupervisorActor
final class Supervisor {
    let home: Home
    let logger: Logger
    let store: StateStore
    let logService: LogService
    let holder: any DescriptorHolder
    let sweeper = LifeSweeper()
    /// Where the programs' groups are; `nil` where there may be none.
    let cgroups: CgroupTree?
    let environment: ProgramEnvironment
    /// The soft limit of open files and the umask that the supervisor was started with, for its children.
    let inheritedLimits: InheritedLimits
    let pidfds: DescriptorSet
    let reports: DescriptorSet
    let slots: SpawnSlots
    private var list = ProcessList()
    var config: Config
    /// Set while the supervisor stops everything; it takes no further wishes.
    var isShuttingDown = false
    /// What subscribers are told: a process changed, or was removed.
    var onChange: @SupervisorActor (ManagedProcess, _ isRemoved: Bool) -> Void = { _, _ in }
    /// Told of each process that is deleted.
    var onRemove: @SupervisorActor (ManagedProcess) -> Void = { _ in }
    /// Told of each life that was started.
    var onStart: @SupervisorActor () -> Void = {}
    let counters: DaemonCounters
    private var pending: [(ProcessLifecycle.Event, ManagedProcess)] = []
    private var isHandling = false

    init(_ parts: SupervisorParts) throws(SystemError) {
        home = parts.home
        config = parts.config
        logger = parts.logger
        store = parts.store
        logService = parts.logService
        holder = parts.holder
        environment = parts.environment
        cgroups = parts.cgroups
        counters = parts.counters
        inheritedLimits = parts.inheritedLimits
        slots = try SpawnSlots()
        pidfds = try DescriptorSet()
        reports = try DescriptorSet()
        store.records = { [unowned self] in processes.map { $0.snapshot() } }
        store.nextID = { [unowned self] in list.nextID }
        try reports.add(slots.event, events: UInt32(EPOLLIN.rawValue)) { [unowned self] _ in slots.reclaim() }
    }

    /// Takes an event of a process.
    func post(_ event: ProcessLifecycle.Event, to process: ManagedProcess) {
        pending.append((event, process))
        guard !isHandling else { return }
        isHandling = true
        while !pending.isEmpty {
            let (event, process) = pending.removeFirst()
            let wish = process.lifecycle.wantsUp
            let actions = process.lifecycle.handle(event)
            // A changed wish is on disk before anything comes of it.
            if process.lifecycle.wantsUp != wish { store.note(process.snapshot(), isWish: true) }
            for action in actions { perform(action, for: process) }
            process.wakeWaiters()
        }
        isHandling = false
    }
}

/// What a supervisor is made with.
struct SupervisorParts {
    var home: Home
    var config: Config
    var logger: Logger
    var store: StateStore
    var logService: LogService
    var holder: any DescriptorHolder
    var environment: ProgramEnvironment
    var cgroups: CgroupTree?
    var inheritedLimits: InheritedLimits
    var counters: DaemonCounters
}

/// What the supervisor changes for itself at its start and its children get back.
struct InheritedLimits: Sendable {
    /// Soft `RLIMIT_NOFILE`.
    var openFiles: UInt64
    var fileMask: UInt32
}

// MARK: - The list

extension Supervisor {
    /// The processes that a target names: a name, an id, or `all`.
    func find(_ target: String) throws(RequestError) -> [ManagedProcess] {
        if target == "all" { return processes.filter { !$0.isLeaving } }
        return [try findOne(target)]
    }

    func findOne(_ target: String) throws(RequestError) -> ManagedProcess {
        if target == "all" { throw RequestError(.invalidValue, "\"all\" is not allowed here, name one process") }
        guard let process = lookUp(target), !process.isLeaving else {
            throw RequestError(.notFound, "process \"\(target)\" not found")
        }
        return process
    }

    /// Sorted by id.
    var processes: [ManagedProcess] { list.all }

    /// By name, else by id.
    func lookUp(_ target: String) -> ManagedProcess? {
        list.lookUp(target)
    }

    func process(withID id: Int) -> ManagedProcess? {
        list.withID(id)
    }

    /// The one whose main process that is, or in whose life it was born.
    func process(withPID pid: Int32) -> ManagedProcess? {
        let lifeID = LifeScan.lifeID(of: pid)
        return processes.first { process in
            guard let life = process.record.life else { return false }
            return process.child?.pid == pid || life.lifeID == lifeID
        }
    }

    func owner(ofLog path: String) -> ManagedProcess? {
        list.owner(ofLog: path)
    }

    func contains(_ process: ManagedProcess) -> Bool {
        list.contains(process)
    }

    func insert(_ process: ManagedProcess) {
        list.insert(process)
    }

    func takeID() -> Int {
        list.takeID()
    }

    func reserveIDs(below id: Int) {
        list.reserveIDs(below: id)
    }

    func remove(_ process: ManagedProcess) {
        list.remove(process)
        CrashPoint.beforeDeletionNoted.pass()
        store.noteDeletion(of: process.id)
        CrashPoint.afterDeletionNoted.pass()
        logService.forget(process)
        onRemove(process)
        onChange(process, true)
    }

    /// Saves what changed of a process and tells whoever watches.
    func changed(_ process: ManagedProcess) {
        store.note(process.snapshot())
        onChange(process, false)
    }
}
