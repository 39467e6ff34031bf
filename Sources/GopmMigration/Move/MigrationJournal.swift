package import GopmJSON
package import GopmModel
package import GopmSystem
import SystemPackage

/// The last migration, step by step, in `$GOPM_HOME/pm2-migration.json`.
///
/// It lets the next run finish or undo what was interrupted, and `--rollback` put all of it back. It is on disk before a
/// step is begun.
package struct MigrationJournal: Sendable, Hashable {
    /// One process that is moved.
    package struct Entry: Sendable, Hashable {
        package var request: StartRequest
        package var wantsUp: Bool
        /// Whether it need not stay up to count as started.
        package var isCrashLoop: Bool
        package var origin: PM2Process.Origin
        /// As in PM2's dump, for the day that it is brought back.
        package var elements: [JSONValue]
        /// What of `dump.pm2` was of it.
        package var dumped: [JSONValue]
        /// Whether PM2 keeps a stopped entry of it.
        package var keepsEntry: Bool
        package var move = Move()

        package init(_ plan: ImportPlan, dumped: [JSONValue], keepsEntry: Bool) {
            request = plan.request
            wantsUp = plan.wantsUp
            isCrashLoop = plan.isCrashLoop
            origin = plan.first.origin
            elements = plan.processes.map { $0.dumpElement(isUp: $0.isUp) }
            self.dumped = dumped
            // What PM2 would start again though it is stopped must be gone from its list.
            self.keepsEntry = keepsEntry && !plan.processes.contains { $0.comesBackWhenStopped }
        }
    }

    package var pm2Home: String
    package var entries: [Entry]

    package init(pm2Home: String, entries: [Entry] = []) {
        self.pm2Home = pm2Home
        self.entries = entries
    }

    package var isOver: Bool { entries.allSatisfy { $0.move.isOver } }
}

extension MigrationJournal.Entry {
    package var name: String { request.name ?? "" }

    /// What PM2's own list calls it.
    package var pm2Name: String { processes.first?.name ?? name }

    /// The entry's processes as they were in PM2.
    package var processes: [PM2Process] { elements.compactMap { PM2Process($0, origin: origin) } }

    /// Whether stopping it in PM2 means taking it out: PM2 starts it again while it has it.
    package var mustLeaveToStop: Bool { processes.contains { $0.comesBackWhenStopped } }
}

// MARK: - On disk

extension MigrationJournal {
    /// - Returns: `nil` if there is none.
    package static func load(_ home: Home) throws(PM2Error) -> MigrationJournal? {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileSystem.read(home.pm2Migration)
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw PM2Error("\(error)")
        }
        return try MigrationJournal(parsing: bytes, path: home.pm2Migration)
    }

    /// On disk when this returns.
    package func save(_ home: Home) throws(PM2Error) {
        do throws(SystemError) {
            try home.create()
            try FileSystem.replace(home.pm2Migration, with: encoded, isDurable: true)
        } catch {
            throw PM2Error("\(error)")
        }
    }

    package init(parsing bytes: [UInt8], path: String) throws(PM2Error) {
        let damage = "is no journal of a migration; look into it, then move it out of the way"
        guard let root = try? JSONValue.parse(bytes), let list = root["entries"]?.arrayValue,
            let pm2Home = root["pm2_home"]?.stringValue
        else { throw PM2Error("\(path) \(damage)") }
        self.pm2Home = pm2Home
        entries = []
        for element in list {
            guard let entry = Entry(element) else { throw PM2Error("\(path): entries[\(entries.count)] \(damage)") }
            entries.append(entry)
        }
    }

    package var encoded: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("version", 1)
            json.member("pm2_home", pm2Home)
            json.member("entries") { json in json.array { json in for entry in entries { entry.encode(into: &json) } } }
        }
        return JSONFormatter.indented(json.bytes)
    }
}

extension MigrationJournal.Entry {
    fileprivate func encode(into json: inout JSONWriter) {
        json.object { json in
            json.member("step", move.step.rawValue)
            if let trouble = move.trouble { json.member("trouble", trouble) }
            json.member("wants_up", wantsUp)
            json.member("is_crash_loop", isCrashLoop)
            json.member("origin", origin.rawValue)
            json.member("keeps_entry", keepsEntry)
            json.key("request")
            request.encode(into: &json, includesDefaults: true)
            json.member("pm2", .array(elements))
            json.member("dumped", .array(dumped))
        }
    }

    fileprivate init?(_ element: JSONValue) {
        guard let object = element["request"]?.objectValue, let wantsUp = element["wants_up"]?.boolValue,
            let step = element["step"]?.stringValue.flatMap({ Move.Step(rawValue: $0) }),
            let origin = element["origin"]?.stringValue.flatMap({ PM2Process.Origin(rawValue: $0) })
        else { return nil }
        var fields = FieldReader(object)
        request = StartRequest(from: &fields)
        guard fields.faults.isEmpty, request.name != nil else { return nil }
        self.wantsUp = wantsUp
        self.origin = origin
        isCrashLoop = element["is_crash_loop"]?.boolValue ?? false
        keepsEntry = element["keeps_entry"]?.boolValue ?? false
        elements = element["pm2"]?.arrayValue ?? []
        dumped = element["dumped"]?.arrayValue ?? []
        move = Move(step: step, trouble: element["trouble"]?.stringValue)
    }
}
