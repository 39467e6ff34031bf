import GopmJSON
import GopmModel
import GopmSystem

@testable import GopmDaemon

#if canImport(Glibc)
    import Glibc
#endif

enum StateTargets {
    static let folder = "/dev/shm/gopm-fuzz-\(getpid())"

    /// Whatever is in dump.json and the journal: names that are names, ids that are each one's own, counts with room
    /// to grow, and what is saved of it reads as the same.
    static func state(_ bytes: [UInt8]) {
        let home = Home(path: folder)
        try? home.create()
        // The text before a NUL byte is the dump, the rest the journal of this boot.
        let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        put(Array(parts[0]), home.dump)
        let boot = Array("{\"boot_id\":\"\(Clock.bootID)\",\"clean\":false}\n".utf8)
        if parts.count > 1 { put(boot + parts[1], home.run + "/journal") } else { unlink(home.run + "/journal") }
        let state = SavedState(home: home, now: Timestamp(nanoseconds: 0))
        unlink(home.dump + ".corrupt-0")
        let ids = state.records.map(\.id)
        precondition(Set(ids).count == ids.count && ids.allSatisfy { $0 >= 0 && $0 < state.nextID })
        precondition(state.nextID < Int(Int32.max) + 2 + ids.count, "no room for more ids")
        for record in state.records { check(record) }
        let names = state.records.map(\.spec.name)
        if parts.count == 1 {
            precondition(Set(names).count == names.count && names.allSatisfy { ProcessName.isValid($0) })
        }
    }

    private static func check(_ record: ProcessRecord) {
        let counters = record.counters
        let counts = [
            counters.restarts, counters.restartsSinceReset, counters.instance, counters.starts, counters.stops,
            counters.crashes, counters.userRestarts, counters.supervisorRestarts, counters.logBytes,
            record.life?.generation ?? 0,
        ]
        precondition(counts.allSatisfy { $0 >= 0 && $0 <= 1 << 62 }, "a count cannot grow")
        precondition(record.pid >= 0 && record.life?.pid ?? 0 >= 0, "a process group is taken for a process")
        var json = JSONWriter()
        record.encode(into: &json, detail: .saved)
        guard let object = (try? JSONValue.parse(json.bytes))?.objectValue else { fatalError("not JSON") }
        var fields = FieldReader(object)
        var again = JSONWriter()
        ProcessRecord(from: &fields).encode(into: &again, detail: .saved)
        precondition(fields.faults.isEmpty && again.bytes == json.bytes, "a record is not read back")
    }

    private static func put(_ bytes: [UInt8], _ path: String) {
        try? FileSystem.replace(path, with: bytes, isDurable: false)
    }

    /// An entry of the history is written as it was read, and a torn or mixed-up file gives points in their order.
    static func history(_ bytes: [UInt8]) {
        mkdir(folder, 0o700)
        let path = folder + "/history"
        put(bytes, path)
        let now = HistoryReader.Now(boot: 1 << 40, wall: 1 << 60, bootID: 7)
        var reader = HistoryReader([0, 1, 2, 3], seconds: 1 << 40, now: now)
        HistoryFile(path: path, bootID: 7).read { entry in
            reader.take(entry)
            guard let again = HistoryEntry(entry.words) else { fatalError("not read back") }
            precondition(again == entry, "an entry changes")
        }
        reader.finish()
        for points in reader.points.values {
            precondition(zip(points, points.dropFirst()).allSatisfy { $0.time <= $1.time })
        }
    }
}
