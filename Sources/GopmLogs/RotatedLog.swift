/// A log with its rotated files, as one stream of bytes: the current file and before it, older and older, `.1` and `.2`.
///
/// Files are opened when the reading gets to them, and stay what they were then: rotations, deletion and `flush` in the
/// meantime never show a line twice, out of order or half. Descriptors are closed with the last reference.
package final class RotatedLog {
    package let path: String
    private let readsRotated: Bool
    private let calls: LogFileCalls
    /// The files opened so far, from the newest on; each one's neighbour is the next older.
    private var files: [LogFile] = []
    private var reachedOldest = false

    /// Opens the newest file.
    ///
    /// A log of which nothing exists is empty.
    package init(path: String, readsRotated: Bool = true, calls: LogFileCalls = .live) throws(LogError) {
        self.path = path
        self.readsRotated = readsRotated
        self.calls = calls
        if let current = try LogFile.open(path, calls) {
            files = [current]
        } else if readsRotated, let rotated = try LogFile.open(name(1), calls) {
            // A rotation has renamed the current file and not yet made its successor.
            files = [rotated]
        } else {
            reachedOldest = true
        }
    }

    /// The end of everything.
    package var end: LogPosition { LogPosition(depth: 0, offset: files.first?.size ?? 0) }

    /// The newest file; nil if there was none.
    var newest: LogFile? { files.first }

    /// The file `depth` rotations behind the newest; nil when the log does not go back that far.
    func file(at depth: Int) throws(LogError) -> LogFile? {
        while depth >= files.count, !reachedOldest {
            guard readsRotated, let oldest = files.last, let older = try openNeighbour(olderThan: oldest) else {
                reachedOldest = true
                break
            }
            files.append(older)
        }
        return depth < files.count ? files[depth] : nil
    }

    /// The bytes from `start` to `end`, at most `limit` of them: a line that a ``BackwardLineReader`` found.
    package func bytes(from start: LogPosition, to end: LogPosition, limit: Int) throws(LogError) -> [UInt8] {
        var bytes: [UInt8] = []
        var position = start
        while bytes.count < limit, position.depth >= end.depth, let file = try file(at: position.depth) {
            let stop = position.depth == end.depth ? end.offset : file.size
            let wanted = min(stop - position.offset, limit - bytes.count)
            bytes += try file.bytes(at: position.offset, count: max(0, wanted))
            position = LogPosition(depth: position.depth - 1, offset: 0)
        }
        return bytes
    }

    private func name(_ index: Int) -> String {
        index == 0 ? path : "\(path).\(index)"
    }

    /// Opens the file before `newer` in time.
    ///
    /// Names say which only for as long as nothing is renamed, so: find what `newer` is called now, open the name after
    /// it, and trust that only if `newer` is still called the same.
    private func openNeighbour(olderThan newer: LogFile) throws(LogError) -> LogFile? {
        // Each new attempt takes a rotation within these few calls; eight in a row is no log that can be read.
        for _ in 0..<8 {
            // Deleted while we read: what was older went before it.
            guard let index = currentIndex(of: newer) else { return nil }
            var older = try LogFile.open(name(index + 1), calls)
            if older == nil {
                // Half-way through a rotation one name is free.
                older = try LogFile.open(name(index + 2), calls)
            }
            guard LogFile.identity(at: name(index)) == newer.identity else { continue }
            guard let older else { return nil }
            if older.identity != newer.identity { return older }
        }
        return nil
    }

    private func currentIndex(of file: LogFile) -> Int? {
        var index = 0
        var freeNames = 0
        while freeNames < 2 {
            switch LogFile.identity(at: name(index)) {
            case file.identity: return index
            case nil: freeNames += 1
            default: freeNames = 0
            }
            index += 1
        }
        return nil
    }
}

/// A place in a ``RotatedLog``: how many files behind the newest, and the offset in that file.
package struct LogPosition: Sendable, Hashable {
    package let depth: Int
    package let offset: Int

    package init(depth: Int, offset: Int) {
        self.depth = depth
        self.offset = offset
    }
}
