import GopmJSON
import GopmMetrics
import GopmModel
import GopmSystem

/// What is answered about processes, as JSON text.
extension RequestHandler {
    func encoded(_ processes: [ManagedProcess], _ detail: ProcessRecord.Detail = .full) -> [UInt8] {
        var json = JSONWriter(reservingCapacity: processes.count * 1024 + 16)
        json.array { json in
            for process in processes { process.snapshot().encode(into: &json, detail: detail) }
        }
        return json.bytes
    }

    /// A process, also as subscribers get it.
    func encoded(_ process: ManagedProcess) -> [UInt8] {
        var json = JSONWriter(reservingCapacity: 2048)
        process.snapshot().encode(into: &json)
        return json.bytes
    }

    func encodedAlreadyRunning(_ process: ManagedProcess) -> [UInt8] {
        encoded(process, adding: "already_running", Array("true".utf8))
    }

    /// What `describe` answers: the process, and every living process of its life, parents before children.
    func encodedWithTree(_ process: ManagedProcess) -> [UInt8] {
        var json = JSONWriter()
        json.array { json in
            for node in process.tree().nodes {
                json.object { json in
                    json.member("pid", Int(node.pid))
                    json.member("parent", Int(node.parent))
                    json.member("depth", node.depth)
                    json.member("command", node.command)
                }
            }
        }
        return encoded(process, adding: "tree", json.bytes)
    }

    /// The process object with one member more.
    private func encoded(_ process: ManagedProcess, adding key: String, _ value: [UInt8]) -> [UInt8] {
        var text = encoded(process)
        text.removeLast()
        return text + Array(",\"\(key)\":".utf8) + value + Array("}".utf8)
    }

    /// What `metrics` answers.
    func encodedMetrics() -> [UInt8] {
        var json = JSONWriter(reservingCapacity: supervisor.processes.count * 512 + 1024)
        MetricsCollector(supervisor, daemon).report().encode(into: &json)
        return json.bytes
    }

    /// What was sampled of the processes that are online, for subscribers.
    func encodedSamples() -> [UInt8] {
        var json = JSONWriter(reservingCapacity: supervisor.processes.count * 48 + 16)
        json.array { json in
            for process in supervisor.processes where process.isOnline {
                json.object { json in
                    json.member("id", process.id)
                    json.member("cpu", process.record.cpuPercent)
                    json.member("memory", process.record.memory)
                }
            }
        }
        return json.bytes
    }

    /// A name that is not there is no error here: it does not run.
    func encodedIsRunning(_ target: String) -> [UInt8] {
        let record = supervisor.lookUp(target)?.snapshot()
        var json = JSONWriter()
        json.object { json in
            json.member("name", record?.spec.name ?? target)
            json.member("running", record?.state.status == "online")
            json.member("status", record?.state.status ?? "")
            json.member("pid", Int(record?.pid ?? 0))
            guard let record else { return }
            if let started = record.startedAt, record.state.status == "online" {
                json.member("uptime", started.rfc3339)
            }
            json.member("exit_code", Int(record.lastExit?.code ?? 0))
            json.member("restarts", record.counters.restarts)
        }
        return json.bytes
    }
}
