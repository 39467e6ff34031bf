import GopmCommandLine
import GopmLogs
import GopmSystem
import GopmTerminal

/// One run of gopm-logs: first the end of the logs, then what comes.
struct LogSession: ~Copyable {
    struct Source {
        var path: String
        var label: LogLineFormat.Label
    }

    private var sources: [Source]
    private var output: LineOutput
    private var filter: LineFilter
    private var writer = OutputWriter(descriptor: 1)
    private var tail: LogTail?
    /// Logs whose last line had no newline.
    private var unended: Set<Int> = []
    private let begin = Clock.wall / 1_000_000
    private let trace = FollowTrace()

    init(sources: [Source], output: ([LogLineFormat.Label]) -> LineOutput, filter: LineFilter) {
        self.sources = sources
        self.output = output(sources.map(\.label))
        self.filter = filter
    }

    /// Shows the last lines; `lastMatches`: so many of those that pass the filter, of all that are read.
    mutating func showEnd(lines: Int, lastMatches: Int?, since: Int64?) throws(CommandFailure) {
        let tail = LogTail(lines: lines, since: since, of: sources.map(\.path))
        self.tail = tail
        if let lastMatches, lastMatches < .max {
            showLast(lastMatches, of: tail)
        } else {
            tail.forEachPiece { source, piece in show(piece, of: source) }
        }
        output.finish(&writer)
        let status = writer.flush()
        for failure in tail.failures { Console.error("gopm-logs: \(DisplayText.sanitized("\(failure.error)"))") }
        if case .failed = status { throw CommandFailure("cannot write to standard output") }
        if !tail.failures.isEmpty { throw CommandFailure.silent(.failed) }
    }

    /// Shows a piece if it passes the filter; returns whether anybody reads on.
    private mutating func show(_ piece: LogPiece, of source: Int) -> Bool {
        if piece.end == .withoutNewline { unended.insert(source) } else { unended.remove(source) }
        filter.pass(piece, of: source) { output.append($0, of: source, to: &writer) }
        return writer.isOpen
    }

    /// Only the last of the lines that match are kept meanwhile.
    private mutating func showLast(_ count: Int, of tail: LogTail) {
        var kept: [(source: Int, bytes: [UInt8], end: LogPiece.End)] = []
        var oldest = 0
        tail.forEachPiece { source, piece in
            if piece.end == .withoutNewline { unended.insert(source) } else { unended.remove(source) }
            filter.pass(piece, of: source) { line in
                let entry = (source: source, bytes: Array(line.bytes), end: line.end)
                if kept.count < count {
                    kept.append(entry)
                } else if count > 0 {
                    kept[oldest] = entry
                    oldest = (oldest + 1) % count
                }
            }
            return true
        }
        for line in kept[oldest...] + kept[..<oldest] {
            line.bytes.withUnsafeBytes { bytes in
                let piece = LogPiece(bytes: bytes, startsLine: true, stamp: LogStamp(bytes), end: line.end)
                output.append(piece, of: line.source, to: &writer)
            }
        }
    }

    /// Shows what comes until nobody reads it any more; `list`: a file whose replacement may bring other sources.
    mutating func follow(list: String?, newSources: () -> [Source]) throws(CommandFailure) {
        guard let follower = LogFollower() else {
            throw CommandFailure("cannot watch files: no inotify instance is left (fs.inotify.max_user_instances)")
        }
        follower.onFailure = { _, error in Console.error("gopm-logs: \(DisplayText.sanitized("\(error)"))") }
        for index in sources.indices { add(index, tail?.log(index), to: follower, tail?.blockSize ?? 65_536) }
        tail = nil
        if let list { follower.watchList(list) }
        // The list may have changed before it was watched.
        var isListNew = true
        while true {
            if isListNew { addNew(newSources(), to: follower) }
            var counts = trace.isOn ? Array(repeating: 0, count: follower.count) : []
            follower.forEachPiece { source, piece in
                if trace.isOn, piece.end != .continues { counts[source] += 1 }
                return show(piece, of: source)
            }
            if trace.isOn { trace.note(follower, counts) }
            switch writer.flush() {
            case .open: break
            case .readerGone: return
            case .failed: throw CommandFailure("cannot write to standard output")
            }
            let wake = follower.wait(output: 1, timeout: trace.isOn ? FollowTrace.stallMilliseconds : nil)
            if wake == .readerGone { return }
            if wake == .timeout { trace.stall(follower) }
            isListNew = wake == .list
        }
    }

    private mutating func addNew(_ found: [Source], to follower: LogFollower) {
        let known = Set(sources.map(\.path))
        for source in found where !known.contains(source.path) {
            sources.append(source)
            output.add(source.label)
            filter.begin(sources.count - 1, at: begin)
            add(sources.count - 1, nil, to: follower, 4096)
        }
    }

    private func add(_ index: Int, _ log: RotatedLog?, to follower: LogFollower, _ blockSize: Int) {
        let path = sources[index].path
        let followed = FollowedLog(
            log,
            path: path,
            // A tick of the file system's clock is up to 10 ms behind.
            since: begin - 100,
            isWithinLine: unended.contains(index),
            blockSize: blockSize
        )
        followed.onEvent = { [trace] event in
            trace.note(event, of: path)
            guard case .lost(let bytes) = event else { return }
            let amount = bytes.map { "about \($0) bytes" } ?? "an unknown number of bytes"
            Console.error("gopm-logs: \(amount) of \(DisplayText.sanitized(path)) were rotated away unseen")
        }
        follower.add(followed)
    }
}
