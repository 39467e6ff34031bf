/// One log that is followed: gives its lines as they come, through rotation, `flush`, deletion and re-creation.
///
/// The file that is being read stays open, so what a rotation renames is read to its end, and then each newer file in
/// turn. A line that has no newline yet is kept back until it has one, or the file is rotated away under it.
package final class FollowedLog {
    /// What happened to the files, for whoever wants to know.
    package enum Event: Sendable, Hashable {
        case opened(path: String, size: Int, inode: UInt)
        /// Goes on with the next newer file.
        case rotated(from: UInt, to: UInt)
        /// Emptied in place, as `gopm flush` does.
        case truncated
        /// Files were rotated away before they were read; `bytes` is counted by the size of their neighbours, nil if
        /// not even their number is known.
        case lost(bytes: Int?)
    }

    package let path: String
    package var onEvent: (Event) -> Void = { _ in }
    private let calls: LogFileCalls
    private let since: Int64?
    private var buffer: LineBuffer
    private var file: LogFile?
    /// The next byte to read.
    private var offset = 0
    /// How often the log was rotated since the file being read was the newest, as far as ``noteRotation()`` says.
    private var rotations = 0
    private var isCountUnknown = false
    /// The last bytes that were read: if they are no longer there, the file was emptied and written anew.
    private var lastRead: [UInt8] = []
    private static let comparedBytes = 64

    /// Begins behind what is there when `log` was opened; nil stands for a log that does not exist yet.
    ///
    /// `since`: of a log that does not exist yet, or is seen for the first time, rotated files count if they were written
    /// to since then, in milliseconds since the epoch; nil for none. `isWithinLine`: the last line shown had no newline, so what comes next belongs to it.
    package init(
        _ log: RotatedLog?,
        path: String,
        since: Int64? = nil,
        isWithinLine: Bool = false,
        blockSize: Int = 65_536,
        calls: LogFileCalls = .live
    ) {
        self.path = path
        self.calls = calls
        self.since = since
        let byteCount = max(blockSize, 4 * LogStamp.maximumByteCount)
        buffer = LineBuffer(byteCount: byteCount, isWithinLine: isWithinLine)
        file = log?.newest
        offset = file?.size ?? 0
    }

    /// The descriptor that is being read; stays ours.
    package var descriptor: Int32? { file?.descriptor }
    package var inode: UInt { file?.identity.inode ?? 0 }
    /// How far the file being read has been read, in bytes.
    package var position: Int { offset }

    /// The log was renamed to `.1`.
    package func noteRotation() {
        rotations += 1
    }

    /// Some rotations may not have been noted.
    func noteUncertainty() {
        isCountUnknown = true
    }

    /// The next line or piece of one that is there; nil if that is all for now.
    ///
    /// The bytes of the piece before are no longer valid then. `refresh` is called when it matters that all rotations
    /// so far are noted.
    package func next(refresh: () -> Void) throws(LogError) -> LogPiece? {
        while true {
            if let piece = buffer.next() { return piece }
            if try fill() { continue }
            switch try findNewer(refresh) {
            case .none: return nil
            case .same: continue
            case .newer(let newer):
                let isMidLine = buffer.isMidLine
                enter(newer)
                if isMidLine, try newer.beginsLine() { return buffer.rest() }
            }
        }
    }

    private enum Found {
        /// There is nothing else to read.
        case none
        /// The same file, to be read again.
        case same
        case newer(LogFile)
    }

    private func findNewer(_ refresh: () -> Void) throws(LogError) -> Found {
        guard let present = file else {
            // It may have been rotated before we saw it.
            guard let first = try oldest(refresh) else { return .none }
            onEvent(.opened(path: path, size: first.size, inode: first.identity.inode))
            return .newer(first)
        }
        for _ in 0..<16 {
            let index = index(of: present)
            if index == 0 { return .none }
            // What was appended before the rename and after our last look.
            if try fill() { return .same }
            switch index {
            case let index?:
                guard let newer = try LogFile.open(name(index - 1), calls) else { return .none }
                // Names say who is next only if nothing was renamed in between.
                guard LogFile.identity(at: name(index)) == present.identity else { continue }
                rotations = max(rotations - 1, 0)
                onEvent(.rotated(from: present.identity.inode, to: newer.identity.inode))
                return .newer(newer)
            case nil:
                guard let next = try oldest(refresh) else { return .none }
                onEvent(.rotated(from: present.identity.inode, to: next.identity.inode))
                return .newer(next)
            }
        }
        return .none
    }

    /// The oldest file there is, when ours is gone: those between the two were never seen.
    private func oldest(_ refresh: () -> Void) throws(LogError) -> LogFile? {
        for _ in 0..<16 {
            refresh()
            var last: Int?
            var (candidate, gaps) = (0, 0)
            while gaps < 2 {
                if LogFile.identity(at: name(candidate)) != nil { (last, gaps) = (candidate, 0) } else { gaps += 1 }
                candidate += 1
            }
            guard var last else { return nil }
            // What was full before we began is not ours.
            while file == nil, last > 0, rotations < last, !isNew(name(last)) { last -= 1 }
            guard let found = try LogFile.open(name(last), calls) else { continue }
            guard LogFile.identity(at: name(last)) == found.identity else { continue }
            let unseen = rotations - last - 1
            if file != nil, unseen > 0 || isCountUnknown {
                let neighbour = last > 0 ? found.size : file?.currentSize ?? 0
                onEvent(.lost(bytes: isCountUnknown ? nil : unseen * neighbour))
            }
            rotations = last
            isCountUnknown = false
            return found
        }
        return nil
    }

    private func isNew(_ path: String) -> Bool {
        guard let since, let modified = LogFile.modified(path) else { return false }
        return modified >= since
    }

    private func enter(_ newer: LogFile) {
        file = newer
        offset = 0
        lastRead = []
    }

    private func name(_ index: Int) -> String {
        index == 0 ? path : "\(path).\(index)"
    }

    private func index(of file: LogFile) -> Int? {
        var (index, gaps) = (0, 0)
        while gaps < 2 {
            switch LogFile.identity(at: name(index)) {
            case file.identity: return index
            case nil: gaps += 1
            default: gaps = 0
            }
            index += 1
        }
        return nil
    }
}

// MARK: - Reading on

extension FollowedLog {
    /// Reads on in the present file; false when there is no more for now.
    private func fill() throws(LogError) -> Bool {
        guard let file else { return false }
        let isRewritten = try isRewritten(file)
        if isRewritten || file.currentSize < offset {
            onEvent(.truncated)
            buffer.clear()
            (offset, lastRead) = (0, [])
        }
        guard !buffer.isFull else { return false }
        let count = try file.read(into: buffer.space(), at: offset)
        guard count > 0 else { return false }
        buffer.append(count)
        lastRead = buffer.suffix(min(count, Self.comparedBytes))
        offset += count
        return true
    }

    private func isRewritten(_ file: LogFile) throws(LogError) -> Bool {
        guard !lastRead.isEmpty, file.currentSize >= offset else { return false }
        return try file.bytes(at: offset - lastRead.count, count: lastRead.count) != lastRead
    }
}
