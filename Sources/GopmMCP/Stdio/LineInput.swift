import GopmSystem
import GopmWire

#if canImport(Glibc)
    import Glibc
#endif

/// Messages from standard input, a line each; for one reader at a time.
final class LineInput: @unchecked Sendable {
    // Used by the transport's one reading loop only, whose calls follow each other.

    enum Item: Sendable, Hashable {
        case line([UInt8])
        /// A line over the limit, which was skipped.
        case tooLong
        case end
    }

    /// Bytes of a message, as over HTTP.
    static let limit = 1 << 20

    private let descriptor: Int32
    private var framer = LineFramer(limit: LineInput.limit)
    private var isAtEnd = false

    init(descriptor: Int32 = 0) {
        self.descriptor = descriptor
    }

    /// The next message; waits for it.
    func next() -> Item {
        while true {
            switch framer.next() {
            case .line(let line): return .line(line)
            case .tooLong:
                framer.skipLongLine()
                return .tooLong
            case .needsMore: break
            }
            guard !isAtEnd else { return .end }
            read()
        }
    }

    private func read() {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            let count = retryingInterrupted { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
            guard count > 0 else {
                isAtEnd = true
                // What comes before the end of the stream is a line without its newline.
                return [UInt8(ascii: "\n")].withUnsafeBytes { framer.append($0) }
            }
            framer.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
