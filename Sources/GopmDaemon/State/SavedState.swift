import GopmJSON
import GopmModel
import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// What an earlier supervisor left behind, read once at the start.
struct SavedState: Sendable {
    /// By id.
    ///
    /// The journal's record where it is of this boot, else the dump's.
    var records: [ProcessRecord] = []
    var nextID = 0
    /// The supervisor before this one ended without stopping its programs: they may be alive.
    var isContinuation = false
    /// One line each for the daemon's log and for people.
    var remarks: [String] = []

    /// Reads dump and journal.
    ///
    /// A dump that can't be read is set aside, never overwritten.
    init(home: Home, now: Timestamp) {
        var byID: [Int: ProcessRecord] = [:]
        switch SavedState.readDump(home.dump) {
        case .success(let loaded):
            for record in loaded.records { byID[record.id] = record }
            remarks += loaded.remarks
        case .failure(let reason):
            let aside = "\(home.dump).corrupt-\(now.seconds)"
            let moved = rename(home.dump, aside) == 0
            remarks.append(
                "dump.json cannot be used (\(reason.text)); \(moved ? "set aside as \(aside)" : "left in place")"
            )
        }
        overlayJournal(of: home, onto: &byID)
        records = byID.values.sorted { $0.id < $1.id }
        let saved = (try? FileSystem.read(home.run + "/next-id")).flatMap { bytes in
            Int(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
        }
        let highest = records.last.map { $0.id + 1 } ?? 0
        // An id has 31 bits; what else the file says is no number of ours.
        nextID = records.isEmpty ? 0 : max(saved.map { (0...Int(Int32.max)).contains($0) ? $0 : 0 } ?? 0, highest)
    }

    /// The journal is newer than the dump if it is of this boot.
    private mutating func overlayJournal(of home: Home, onto byID: inout [Int: ProcessRecord]) {
        let journal = Journal.read(home.run + "/journal")
        if journal.badLines > 0 { remarks.append("\(journal.badLines) unreadable journal lines skipped") }
        guard journal.bootID == Clock.bootID else { return }
        isContinuation = !journal.isClean
        byID = journal.records
    }

    private struct Refusal: Error {
        var text: String
    }

    private static func readDump(_ path: String) -> Result<(records: [ProcessRecord], remarks: [String]), Refusal> {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileSystem.read(path)
        } catch {
            return error.errno == .noSuchFileOrDirectory ? .success(([], [])) : .failure(Refusal(text: "\(error)"))
        }
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONValue.parse(bytes)
        } catch {
            return .failure(Refusal(text: bytes.isEmpty ? "it is empty" : "\(error)"))
        }
        guard let entries = document.arrayValue else {
            return .failure(Refusal(text: "expected a list, found \(document.kindName)"))
        }
        var records: [ProcessRecord] = []
        var remarks: [String] = []
        var names: Set<String> = []
        var ids: Set<Int> = []
        for (index, entry) in entries.enumerated() {
            guard let object = entry.objectValue else {
                return .failure(Refusal(text: "[\(index)]: expected an object, found \(entry.kindName)"))
            }
            var fields = FieldReader(object, at: .root[index])
            var record = ProcessRecord(from: &fields)
            guard fields.faults.isEmpty else { return .failure(Refusal(text: "\(fields.faults[0])")) }
            mend(&record, names: &names, ids: &ids, remarks: &remarks)
            records.append(record)
        }
        return .success((records, remarks))
    }

    /// Names and ids that break today's rules come from other programs' dumps; the program in them still counts.
    private static func mend(
        _ record: inout ProcessRecord,
        names: inout Set<String>,
        ids: inout Set<Int>,
        remarks: inout [String]
    ) {
        let given = record.spec.name
        let base = ProcessName.isValid(given) ? given : ProcessName.nearestValid(to: given)
        var name = base
        var number = 2
        while names.contains(name) {
            name = "\(base.prefix(58))-\(number)"
            number += 1
        }
        if name != given {
            remarks.append(
                "process \"\(given)\" is called \(name) now (\(names.contains(base) ? "name in use" : "invalid name"))"
            )
        }
        record.spec.name = name
        names.insert(name)
        if ids.contains(record.id) { record.id = (ids.max() ?? -1) + 1 }
        ids.insert(record.id)
    }
}
