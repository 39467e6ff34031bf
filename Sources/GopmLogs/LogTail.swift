/// The last lines of one log, or of several merged by time (the two streams of a process, all processes).
///
/// Two passes, so that memory depends on neither the files nor the number of lines: from the ends backwards to where
/// the wanted lines begin, then forwards from there. What both passes read of a short tail is one block a log.
///
/// In the merge each log keeps its own order, whatever its stamps say; lines of one millisecond go by the order of the
/// logs; a line without a stamp stays with the one before it.
package struct LogTail {
    /// How far lines without a stamp are followed back for the stamp they belong to, in bytes.
    ///
    /// Longer runs are not ours (a file that was there before); their lines count as older than all others.
    static let stampSearchLimit = 1 << 20
    /// The blocks of all logs together, in bytes; a log alone uses 64 KiB of it.
    private static let memoryBudget = 4 << 20

    private let sources: [LogSource]
    private let since: Int64?
    /// What is read of a log at once, in bytes.
    package let blockSize: Int

    /// Finds the last `count` lines of the logs at `paths` together.
    ///
    /// `since`: none older than this, in milliseconds since the epoch. With `readsRotated` they may lie in `.1`, `.2`…
    /// too.
    package init(
        lines count: Int,
        since: Int64? = nil,
        of paths: [String],
        readsRotated: Bool = true,
        calls: LogFileCalls = .live
    ) {
        self.since = since
        let share = Self.memoryBudget / max(1, paths.count)
        blockSize = min(65_536, max(4_096, share & ~4_095))
        sources = paths.map { LogSource(path: $0, readsRotated: readsRotated, calls: calls) }
        findStarts(count)
    }

    /// The log of a number, as it was when this was made; nil if it can't be opened.
    package func log(_ source: Int) -> RotatedLog? { sources[source].log }

    /// Logs that could not be read, or not to their end, by their place in the list of paths.
    package var failures: [(source: Int, error: LogError)] {
        sources.indices.compactMap { index in sources[index].failure.map { (index, $0) } }
    }

    /// Gives the lines in the order of time, piece by piece, each with the number of its log; the pieces of a line
    /// follow each other.
    ///
    /// Stops when `body` returns false.
    package func forEachPiece(_ body: (_ source: Int, _ piece: LogPiece) -> Bool) {
        let readers = sources.map { source in
            source.reading { log in ForwardLineReader(log, from: source.start, blockSize: blockSize) }
        }
        func next(_ index: Int) -> LogPiece? {
            sources[index].reading { log throws(LogError) in try readers[index]?.next() }
        }
        var merge = TimeMerge(count: sources.count)
        for index in sources.indices { merge.add(index, next(index)) }
        merge.forEachPiece(next: next, body)
    }
}

// MARK: - From the ends backwards

extension LogTail {
    /// A line with a stamp and those without one that follow it, or as many of these as were looked at.
    private struct Record {
        var start: LogPosition
        let end: LogPosition
        var lineCount: Int
        var time: Int64
    }

    private func findStarts(_ count: Int) {
        let readers = sources.map { source in
            source.reading { log in BackwardLineReader(log, blockSize: blockSize) }
        }
        var records: [Record?] = Array(repeating: nil, count: sources.count)
        var queue = TimeQueue(.newestFirst)
        func previousRecord(_ index: Int) -> TimeQueue.Entry? {
            records[index] = sources[index].reading { _ throws(LogError) in
                try readers[index].flatMap { reader throws(LogError) in
                    try record(endingAt: records[index]?.start ?? sources[index].start, reader)
                }
            }
            return records[index].map { .init(time: $0.time, source: index) }
        }
        var left = count
        if left > 0 {
            for index in sources.indices {
                if let entry = previousRecord(index) { queue.insert(entry) }
            }
        }
        while left > 0, let entry = queue.first, let record = records[entry.source] {
            let source = sources[entry.source]
            if let since, record.time < since {
                queue.replaceFirst(with: nil)
                continue
            }
            source.start = record.lineCount <= left ? record.start : lastLines(left, of: record, source)
            left -= min(left, record.lineCount)
            queue.replaceFirst(with: left > 0 ? previousRecord(entry.source) : nil)
        }
    }

    private func record(endingAt end: LogPosition, _ reader: BackwardLineReader) throws(LogError) -> Record? {
        guard let start = try reader.next() else { return nil }
        var record = Record(start: start, end: end, lineCount: 1, time: LogSource.beforeAnyStamp)
        // A single log needs no times: each line is a record.
        guard sources.count > 1 || since != nil else { return record }
        let searchEnd = reader.byteCount + Self.stampSearchLimit
        while true {
            if let stamp = reader.stamp() {
                record.time = stamp.milliseconds
                return record
            }
            if reader.byteCount > searchEnd { return record }
            guard let earlier = try reader.next() else { return record }
            record.start = earlier
            record.lineCount += 1
        }
    }

    private func lastLines(_ count: Int, of record: Record, _ source: LogSource) -> LogPosition {
        source.reading { log throws(LogError) in
            let reader = BackwardLineReader(log, endingAt: record.end, blockSize: blockSize)
            var start = record.end
            for _ in 0..<count {
                guard let previous = try reader.next() else { break }
                start = previous
            }
            return start
        } ?? record.end
    }
}
