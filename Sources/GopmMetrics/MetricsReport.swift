package import GopmJSON

/// All numbers at one moment, as the daemon answers `metrics`.
package struct MetricsReport: Sendable, Hashable {
    package var host: String
    package var processes: [ProcessMetrics] = []
    package var daemon = DaemonMetrics()
    /// How often each method was asked for, by name.
    package var requests: [(method: String, calls: Int)] = []

    package init(host: String) {
        self.host = host
    }

    package static func == (left: MetricsReport, right: MetricsReport) -> Bool {
        left.host == right.host && left.processes == right.processes && left.daemon == right.daemon
            && left.requests.elementsEqual(right.requests) { $0 == $1 }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(host)
        hasher.combine(processes)
        hasher.combine(daemon)
    }
}

// MARK: - On the wire

extension MetricsReport {
    package func encode(into json: inout JSONWriter) {
        json.object { json in
            json.member("host", host)
            json.key("processes")
            json.array { json in for process in processes { MetricsReport.encode(process, into: &json) } }
            json.key("daemon")
            json.object { json in
                for metric in DaemonMetrics.all { metric.encode(daemon, into: &json) }
            }
            json.key("rpc")
            json.object { json in
                for (method, calls) in requests { json.member(method, calls) }
            }
        }
    }

    private static func encode(_ process: ProcessMetrics, into json: inout JSONWriter) {
        json.object { json in
            json.member("name", process.name)
            json.member("id", process.id)
            json.member("status", process.status)
            for metric in ProcessMetrics.all where process.isOnline || !metric.needsLife {
                metric.encode(process, into: &json)
            }
        }
    }

    /// Reads what ``encode(into:)`` wrote, also by a daemon of another version: what it does not know is 0.
    ///
    /// Returns `nil` for what is no report.
    package init?(_ document: JSONValue) {
        guard let object = document.objectValue, let host = object["host"]?.stringValue else { return nil }
        self.init(host: host)
        for entry in object["processes"]?.arrayValue ?? [] {
            guard let fields = entry.objectValue, let name = fields["name"]?.stringValue,
                let id = fields["id"]?.integerValue, let status = fields["status"]?.stringValue
            else { return nil }
            var process = ProcessMetrics(name: name, id: Int(id), status: status)
            for metric in ProcessMetrics.all { metric.decode(&process, from: fields) }
            processes.append(process)
        }
        if let fields = object["daemon"]?.objectValue {
            for metric in DaemonMetrics.all { metric.decode(&daemon, from: fields) }
        }
        for member in object["rpc"]?.objectValue?.members ?? [] {
            requests.append((member.key, Int(member.value.integerValue ?? 0)))
        }
    }
}

extension Metric {
    fileprivate func encode(_ subject: Subject, into json: inout JSONWriter) {
        let number = subject[keyPath: value]
        switch form {
        case .integer: json.member(name, number)
        case .tenths: json.member(name, Double(number) / 10)
        case .flag: json.member(name, number != 0)
        }
    }

    fileprivate func decode(_ subject: inout Subject, from fields: JSONObject) {
        guard let given = fields[name] else { return }
        switch form {
        case .integer: subject[keyPath: value] = Int(given.integerValue ?? 0)
        case .tenths:
            let tenths = ((given.doubleValue ?? 0) * 10).rounded()
            subject[keyPath: value] = abs(tenths) < 1e15 ? Int(tenths) : 0
        case .flag: subject[keyPath: value] = given.boolValue == true ? 1 : 0
        }
    }
}
