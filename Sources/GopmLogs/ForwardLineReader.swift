import Glibc

/// Reads the lines of a log from a position to its end, through the files from older to newer.
///
/// Memory is one buffer: a line that does not fit comes in pieces. It ends where the log ended when it was opened.
package final class ForwardLineReader {
    private let log: RotatedLog
    private let buffer: UnsafeMutableRawBufferPointer
    /// The bytes read and not given yet.
    private var unread = 0..<0
    /// How many of them are known to hold no newline.
    private var searched = 0
    private var isWithinLine = false
    /// The next byte to read.
    private var depth: Int
    private var offset: Int

    package init(_ log: RotatedLog, from start: LogPosition, blockSize: Int = 65_536) {
        self.log = log
        buffer = .allocate(byteCount: max(blockSize, 2 * LogStamp.maximumByteCount), alignment: 1)
        depth = start.depth
        offset = start.offset
    }

    deinit {
        buffer.deallocate()
    }

    /// The next line or piece of one; nil at the end.
    ///
    /// The bytes of the piece before are no longer valid then.
    package func next() throws(LogError) -> LogPiece? {
        while true {
            if let length = lengthOfLine() { return take(length, .newline) }
            if unread.count == buffer.count { return take(unread.count, .continues) }
            if try fill() { continue }
            let isMidLine = isWithinLine || !unread.isEmpty
            guard depth > 0 else { return isMidLine ? take(unread.count, .withoutNewline) : nil }
            depth -= 1
            offset = 0
            if isMidLine, let newer = try log.file(at: depth), try newer.beginsLine() {
                return take(unread.count, .withoutNewline)
            }
        }
    }

    /// How many bytes come before the next newline.
    private func lengthOfLine() -> Int? {
        guard let base = buffer.baseAddress, searched < unread.count else { return nil }
        let start = UnsafeRawPointer(base) + unread.lowerBound
        guard let newline = memchr(start + searched, 0x0a, unread.count - searched) else {
            searched = unread.count
            return nil
        }
        return UnsafeRawPointer(newline) - start
    }

    private func take(_ count: Int, _ end: LogPiece.End) -> LogPiece {
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[unread.prefix(count)])
        let piece = LogPiece(
            bytes: bytes,
            startsLine: !isWithinLine,
            stamp: isWithinLine ? nil : LogStamp(bytes),
            end: end
        )
        unread.removeFirst(end == .newline ? count + 1 : count)
        searched = 0
        isWithinLine = end == .continues
        return piece
    }

    /// Reads on in the present file; false when that is used up.
    private func fill() throws(LogError) -> Bool {
        guard let file = try log.file(at: depth), offset < file.size, let base = buffer.baseAddress else {
            return false
        }
        memmove(base, base + unread.lowerBound, unread.count)
        unread = 0..<unread.count
        let wanted = min(buffer.count - unread.count, file.size - offset)
        let space = UnsafeMutableRawBufferPointer(rebasing: buffer[unread.count..<unread.count + wanted])
        let count = try file.read(into: space, at: offset)
        unread = 0..<unread.count + count
        // A file emptied meanwhile gives less than it had: then it ends here.
        offset = count < wanted ? file.size : offset + count
        return count > 0
    }
}
