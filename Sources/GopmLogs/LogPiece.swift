/// A line of a log, or a part of one too long for the buffer.
///
/// Its bytes are valid only until the next one is read.
package struct LogPiece {
    package enum End: Sendable, Hashable {
        /// The line goes on in the next piece.
        case continues
        /// The line ends with a newline, which ``LogPiece/bytes`` leaves out.
        case newline
        /// The line ends with the log (it is still being written) or with a file, without a newline.
        case withoutNewline
    }

    package let bytes: UnsafeRawBufferPointer
    /// Whether the line begins here.
    package let startsLine: Bool
    /// The line's stamp, in its first piece, if it has one; it is part of the bytes.
    package let stamp: LogStamp?
    package let end: End

    package init(bytes: UnsafeRawBufferPointer, startsLine: Bool, stamp: LogStamp?, end: End) {
        self.bytes = bytes
        self.startsLine = startsLine
        self.stamp = stamp
        self.end = end
    }
}
