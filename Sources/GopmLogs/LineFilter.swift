/// Which lines are shown: those of a time, those that match.
///
/// A line without a stamp is of the time of the line before it in its log. For a pattern a line is put together from its
/// pieces, as far as ``longestLine``.
package struct LineFilter {
    /// Milliseconds since the epoch.
    package var since: Int64?
    package var until: Int64?
    package var pattern: LinePattern?
    /// Shows what does not match.
    package var isInverted = false

    /// What is looked at and shown of a line when there is a pattern, in bytes.
    package static let longestLine = 1 << 20

    private var begins: [Int: Int64] = [:]
    private var times: [Int: Int64] = [:]
    private var isInTime = true
    private var line: [UInt8] = []
    private var stampBytes = 0

    package init() {}

    private var isEmpty: Bool { since == nil && until == nil && pattern == nil && begins.isEmpty }

    /// Shows nothing of log number `source` that is older than this, in milliseconds since the epoch.
    package mutating func begin(_ source: Int, at time: Int64) {
        begins[source] = time
    }

    /// Takes a piece of log number `source` and gives what is to be shown, if anything yet.
    package mutating func pass(_ piece: LogPiece, of source: Int, _ show: (LogPiece) -> Void) {
        if isEmpty { return show(piece) }
        if piece.startsLine {
            if let stamp = piece.stamp { times[source] = stamp.milliseconds }
            let time = times[source] ?? .min
            isInTime = time >= begins[source] ?? since ?? .min && time <= until ?? .max
        }
        guard isInTime else { return }
        guard let pattern else { return show(piece) }
        if piece.startsLine {
            line.removeAll(keepingCapacity: true)
            stampBytes = piece.stamp?.byteCount ?? 0
        }
        line.append(contentsOf: piece.bytes.prefix(max(LineFilter.longestLine - line.count, 0)))
        if piece.end == .continues { return }
        line.withUnsafeBytes { bytes in
            let text = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(stampBytes))
            guard pattern.matches(text) != isInverted else { return }
            show(LogPiece(bytes: bytes, startsLine: true, stamp: LogStamp(bytes), end: piece.end))
        }
    }
}
