/// InfluxDB line protocol, as Telegraf, InfluxDB and VictoriaMetrics read it: `gopm,name=api,id=0 cpu=1.5,pid=42i TIME`.
///
/// A line is never malformed: no tag is empty, no number is anything but a number, and a field's type never changes. A
/// receiver may drop a whole datagram for one bad line.
package struct LineProtocol: Sendable {
    /// Escaped prefix of all measurements.
    private let measurement: [UInt8]
    private let host: [UInt8]
    private static let processFields = fields(of: ProcessMetrics.all)
    private static let daemonFields = fields(of: DaemonMetrics.all)

    /// `measurement`: Prefix of the measurements; not empty.
    package init(measurement: String, host: String) {
        self.measurement = LineProtocol.escaped(measurement, also: [])
        self.host = LineProtocol.tag(host)
    }

    /// Appends a line about a process; `time` is in nanoseconds since 1970.
    package func append(_ process: ProcessMetrics, time: Int64, to line: inout [UInt8]) {
        line += measurement
        line += ",name=".utf8
        line += LineProtocol.tag(process.name)
        line += ",id=".utf8
        line.append(decimal: process.id)
        line += ",status=".utf8
        line += LineProtocol.tag(process.status)
        var separator = UInt8(ascii: " ")
        let isOnline = process.isOnline
        for field in LineProtocol.processFields where isOnline || !field.metric.needsLife {
            field.append(process, separator, to: &line)
            separator = UInt8(ascii: ",")
        }
        end(&line, time)
    }

    package func append(_ daemon: DaemonMetrics, time: Int64, to line: inout [UInt8]) {
        line += measurement
        line += "_daemon,host=".utf8
        line += host
        var separator = UInt8(ascii: " ")
        for field in LineProtocol.daemonFields {
            field.append(daemon, separator, to: &line)
            separator = UInt8(ascii: ",")
        }
        end(&line, time)
    }

    package func append(calls: Int, of method: String, time: Int64, to line: inout [UInt8]) {
        line += measurement
        line += "_rpc,host=".utf8
        line += host
        line += ",method=".utf8
        line += LineProtocol.tag(method)
        line += " calls=".utf8
        line.append(decimal: calls)
        line.append(UInt8(ascii: "i"))
        end(&line, time)
    }

    private func end(_ line: inout [UInt8], _ time: Int64) {
        line.append(UInt8(ascii: " "))
        line.append(decimal: Int(time))
        line.append(UInt8(ascii: "\n"))
    }
}

// MARK: - Fields

extension LineProtocol {
    private struct Field<Subject>: Sendable {
        var metric: Metric<Subject>
        /// The name and the sign after it, ready to be copied.
        var key: [UInt8]

        func append(_ subject: Subject, _ separator: UInt8, to line: inout [UInt8]) {
            line.append(separator)
            line += key
            let number = subject[keyPath: metric.value]
            switch metric.form {
            case .integer:
                line.append(decimal: number)
                line.append(UInt8(ascii: "i"))
            case .tenths:
                line.append(tenths: number)
            case .flag:
                line += (number != 0 ? "true" : "false").utf8
            }
        }
    }

    private static func fields<Subject>(of metrics: [Metric<Subject>]) -> [Field<Subject>] {
        metrics.map { Field(metric: $0, key: Array("\($0.name)=".utf8)) }
    }
}

// MARK: - Escapes

extension LineProtocol {
    /// A tag's value; one that would be empty is `unknown`.
    static func tag(_ text: String) -> [UInt8] {
        let bytes = escaped(text, also: [UInt8(ascii: "=")])
        return bytes.isEmpty ? Array("unknown".utf8) : bytes
    }

    /// Commas and blanks, which end a name or tag, with a backslash before them; controls, which no escape can save,
    /// and a backslash at the end, which would escape what follows, become `_`.
    private static func escaped(_ text: String, also others: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte < 0x20 || byte == 0x7f {
                bytes.append(UInt8(ascii: "_"))
                continue
            }
            if byte == UInt8(ascii: ",") || byte == UInt8(ascii: " ") || others.contains(byte) {
                bytes.append(UInt8(ascii: "\\"))
            }
            bytes.append(byte)
        }
        if bytes.last == UInt8(ascii: "\\") { bytes[bytes.count - 1] = UInt8(ascii: "_") }
        return bytes
    }
}
