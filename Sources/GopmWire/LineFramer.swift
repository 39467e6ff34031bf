/// Cuts a stream of bytes into lines, with a limit on what an unfinished line may hold.
package struct LineFramer: Sendable {
    private var buffer: [UInt8] = []
    /// Where the search for the next line end goes on, so that no byte is looked at twice.
    private var searched = 0
    private var consumed = 0
    private let limit: Int
    /// Whether the rest of a line is left out that was too long.
    private var isSkipping = false

    /// - Parameter limit: The longest line in bytes.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Whether bytes of an unfinished line are held.
    package var hasPartialLine: Bool { consumed < buffer.count }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        var bytes = bytes
        if isSkipping {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return }
            isSkipping = false
            bytes = UnsafeRawBufferPointer(rebasing: bytes[(end + 1)...])
        }
        if consumed > 0 {
            buffer.removeFirst(consumed)
            searched -= consumed
            consumed = 0
        }
        buffer.append(contentsOf: bytes)
    }

    package enum Next: Sendable, Hashable {
        case line([UInt8])
        case needsMore
        case tooLong
    }

    /// The next whole line without its end; empty lines are skipped.
    package mutating func next() -> Next {
        while let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = buffer[consumed..<end]
            consumed = end + 1
            searched = consumed
            if line.count > limit { return .tooLong }
            if !line.isEmpty { return .line(Array(line)) }
        }
        searched = buffer.count
        if buffer.count - consumed > limit { return .tooLong }
        if consumed == buffer.count {
            // A long line's memory goes back when it is done.
            buffer.removeAll(keepingCapacity: buffer.capacity <= 65536)
            consumed = 0
            searched = 0
        }
        return .needsMore
    }

    /// After `tooLong`, for those who go on: leaves out what is still to come of that line.
    package mutating func skipLongLine() {
        // One that was whole is behind us.
        guard buffer.count - consumed > limit, !buffer[consumed...].contains(UInt8(ascii: "\n")) else { return }
        buffer = []
        (consumed, searched) = (0, 0)
        isSkipping = true
    }
}
