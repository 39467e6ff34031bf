import CLinux
import GopmJSON
import GopmLifecycle
import GopmModel
import GopmSystem
import Logging

/// CPU, memory, restarts and uptime of all processes over the last 18 hours, a snapshot a minute.
@SupervisorActor
final class History {
    private unowned let supervisor: Supervisor
    private let disk: BackgroundThread
    private let file: HistoryFile
    private let logger: Logger
    private let interval: Int64
    /// The clock since boot is divided into windows, and a snapshot is taken when one begins: with the next supervisor
    /// the rhythm goes on.
    private var window: Int64
    private var isFailing = false
    private let bootID: UInt64

    /// How far back it goes.
    static let hours = 18.0
    /// Answers that are larger leave memory behind that is worth giving back.
    private static let largeAnswer = 1 << 20

    init(_ supervisor: Supervisor, disk: BackgroundThread, logger: Logger, every interval: Duration) {
        self.supervisor = supervisor
        self.disk = disk
        self.logger = logger
        self.interval = max(interval.wholeNanoseconds, 1)
        window = Clock.boot / self.interval
        // The first half of a UUID, which is random but for four bits.
        bootID = UInt64(Clock.bootID.filter { $0 != "-" }.prefix(16), radix: 16) ?? 0
        file = HistoryFile(path: supervisor.home.run + "/history", bootID: bootID)
    }

    /// To be called after each sample.
    func sampled() {
        let now = Clock.boot
        guard now / interval != window else { return }
        window = now / interval
        var entries: [UInt8] = []
        entries.reserveCapacity((supervisor.processes.count + 1) * HistoryEntry.size)
        HistoryEntry.time(boot: UInt64(now), wall: UInt64(max(Clock.wall, 0) / 1_000_000_000))
            .append(to: &entries)
        for process in supervisor.processes {
            HistoryEntry.sample(HistorySample(process, now: now)).append(to: &entries)
        }
        append(entries, isSnapshot: true)
    }

    /// A process is deleted: another one may get its id.
    func forget(_ id: Int) {
        var entry: [UInt8] = []
        HistoryEntry.deleted(id: id).append(to: &entry)
        append(entry, isSnapshot: false)
    }

    /// The answer to `stats`: `{"<name>":[{"ts":…,"cpu":…,"mem":…,"restarts":…,"uptime":…,"status":"online"}]}`.
    func encoded(_ processes: [ManagedProcess], seconds: Int) async -> [UInt8] {
        let names = processes.map { ($0.id, $0.name) }
        let now = HistoryReader.Now(boot: Clock.boot, wall: Clock.wall, bootID: bootID)
        let answer = await withCheckedContinuation { continuation in
            disk.run { [file] in
                var reader = HistoryReader(names.map(\.0), seconds: seconds, now: now)
                file.read { reader.take($0) }
                reader.finish()
                continuation.resume(returning: History.encode(names, reader))
            }
        }
        if answer.count > History.largeAnswer { gopm_settle_memory() }
        return answer
    }

    private func append(_ entries: [UInt8], isSnapshot: Bool) {
        disk.run { [self, file] in
            let problem = file.append(entries, isSnapshot: isSnapshot)
            // Nobody waits for it, and almost always there is none.
            if problem != nil || isSnapshot { SupervisorActor.task { self.note(problem) } }
        }
    }

    private func note(_ problem: SystemError?) {
        if let problem, !isFailing {
            logger.error("history cannot be written", metadata: ["error": "\(problem)"])
        }
        isFailing = problem != nil
    }

    private nonisolated static func encode(_ names: [(Int, String)], _ reader: HistoryReader) -> [UInt8] {
        var json = JSONWriter(reservingCapacity: 4096)
        json.object { json in
            for (id, name) in names {
                json.key(name)
                json.array { json in
                    for point in reader.points[id] ?? [] {
                        json.object { json in
                            json.member("ts", point.time)
                            json.member("cpu", Double(point.sample.cpuTenths) / 10)
                            json.member("mem", point.sample.memory)
                            json.member("restarts", point.sample.restarts)
                            json.member("uptime", point.sample.uptime)
                            json.member("status", point.sample.status.rawValue)
                        }
                    }
                }
            }
        }
        return json.bytes
    }
}

extension HistorySample {
    @SupervisorActor
    fileprivate init(_ process: ManagedProcess, now: Int64) {
        let status = Status(rawValue: process.lifecycle.state.shown.status) ?? .stopped
        let isOnline = status == .online
        self.init(
            id: process.id,
            status: status,
            uptime: isOnline ? process.uptimeSeconds(now: now) : 0,
            memory: isOnline ? Int(process.record.memory) : 0,
            cpuTenths: isOnline ? process.cpuTenths : 0,
            restarts: process.lifecycle.restarts
        )
    }
}
