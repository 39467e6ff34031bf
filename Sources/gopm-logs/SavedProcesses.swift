import GopmClient
import GopmCommandLine
import GopmJSON
import GopmSystem
import GopmWire
import SystemPackage

/// What reading logs needs to know of a process.
struct SavedProcess {
    var id: Int64
    var name: String
    var logOut: String
    var logErr: String

    static let keys = ["id", "name", "log_out", "log_err"]

    /// From its object in `dump.json`, or as much of it as ``keys`` name.
    init?(_ object: JSONObject, _ home: Home) {
        guard let name = object["name"]?.stringValue else { return nil }
        self.name = name
        id = object["id"]?.integerValue ?? -1
        logOut = object["log_out"]?.stringValue ?? "\(home.logs)/\(name)-out.log"
        logErr = object["log_err"]?.stringValue ?? "\(home.logs)/\(name)-err.log"
    }
}

extension SavedProcess {
    /// What a daemon that runs knows of one; `nil` if none runs or it knows none of that name.
    init?(asking global: GlobalOptions, for target: String) {
        guard let connection = try? global.access.connect(),
            let data = try? connection.call(.describe, { $0.member("target", target) }),
            let object = (try? JSONValue.parse(data))?.objectValue
        else { return nil }
        self.init(object, global.home)
    }
}

/// The processes as `dump.json` has them.
enum SavedProcesses {
    static func read(_ home: Home) throws(CommandFailure) -> [SavedProcess] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileSystem.read(home.dump)
        } catch {
            if error.errno == .noSuchFileOrDirectory { return [] }
            throw CommandFailure("\(error)")
        }
        guard let processes = try? JSONValue.parseObjects(bytes, keeping: SavedProcess.keys) else {
            throw CommandFailure("\(home.dump) is not a list of processes")
        }
        return processes.compactMap { SavedProcess($0, home) }
    }

    static func choose(_ target: String?, from records: [SavedProcess]) throws(CommandFailure) -> [SavedProcess] {
        guard !records.isEmpty else { throw CommandFailure("there are no processes") }
        guard let target else {
            guard records.count == 1 else {
                let names =
                    records.prefix(5).map(\.name).joined(separator: ", ") + (records.count > 5 ? ", …" : "")
                throw CommandFailure(.usage, ["which process? (\(names), or all)"])
            }
            return records
        }
        if target == "all" { return records }
        guard
            let record = records.first(where: { $0.name == target })
                ?? records.first(where: { "\($0.id)" == target })
        else {
            throw CommandFailure("process \"\(target)\" not found")
        }
        return [record]
    }
}
