import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmProcfs
import GopmSystem
import GopmWire

/// The program of gopm that a process belongs to, asked of a daemon that runs; none is started.
struct ManagedProgram {
    let record: ProcessRecord

    /// Asks only if the process or one of its parents bears a life id, as every process of a program does.
    init?(of inspection: ProcessInspection, access: DaemonAccess) {
        let candidates = [inspection.identity.pid] + (inspection.family?.chain.map(\.pid).reversed() ?? [])
        guard let bearer = candidates.first(where: { LifeScan.belongsToProgram($0) }),
            let connection = try? access.connect(),
            let data = try? connection.call(.describe, { $0.member("pid", bearer) }),
            let record = try? RecordReading.first(data)
        else { return nil }
        self.record = record
    }

    func write(into json: inout JSONWriter) {
        let (spec, state) = (record.spec, record.state)
        json.member("gopm") { json in
            json.object { json in
                json.member("id", record.id)
                json.member("name", spec.name)
                json.member("status", state.status)
                json.member("pid", record.pid)
                json.member("restarts", record.counters.restarts)
                json.member("command", spec.command)
                json.member("autorestart", spec.policy.mode.rawValue)
                json.member("log_out", spec.logOut)
                json.member("log_err", spec.logErr)
            }
        }
    }
}
