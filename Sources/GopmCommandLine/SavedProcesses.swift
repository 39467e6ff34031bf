package import GopmJSON
package import GopmSystem
import SystemPackage

/// What is to be known of a process without asking the daemon.
package struct SavedProcess: Sendable {
    package var id: Int64
    package var name: String
    package var command: String
    package var isOnline: Bool
    package var logOut: String
    package var logErr: String

    static let keys = ["id", "name", "command", "status", "log_out", "log_err"]

    /// From its object in `dump.json`, or as much of it as ``keys`` name.
    package init?(_ object: JSONObject, _ home: Home) {
        guard let name = object["name"]?.stringValue else { return nil }
        self.name = name
        id = object["id"]?.integerValue ?? -1
        command = object["command"]?.stringValue ?? ""
        isOnline = object["status"]?.stringValue == "online"
        logOut = object["log_out"]?.stringValue ?? "\(home.logs)/\(name)-out.log"
        logErr = object["log_err"]?.stringValue ?? "\(home.logs)/\(name)-err.log"
    }
}

/// The processes as `dump.json` has them.
package enum SavedProcesses {
    package static func read(_ home: Home) throws(CommandFailure) -> [SavedProcess] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileSystem.read(home.dump)
        } catch {
            if error.errno == .noSuchFileOrDirectory { return [] }
            throw CommandFailure("\(error)")
        }
        let processes: [JSONObject]
        do throws(JSONError) {
            processes = try JSONValue.parseObjects(bytes, keeping: SavedProcess.keys)
        } catch {
            throw CommandFailure("\(home.dump): \(error)")
        }
        return processes.compactMap { SavedProcess($0, home) }
    }

    package static func choose(
        _ target: String?,
        from records: [SavedProcess]
    ) throws(CommandFailure) -> [SavedProcess] {
        guard !records.isEmpty || target.map({ $0 != "all" }) ?? false else { throw CommandFailure(Advice.noProcesses) }
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
