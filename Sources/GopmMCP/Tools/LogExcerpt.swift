import GopmJSON
import GopmTerminal

/// The last lines of a log as far as they fit, and a word on what did not.
struct LogExcerpt: Sendable {
    /// Bytes of all lines.
    static let sizeLimit = 64 << 10
    /// Bytes of one line; the rest of it is left out.
    static let longestLine = 8 << 10

    private(set) var lines: [String] = []
    /// Lines that were found and are too old to fit.
    private(set) var omitted = 0
    /// Whether the search ended before the logs did.
    var isUnfinished = false
    var problems: [String] = []

    private let lineLimit: Int
    private var size = 0
    private var line: [UInt8] = []
    private var lineSize = 0

    init(lineLimit: Int) {
        self.lineLimit = lineLimit
    }

    /// Takes a piece of a line that `write` appends.
    mutating func append(endsLine: Bool, _ write: (inout [UInt8]) -> Void) {
        var piece: [UInt8] = []
        write(&piece)
        lineSize += piece.count
        line += piece.prefix(max(0, LogExcerpt.longestLine - line.count))
        guard endsLine else { return }
        while line.last == UInt8(ascii: "\n") { line.removeLast() }
        // A newline that the line before lacked.
        var text = String(decoding: line.drop { $0 == UInt8(ascii: "\n") }, as: UTF8.self)
        if lineSize > LogExcerpt.longestLine { text += "… [\(lineSize - LogExcerpt.longestLine) bytes more]" }
        lines.append(text)
        size += text.utf8.count + 1
        line.removeAll(keepingCapacity: true)
        lineSize = 0
        dropOldest()
    }

    /// Half of the room is freed at once, so that a long log does not move the array with every line.
    private mutating func dropOldest() {
        guard size > 2 * LogExcerpt.sizeLimit || lines.count > 2 * min(lineLimit, 100_000) else { return }
        trim()
    }

    private mutating func trim() {
        var excess = max(0, lines.count - lineLimit)
        // Those beyond the number that was asked for are not missed.
        for line in lines[..<excess] { size -= line.utf8.count + 1 }
        let unwanted = excess
        while size > LogExcerpt.sizeLimit, excess < lines.count - 1 {
            size -= lines[excess].utf8.count + 1
            excess += 1
        }
        omitted += excess - unwanted
        lines.removeFirst(excess)
    }

    consuming func output(_ target: String, paths: [String]) -> ToolOutput {
        trim()
        let result: JSONValue = [
            "target": .string(target), "lines": .array(lines.map { .string($0) }),
            "omitted_lines": .integer(Int64(omitted)), "log_files": .array(paths.map { .string($0) }),
        ]
        var output = ToolOutput(lines.isEmpty ? "no lines" : lines.joined(separator: "\n"), structured: result.encoded)
        output.texts += notes
        return output
    }

    /// The text alone, for a resource.
    consuming func text() -> String {
        trim()
        return (lines + notes).map { $0 + "\n" }.joined()
    }

    private var notes: [String] {
        var notes = problems
        if omitted > 0 { notes.append("[\(omitted) older lines left out: only the newest 64 KB are shown]") }
        if isUnfinished { notes.append("[the search was ended after 10s; narrow it with \"since\"]") }
        return notes
    }
}
