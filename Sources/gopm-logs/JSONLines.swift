import GopmJSON
import GopmLogs
import GopmTerminal

/// Log lines as one JSON object a line: `time`, `process`, `stream`, `line`.
final class JSONLines {
    /// Bytes of a line that are shown; a longer one ends there and says so.
    private static let limit = 1 << 20

    private var labels: [LogLineFormat.Label]
    private var line: [UInt8] = []
    private var time = ""
    private var isCut = false
    private var json = JSONWriter()

    init(_ labels: [LogLineFormat.Label]) {
        self.labels = labels
    }

    /// The label of one log more.
    func add(_ label: LogLineFormat.Label) {
        labels.append(label)
    }

    /// Takes a piece of a line and writes the line when it is whole.
    func append(_ piece: LogPiece, of source: Int, to writer: inout OutputWriter) {
        var bytes = piece.bytes
        if piece.startsLine {
            let stampCount = piece.stamp?.byteCount ?? 0
            time = String(decoding: bytes.prefix(stampCount), as: UTF8.self)
            if time.hasSuffix(" ") { time.removeLast() }
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(stampCount))
            line.removeAll(keepingCapacity: true)
            isCut = false
        }
        let room = JSONLines.limit - line.count
        isCut = isCut || bytes.count > room
        line.append(contentsOf: bytes.prefix(room))
        if case .continues = piece.end { return }
        write(source, to: &writer)
    }

    private func write(_ source: Int, to writer: inout OutputWriter) {
        let label = labels[source]
        // Lines of the daemon's own log have no stamp and say their time themselves.
        if time.isEmpty, line.starts(with: "time=".utf8) {
            time = String(decoding: line.dropFirst(5).prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
        }
        let (time, line, isCut) = (time, line, isCut)
        json.removeAll()
        json.object { json in
            json.member("time", time)
            json.member("process", label.process)
            if let stream = label.stream { json.member("stream", stream == .standardError ? "stderr" : "stdout") }
            json.key("line")
            json.string(lossyUTF8: line)
            if isCut { json.member("cut", true) }
        }
        writer.append(json.bytes)
        writer.append("\n")
    }
}
