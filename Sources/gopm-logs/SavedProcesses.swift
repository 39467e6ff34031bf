import GopmCommandLine
import GopmModel
import GopmSystem
import SystemPackage

/// The processes as `dump.json` has them, which is all that reading logs needs to know.
enum SavedProcesses {
    static func read(_ home: Home) throws(CommandFailure) -> [ProcessRecord] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileSystem.read(home.dump)
        } catch {
            if error.errno == .noSuchFileOrDirectory { return [] }
            throw CommandFailure("\(error)")
        }
        return try RecordReading.records(bytes)
    }

    static func choose(_ target: String?, from records: [ProcessRecord]) throws(CommandFailure) -> [ProcessRecord] {
        guard !records.isEmpty else { throw CommandFailure("there are no processes") }
        guard let target else {
            guard records.count == 1 else {
                let names =
                    records.prefix(5).map(\.spec.name).joined(separator: ", ") + (records.count > 5 ? ", …" : "")
                throw CommandFailure(.usage, ["which process? (\(names), or all)"])
            }
            return records
        }
        if target == "all" { return records }
        guard
            let record = records.first(where: { $0.spec.name == target })
                ?? records.first(where: { "\($0.id)" == target })
        else {
            throw CommandFailure("process \"\(target)\" not found")
        }
        return [record]
    }
}
