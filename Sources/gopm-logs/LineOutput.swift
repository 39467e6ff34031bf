import GopmLogs
import GopmTerminal

/// How lines are written.
enum LineOutput {
    /// With stamps, and tags and names where they tell lines apart.
    case tagged(LogLineFormat)
    case json(JSONLines)
    /// What the programs wrote and nothing else, byte for byte unless it goes to a terminal.
    case raw(LogLineSanitizer)

    mutating func add(_ label: LogLineFormat.Label) {
        switch self {
        case .tagged(var format):
            format.add(label)
            self = .tagged(format)
        case .json(let lines): lines.add(label)
        case .raw: break
        }
    }

    mutating func append(_ piece: LogPiece, of source: Int, to writer: inout OutputWriter) {
        switch self {
        case .tagged(var format):
            writer.append { format.append(piece, of: source, to: &$0) }
            self = .tagged(format)
        case .json(let lines): lines.append(piece, of: source, to: &writer)
        case .raw(var sanitizer):
            let text = UnsafeRawBufferPointer(rebasing: piece.bytes.dropFirst(piece.stamp?.byteCount ?? 0))
            writer.append { output in
                sanitizer.append(text, endsLine: piece.end != .continues, to: &output)
                if piece.end == .newline { output.append(0x0a) }
            }
            self = .raw(sanitizer)
        }
    }

    mutating func finish(_ writer: inout OutputWriter) {
        guard case .tagged(var format) = self else { return }
        writer.append { format.finish(to: &$0) }
        self = .tagged(format)
    }
}
