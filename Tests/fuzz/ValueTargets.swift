import GopmJSON
import GopmMetrics
import GopmModel
import GopmSystem

enum ValueTargets {
    /// Durations, sizes, signals, times, addresses, names, paths: what is read is the same once written.
    static func values(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let duration = DurationText.parse(text) {
            precondition(DurationText.parse(DurationText.format(duration)) == duration && duration >= .zero)
            _ = (HumanFormat.uptime(duration), HumanFormat.uptimeInFull(duration))
        }
        if let size = ByteSize.parse(text) { precondition(ByteSize.parse(ByteSize.format(size)) == size && size >= 0) }
        if let signal = Signal(text) { precondition(Signal(signal.name) == signal) }
        if let time = Timestamp(rfc3339: text) { precondition(Timestamp(rfc3339: time.rfc3339) == time) }
        if let endpoint = Endpoint(text) { precondition(Endpoint(endpoint.description) == endpoint) }
        _ = TimeOption.milliseconds(text, now: 1_800_000_000_000_000_000)
        let name = ProcessName.nearestValid(to: text)
        precondition(ProcessName.isValid(name) && !name.contains("/") && !name.hasPrefix("."))
        precondition(!ProcessName.isValid(text) || name == text, "a good name is changed")
        let path = PathText.normalized(text, relativeTo: "/srv/app")
        precondition(path.hasPrefix("/") && !(path + "/").contains("/../") && !path.contains("//"))
        precondition(PathText.normalized(path, relativeTo: "/") == path)
    }

    /// Line protocol and OpenMetrics read back, by readers that know their grammars and nothing of ours.
    static func metrics(_ bytes: [UInt8]) {
        var choices = Choices(bytes)
        let number = (choices.number(below: 65536) - 32768) &* (1 << choices.number(below: 49))
        let text = String(decoding: choices.bytes, as: UTF8.self)
        var process = ProcessMetrics(name: text, id: 3, status: "online")
        for metric in ProcessMetrics.all { process[keyPath: metric.value] = number }
        var report = MetricsReport(host: text)
        report.processes = [process]
        report.requests = [(text, number)]
        MetricsReader.check(lineProtocol: report, text)
        MetricsReader.check(openMetrics: OpenMetrics.text(report, measurement: text), text)
        var json = JSONWriter()
        report.encode(into: &json)
        guard let document = try? JSONValue.parse(json.bytes) else { fatalError("not JSON") }
        precondition(MetricsReport(document) != nil, "a report is not read back")
    }
}
