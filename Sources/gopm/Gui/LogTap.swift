import GopmLogs
import GopmScreen

/// The end of one log, and what comes: as much of it as a person could see.
///
/// A log that grows faster than it is looked at is not read through: its end is shown, then its new end.
struct LogTap {
    /// Bytes of a line that are kept.
    private static let longestLine = 4096
    /// Lines, and bytes, that one look takes before it jumps to the end.
    private static let linesPerLook = 2000
    private static let bytesPerLook = 4 << 20

    private let path: String?
    private var follower: LogFollower?
    private var isNew = true
    /// Whether there is something to read.
    private(set) var isDue: Bool

    init(path: String? = nil) {
        self.path = path
        isDue = path != nil
    }

    /// Readable when the log changed.
    var descriptor: Int32 { follower?.descriptor ?? -1 }

    /// Looks whether the log changed; does not wait.
    mutating func look() {
        if let follower, follower.wait(output: -1, timeout: 0) == .logs { isDue = true }
    }

    /// What has come since the last time; `replacing` if it follows on nothing that was given before.
    mutating func read() -> (lines: [LogPane.Line], replacing: Bool) {
        isDue = false
        guard let path else { return ([], false) }
        if isNew { return (open(path), true) }
        var collector = LineCollector(limit: Self.longestLine)
        var bytes = 0
        var isBehind = false
        follower?.forEachPiece { _, piece in
            collector.add(piece)
            bytes += piece.bytes.count
            isBehind = collector.lines.count >= Self.linesPerLook || bytes >= Self.bytesPerLook
            return !isBehind
        }
        return isBehind ? (open(path), true) : (collector.lines, false)
    }

    private mutating func open(_ path: String) -> [LogPane.Line] {
        isNew = false
        let tail = LogTail(lines: LogPane.capacity / 2, of: [path])
        var collector = LineCollector(limit: Self.longestLine)
        tail.forEachPiece { _, piece in
            collector.add(piece)
            return true
        }
        follower = LogFollower()
        follower?.add(FollowedLog(tail.log(0), path: path, isWithinLine: collector.isWithinLine))
        // The follower begins where the tail ended: what came in between is seen at the next look.
        isDue = true
        guard follower == nil else { return collector.lines }
        let problem = "[gopm] cannot follow: no inotify instance is left (fs.inotify.max_user_instances)"
        return collector.lines + [LogPane.Line(time: nil, text: Array(problem.utf8))]
    }
}

/// Makes lines of pieces.
private struct LineCollector {
    let limit: Int
    private(set) var lines: [LogPane.Line] = []
    /// Whether the last line had no end.
    private(set) var isWithinLine = false

    init(limit: Int) {
        self.limit = limit
    }

    mutating func add(_ piece: LogPiece) {
        isWithinLine = piece.end == .withoutNewline
        guard piece.startsLine || lines.isEmpty else { return append(piece.bytes) }
        // `2026-11-23T14:22:01.311+00:00 text`: of the stamp the time of day is shown.
        let stamp = piece.stamp.map { _ in String(decoding: piece.bytes[11..<19], as: UTF8.self) }
        lines.append(LogPane.Line(time: stamp, text: []))
        append(UnsafeRawBufferPointer(rebasing: piece.bytes[(piece.stamp?.byteCount ?? 0)...]))
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        let last = lines.count - 1
        lines[last].text += bytes.prefix(max(0, limit - lines[last].text.count))
    }
}
