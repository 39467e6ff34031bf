/// Reads the lines of a log from a position to its end, through the files from older to newer.
///
/// Memory is one buffer: a line that does not fit comes in pieces. It ends where the log ended when it was opened.
package final class ForwardLineReader {
    private let log: RotatedLog
    private var buffer: LineBuffer
    /// The next byte to read.
    private var depth: Int
    private var offset: Int

    package init(_ log: RotatedLog, from start: LogPosition, blockSize: Int = 65_536) {
        self.log = log
        buffer = LineBuffer(byteCount: max(blockSize, 2 * LogStamp.maximumByteCount))
        depth = start.depth
        offset = start.offset
    }

    /// The next line or piece of one; nil at the end.
    ///
    /// The bytes of the piece before are no longer valid then.
    package func next() throws(LogError) -> LogPiece? {
        while true {
            if let piece = buffer.next() { return piece }
            if try fill() { continue }
            let isMidLine = buffer.isMidLine
            guard depth > 0 else { return isMidLine ? buffer.rest() : nil }
            depth -= 1
            offset = 0
            if isMidLine, let newer = try log.file(at: depth), try newer.beginsLine() {
                return buffer.rest()
            }
        }
    }

    /// Reads on in the present file; false when that is used up.
    private func fill() throws(LogError) -> Bool {
        guard let file = try log.file(at: depth), offset < file.size else { return false }
        let space = buffer.space()
        let wanted = min(space.count, file.size - offset)
        let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: space[..<wanted]), at: offset)
        buffer.append(count)
        // A file emptied meanwhile gives less than it had: then it ends here.
        offset = count < wanted ? file.size : offset + count
        return count > 0
    }
}
