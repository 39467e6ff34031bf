import GopmMetrics

/// Strict readers of what the telemetry writes.
enum MetricsReader {
    static func check(lineProtocol report: MetricsReport, _ text: String) {
        let writer = LineProtocol(measurement: text.isEmpty ? "gopm" : text, host: text)
        var lines: [UInt8] = []
        for process in report.processes { writer.append(process, time: 1, to: &lines) }
        writer.append(report.daemon, time: 1, to: &lines)
        for (method, calls) in report.requests { writer.append(calls: calls, of: method, time: 1, to: &lines) }
        let each = lines.split(separator: 0x0a, omittingEmptySubsequences: false)
        precondition(each.count == 4 && each[3].isEmpty, "a line of its own for each")
        for line in each.dropLast() {
            let parts = split(line, at: 0x20)
            precondition(parts.count == 3 && parts.allSatisfy { !$0.isEmpty }, "measurement, fields, time")
            let tags = split(parts[0], at: 0x2c)
            precondition(tags.count > 1 && !tags[0].isEmpty)
            for tag in tags.dropFirst() {
                let pair = split(tag, at: 0x3d)
                precondition(pair.count == 2 && pair.allSatisfy { !$0.isEmpty && $0.last != 0x5c }, "key and value")
                precondition(pair[1].allSatisfy { $0 >= 0x20 && $0 != 0x7f })
            }
            for field in split(parts[1], at: 0x2c) { check(field: split(field, at: 0x3d)) }
        }
    }

    private static func check(field pair: [ArraySlice<UInt8>]) {
        precondition(pair.count == 2, "a field without a value")
        var value = String(decoding: pair[1], as: UTF8.self)
        if value == "true" || value == "false" { return }
        if value.hasSuffix("i") {
            value.removeLast()
            precondition(Int(value) != nil, "no number: \(value)")
        } else {
            precondition(Double(value) != nil, "no number: \(value)")
        }
    }

    /// At every separator that no backslash stands before.
    private static func split(_ bytes: ArraySlice<UInt8>, at separator: UInt8) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        for index in bytes.indices where bytes[index] == separator {
            if index > bytes.startIndex, bytes[index - 1] == 0x5c { continue }
            parts.append(bytes[start..<index])
            start = index + 1
        }
        return parts + [bytes[start...]]
    }

    static func check(openMetrics bytes: [UInt8], _ text: String) {
        var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        precondition(lines.popLast()?.isEmpty == true && lines.popLast()?.elementsEqual("# EOF".utf8) == true)
        for line in lines where line.first != 0x23 {
            guard let open = line.firstIndex(of: 0x7b) else { fatalError("no labels") }
            precondition(line[..<open].allSatisfy { isInName($0) } && !(0x30...0x39).contains(line[line.startIndex]))
            var rest = line[(open + 1)...]
            while rest.first != 0x7d {
                let value = label(&rest)
                precondition(["3", "online", "stopped", "errored", text].contains(value), "a label changes: \(value)")
                if rest.first == 0x2c { rest.removeFirst() }
            }
            precondition(Double(String(decoding: rest.dropFirst(2), as: UTF8.self)) != nil, "no number")
        }
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        byte == 0x5f || byte == 0x3a || (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
    }

    /// Takes `key="value"` and gives the value without its escapes.
    private static func label(_ rest: inout ArraySlice<UInt8>) -> String {
        guard let equals = rest.firstIndex(of: 0x3d), rest[equals + 1] == 0x22 else { fatalError("no label") }
        precondition(rest[..<equals].allSatisfy { isInName($0) })
        rest = rest[(equals + 2)...]
        var value: [UInt8] = []
        while let byte = rest.popFirst(), byte != 0x22 {
            guard byte == 0x5c else {
                value.append(byte)
                continue
            }
            guard let next = rest.popFirst() else { fatalError("half an escape") }
            value.append(next == UInt8(ascii: "n") ? 0x0a : next)
        }
        return String(decoding: value, as: UTF8.self)
    }
}
