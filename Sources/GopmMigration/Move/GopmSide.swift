package import GopmClient
import GopmJSON
import GopmModel
import GopmSystem
import GopmWire

#if canImport(Glibc)
    import Glibc
#endif

/// gopm through its control socket: each act has a connection of its own, as the daemon may have died since the last.
struct GopmSide {
    let access: DaemonAccess

    /// How long a program must be up to count as started.
    private static let moment = Duration.seconds(1)

    /// Starts the entry's program, or only lists it if it is not wanted up; one that is there already is left as it is.
    ///
    /// - Returns: Its id.
    func start(_ entry: MigrationJournal.Entry) throws(PM2Error) -> Int {
        let data = try call(.start) { json in
            entry.request.encodeMembers(into: &json, includesDefaults: true)
            json.member("if_exists", "same")
            if !entry.wantsUp { json.member("wanted", "down") }
        }
        guard let record = GopmSide.records(data).first else { throw PM2Error("the daemon sent no process") }
        return record.id
    }

    /// Waits until the entry's program has been up for a moment.
    func waitUntilOnline(_ entry: MigrationJournal.Entry) throws(PM2Error) {
        guard entry.wantsUp, !entry.isCrashLoop else { return }
        let moment = min(GopmSide.moment, max(entry.request.policy.minUptime, .milliseconds(100)))
        let end = Clock.boot + moment.wholeNanoseconds
        var generation: Int?
        while true {
            guard let record = try find(entry) else { throw PM2Error("it is gone from gopm's list") }
            switch record.state {
            case .running where generation == nil || generation == record.counters.instance:
                generation = record.counters.instance
                if Clock.boot >= end { return }
            case .starting where generation == nil: break
            default:
                // A job that has done its work did not fail.
                if record.spec.policy.mode == .never, record.lastExit?.isSuccess == true { return }
                let reason = record.lastExit?.sentence ?? record.reason
                throw PM2Error("it does not stay up: \(reason) (its last words: \(record.spec.logErr))")
            }
            guard Clock.boot < end + 30_000_000_000 else { throw PM2Error("it is not up after 30s") }
            poll(nil, 0, 20)
        }
    }

    /// Removes the entry's program; returns when nothing of it is left alive.
    ///
    /// Another program of its name is not touched.
    func remove(_ entry: MigrationJournal.Entry) throws(PM2Error) {
        guard let record = try find(entry) else { return }
        try call(.delete) { $0.member("target", String(record.id)) }
    }

    /// What gopm lists; `nil` if its daemon does not run.
    func recordsIfRunning() throws(PM2Error) -> [ProcessRecord]? {
        do throws(ClientError) {
            return GopmSide.records(try access.connect().call(.list))
        } catch {
            if error.code == .unavailable { return nil }
            throw PM2Error(error.description)
        }
    }

    /// Starts the daemon if it does not run.
    func wake() throws(PM2Error) {
        try call(.ping) { _ in }
    }

    /// Also one that was given other flags since: it would be in the way of PM2's just as well.
    private func find(_ entry: MigrationJournal.Entry) throws(PM2Error) -> ProcessRecord? {
        GopmSide.records(try call(.list) { _ in }).first { record in
            record.spec.name == entry.name && record.spec.command == entry.request.command
                && record.spec.cwd == entry.request.cwd
        }
    }

    @discardableResult
    private func call(_ method: Method, _ params: (inout JSONWriter) -> Void) throws(PM2Error) -> [UInt8] {
        do throws(ClientError) {
            let connection = try access.connectStarting().connection
            connection.setTimeout(seconds: 4000)
            return try connection.call(method, params)
        } catch {
            var problem = PM2Error(error.description)
            problem.isWithoutDaemon = error.code == .unavailable
            throw problem
        }
    }

    private static func records(_ data: [UInt8]) -> [ProcessRecord] {
        guard let document = try? JSONValue.parse(data) else { return [] }
        return (document.arrayValue ?? [document]).compactMap { value in
            value.objectValue.map { object in
                var fields = FieldReader(object)
                return ProcessRecord(from: &fields)
            }
        }
    }
}

/// The names that a new process cannot have.
package enum MigrationNames {
    /// `starts`: Whether gopm's daemon is started to be asked; if not, one that does not run has none.
    package static func taken(by access: DaemonAccess, starts: Bool) throws(PM2Error) -> Set<String> {
        let side = GopmSide(access: access)
        if starts { try side.wake() }
        return Set((try side.recordsIfRunning() ?? []).map(\.spec.name))
    }
}
