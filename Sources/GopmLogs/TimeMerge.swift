/// The pieces of several logs in the order of time, those of a line behind each other.
struct TimeMerge {
    private var queue = TimeQueue(.oldestFirst)
    /// What comes next of each log.
    private var waiting: [LogPiece?]

    /// `count`: How many logs there are; each is known by its number from 0.
    init(count: Int) {
        waiting = Array(repeating: nil, count: count)
    }

    /// Adds a log by its next piece, if it has one.
    mutating func add(_ source: Int, _ piece: LogPiece?) {
        guard let piece else { return }
        waiting[source] = piece
        queue.insert(.init(time: piece.stamp?.milliseconds ?? LogSource.beforeAnyStamp, source: source))
    }

    /// Gives all pieces; stops when `body` returns false.
    mutating func forEachPiece(next: (Int) -> LogPiece?, _ body: (_ source: Int, _ piece: LogPiece) -> Bool) {
        while let entry = queue.first {
            var piece = waiting[entry.source]
            while let shown = piece {
                guard body(entry.source, shown) else { return }
                piece = next(entry.source)
                if shown.end != .continues { break }
            }
            waiting[entry.source] = piece
            // A line without a stamp stays with the one before it.
            queue.replaceFirst(
                with: piece.map { .init(time: $0.stamp?.milliseconds ?? entry.time, source: entry.source) }
            )
        }
    }
}
