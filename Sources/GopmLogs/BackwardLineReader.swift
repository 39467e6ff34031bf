import Glibc

/// Finds the lines of a log from the last to the first, and reads no more of it than that takes.
///
/// It reads blocks from the end and gives positions, not bytes: a line of any length costs one block of memory. What is
/// in a line does not matter (NUL, carriage returns, invalid UTF-8); a last line without newline is a line. A line that
/// ends a file without a newline goes on in the next newer file, unless that begins with a stamp.
package final class BackwardLineReader {
    /// What is kept of the block after the present one, so that a stamp is whole wherever a block begins.
    private static let overlap = 32

    private let log: RotatedLog
    private let block: UnsafeMutableRawBufferPointer
    private let blockSize: Int
    /// The file being read.
    private var depth: Int
    /// Where the lines already given begin: the end of the next one.
    private var cursor: Int
    /// The offset of the block in the file, and how many bytes it holds, with the overlap.
    private var blockStart: Int
    private var held = 0
    private var isEmptied = false
    /// How many bytes the lines given so far have.
    package private(set) var byteCount = 0

    /// A reader of the lines that end at `end` and before; nil stands for the end of the log.
    package init(_ log: RotatedLog, endingAt end: LogPosition? = nil, blockSize: Int = 65_536) {
        self.log = log
        self.blockSize = blockSize
        block = .allocate(byteCount: blockSize + Self.overlap, alignment: 1)
        let end = end ?? log.end
        depth = end.depth
        cursor = end.offset
        blockStart = end.offset
    }

    deinit {
        block.deallocate()
    }

    /// The start of the line before the last one given; nil at the start of the log, and when `flush` emptied the file
    /// that is being read.
    package func next() throws(LogError) -> LogPosition? {
        guard try isAtLine() else { return nil }
        // The byte before the cursor is the line's own newline, or the last of a line without one.
        var end = cursor - 1
        var lineEnd = cursor
        while true {
            if end > blockStart, let newline = lastNewline(before: end) {
                cursor = newline + 1
                byteCount += lineEnd - cursor
                return LogPosition(depth: depth, offset: cursor)
            }
            if blockStart > 0 {
                end = min(end, blockStart)
                guard try loadBlockBefore() else { return nil }
            } else {
                cursor = 0
                byteCount += lineEnd
                let start = LogPosition(depth: depth, offset: 0)
                guard stamp() == nil, let older = try log.file(at: depth + 1), try !older.endsLine() else {
                    return start
                }
                enter(depth + 1, size: older.size)
                end = cursor
                lineEnd = cursor
            }
        }
    }

    /// The stamp of the line given last.
    package func stamp() -> LogStamp? {
        guard cursor >= blockStart, cursor - blockStart < held else { return nil }
        return LogStamp(UnsafeRawBufferPointer(rebasing: block[(cursor - blockStart)..<held]))
    }

    /// Whether there is another line, in this file or in an older one.
    private func isAtLine() throws(LogError) -> Bool {
        while cursor == 0, !isEmptied {
            guard let older = try log.file(at: depth + 1) else { return false }
            enter(depth + 1, size: older.size)
        }
        return !isEmptied
    }

    private func enter(_ depth: Int, size: Int) {
        self.depth = depth
        cursor = size
        blockStart = size
        held = 0
    }

    private func lastNewline(before end: Int) -> Int? {
        let searched = UnsafeRawBufferPointer(rebasing: block[..<(end - blockStart)])
        return lastIndex(of: 0x0a, in: searched).map { blockStart + $0 }
    }

    /// Replaces the block by the one before it.
    ///
    /// False when the file no longer holds it.
    private func loadBlockBefore() throws(LogError) -> Bool {
        guard let file = try log.file(at: depth), let base = block.baseAddress else { return false }
        let count = min(blockSize, blockStart)
        let kept = min(held, Self.overlap)
        memmove(base + count, base, kept)
        blockStart -= count
        held = count + kept
        let filled = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: block[..<count]), at: blockStart)
        isEmptied = filled < count
        return !isEmptied
    }
}
