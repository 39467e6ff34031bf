import GopmModel
import GopmProcfs
import GopmSystem

/// Finds out where the programs listen: all of them at long intervals, a program that was just started soon.
///
/// A look takes milliseconds with hundreds of programs, most of them in the kernel, so the disk thread does it.
@SupervisorActor
final class PortScanner {
    private unowned let supervisor: Supervisor
    private let disk: BackgroundThread
    private let interval: Duration
    private var isLooking = false
    private lazy var regular = LoopTimer { [unowned self] in
        start()
        look(onlyYoung: false)
    }
    private lazy var early = LoopTimer { [unowned self] in
        isEarlyDue = false
        look(onlyYoung: true)
    }
    private var isEarlyDue = false

    /// Most programs listen within the first of these, all but a few within the second.
    private static let earlyLooks = [Duration.seconds(1), .seconds(5)]

    init(_ supervisor: Supervisor, disk: BackgroundThread, every interval: Duration) {
        self.supervisor = supervisor
        self.disk = disk
        self.interval = interval
    }

    func start() {
        regular.arm(after: interval)
    }

    /// A program was started or adopted.
    func soon() {
        guard !isEarlyDue else { return }
        isEarlyDue = true
        early.arm(after: PortScanner.earlyLooks[0])
    }

    /// A life whose sockets are wanted.
    private struct Target: Sendable {
        var process: Int
        var generation: Int
        var lifeID: UInt64
        var cgroup: Cgroup?
    }

    private struct Finding: Sendable {
        var target: Target
        var listeners: [String]
        /// Processes that are of the life by its cgroup alone.
        var strangers: Int
    }

    private func look(onlyYoung: Bool) {
        let now = Clock.boot
        let youth = PortScanner.earlyLooks[1].wholeNanoseconds
        var (targets, isYoungAmongThem) = ([Target](), false)
        for process in supervisor.processes {
            guard let child = process.child, let life = process.record.life else { continue }
            let isYoung = now - child.startedBoot < youth
            isYoungAmongThem = isYoungAmongThem || isYoung
            // A little more than young: the look at the end of its youth is for it, too.
            guard !onlyYoung || now - child.startedBoot < 2 * youth else { continue }
            targets.append(
                Target(
                    process: process.id,
                    generation: life.generation,
                    lifeID: life.lifeID,
                    cgroup: life.cgroup.map { Cgroup(path: $0) }
                )
            )
        }
        if isYoungAmongThem, onlyYoung, !isEarlyDue {
            isEarlyDue = true
            early.arm(after: PortScanner.earlyLooks[1] - PortScanner.earlyLooks[0])
        }
        guard !isLooking, !targets.isEmpty else { return }
        isLooking = true
        disk.run { [targets] in
            let findings = PortScanner.findings(targets)
            SupervisorActor.task { self.take(findings) }
        }
    }

    private nonisolated static func findings(_ targets: [Target]) -> [Finding] {
        var members: [UInt64: [Int32]] = [:]
        for target in targets { members[target.lifeID] = [] }
        LifeScan.forEachProcess { pid, life in members[life]?.append(pid) }
        var strangers: [Int] = []
        let trees = targets.map { target in
            let known = Set(members[target.lifeID] ?? [])
            let others = target.cgroup?.members.filter { !known.contains($0) } ?? []
            strangers.append(others.count)
            return known + others
        }
        return zip(zip(targets, strangers), Listeners.find(trees)).map { pair, listeners in
            Finding(target: pair.0, listeners: listeners, strangers: pair.1)
        }
    }

    private func take(_ findings: [Finding]) {
        isLooking = false
        for finding in findings {
            guard let process = supervisor.process(withID: finding.target.process),
                process.child?.generation == finding.target.generation
            else { continue }
            process.strangers = finding.strangers
            guard process.record.listeners != finding.listeners else { continue }
            process.record.listeners = finding.listeners
            supervisor.onChange(process, false)
        }
    }
}
