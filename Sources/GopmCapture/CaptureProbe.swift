/// The places where tests look in.
///
/// Empty in the daemon.
package struct CaptureProbe: Sendable {
    /// Moments between which a kill makes a difference, in the order they are passed.
    package enum Point: String, CaseIterable, Sendable {
        case blockBegun
        case blockWritten
        case blockTaken
        case blockEnded
        case blockCutShort
        case rotationBegun
        case fileRenamed
        case filesRenamed
        case fileRenewed
        case rotationEnded
    }

    /// Called on the log thread at each such moment.
    package var passing: (@Sendable (Point) -> Void)?
    /// Takes the place of write(2) to a log file: descriptor, bytes, count; returns what write returns, errno included.
    package var write: (@Sendable (Int32, UnsafeRawPointer, Int) -> Int)?

    package init(
        passing: (@Sendable (Point) -> Void)? = nil,
        write: (@Sendable (Int32, UnsafeRawPointer, Int) -> Int)? = nil
    ) {
        self.passing = passing
        self.write = write
    }

    @inline(__always)
    func pass(_ point: Point) {
        if let passing { passing(point) }
    }
}
