import Glibc

/// The bytes of a log that were read and not given yet, cut into lines; one that does not fit comes in pieces.
struct LineBuffer: ~Copyable {
    private let buffer: UnsafeMutableRawBufferPointer
    private var unread = 0..<0
    /// How many of the unread bytes are known to hold no newline.
    private var searched = 0
    private var isWithinLine: Bool

    /// `isWithinLine`: The last line that was shown had no newline, so what comes first belongs to it.
    init(byteCount: Int, isWithinLine: Bool = false) {
        self.isWithinLine = isWithinLine
        buffer = .allocate(byteCount: byteCount, alignment: 1)
    }

    deinit {
        buffer.deallocate()
    }

    var isFull: Bool { unread.count == buffer.count }
    /// Whether a line has begun of which the end has not been read.
    var isMidLine: Bool { isWithinLine || !unread.isEmpty }

    /// The next line, or a piece of one that fills the buffer; nil if more has to be read first.
    ///
    /// The bytes of the piece before are no longer valid then.
    mutating func next() -> LogPiece? {
        if let length = lengthOfLine() { return take(length, .newline) }
        return isFull ? take(unread.count, .continues) : nil
    }

    /// What there is of a line that will get no newline.
    mutating func rest() -> LogPiece { take(unread.count, .withoutNewline) }

    /// Room for bytes that are read; to be followed by ``append(_:)`` if any were.
    mutating func space() -> UnsafeMutableRawBufferPointer {
        if let base = buffer.baseAddress { memmove(base, base + unread.lowerBound, unread.count) }
        unread = 0..<unread.count
        return UnsafeMutableRawBufferPointer(rebasing: buffer[unread.count...])
    }

    mutating func append(_ count: Int) { unread = 0..<unread.count + count }

    func suffix(_ count: Int) -> [UInt8] { Array(buffer[unread.suffix(count)]) }

    /// Forgets what was read: the file it came from was emptied.
    mutating func clear() { (unread, searched, isWithinLine) = (0..<0, 0, false) }

    /// How many bytes come before the next newline.
    private mutating func lengthOfLine() -> Int? {
        guard let base = buffer.baseAddress, searched < unread.count else { return nil }
        let start = UnsafeRawPointer(base) + unread.lowerBound
        guard let newline = memchr(start + searched, 0x0a, unread.count - searched) else {
            searched = unread.count
            return nil
        }
        return UnsafeRawPointer(newline) - start
    }

    private mutating func take(_ count: Int, _ end: LogPiece.End) -> LogPiece {
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
}
