/// The text of a report in the OpenMetrics format 1.0, which Prometheus's older text format can be read as, too.
package enum OpenMetrics {
    package static let contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    /// `measurement`: The prefix of all names, as in the telemetry; what can't be in a name becomes `_`.
    package static func text(_ report: MetricsReport, measurement: String = "gopm") -> [UInt8] {
        let prefix = name(measurement)
        let host = label("host", report.host)
        var writer = Writer()
        let labels = report.processes.map { label("name", $0.name) + "," + label("id", String($0.id)) }
        for metric in ProcessMetrics.all {
            writer.family("\(prefix)_\(metric.name)", metric.kind == .counter, metric.help)
            for (process, labels) in zip(report.processes, labels) where process.isOnline || !metric.needsLife {
                writer.sample(labels, process[keyPath: metric.value], isTenths: metric.form == .tenths)
            }
        }
        writer.family("\(prefix)_status", false, "1 for the status that the process has.")
        for (process, labels) in zip(report.processes, labels) {
            for status in ["online", "stopped", "errored"] {
                writer.sample("\(labels),\(label("status", status))", process.status == status ? 1 : 0)
            }
        }
        for metric in DaemonMetrics.all {
            writer.family("\(prefix)_daemon_\(metric.name)", metric.kind == .counter, metric.help)
            writer.sample(host, report.daemon[keyPath: metric.value])
        }
        writer.family("\(prefix)_rpc_calls", true, "Requests by method.")
        for (method, calls) in report.requests { writer.sample("\(host),\(label("method", method))", calls) }
        writer.bytes += "# EOF\n".utf8
        return writer.bytes
    }

    private struct Writer {
        var bytes: [UInt8] = []
        private var name = ""

        mutating func family(_ name: String, _ isCounter: Bool, _ help: String) {
            bytes += "# HELP \(name) \(help)\n# TYPE \(name) \(isCounter ? "counter" : "gauge")\n".utf8
            self.name = isCounter ? "\(name)_total" : name
        }

        mutating func sample(_ labels: String, _ number: Int, isTenths: Bool = false) {
            bytes += "\(name){\(labels)} ".utf8
            if isTenths { bytes.append(tenths: number) } else { bytes.append(decimal: number) }
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    private static func label(_ key: String, _ value: String) -> String {
        var text = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(character)
            }
        }
        return "\(key)=\"\(text)\""
    }

    private static func name(_ text: String) -> String {
        let safe = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return safe.first.map { $0.isNumber } ?? true ? "_\(safe)" : safe
    }
}
