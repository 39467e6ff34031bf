import Glibc

/// Puts a stamp before each line: program bytes in, file bytes out.
///
/// It also says where a file is full, because only it sees where lines begin. It keeps no clock and does no I/O.
///
/// A file takes whole lines up to its maximum size. A line is cut only where it alone fills the maximum; the rest goes
/// on in the next file without a stamp.
package struct LineStamper: Sendable {
    /// Bytes of `2026-04-14T13:25:59.595-04:00 `.
    package static let stampLength = 30
    /// The least room for output with which `stamp` always gets on.
    package static let leastOutput = stampLength + 2

    private static let newline = UInt8(ascii: "\n")

    package struct Step: Hashable, Sendable {
        /// Program bytes used.
        package var taken = 0
        /// File bytes made of them.
        package var made = 0
        /// The next program byte belongs into the next file.
        package var isFileFull = false
    }

    package var position: LinePosition

    package init(at position: LinePosition) {
        self.position = position
    }

    /// Stamps as much of `input` as fits `output` and the file.
    ///
    /// - Parameters:
    ///   - input: program bytes.
    ///   - stamp: `stampLength` bytes.
    ///   - output: at least `leastOutput` bytes.
    ///   - fileSize: bytes that the file holds already.
    ///   - maxSize: bytes at which it is full, at least `leastOutput`.
    /// - Returns: how far it came. It always gets on, unless the file is full.
    package mutating func stamp(
        _ input: UnsafeRawBufferPointer,
        with stamp: UnsafeRawPointer,
        into output: UnsafeMutableRawBufferPointer,
        fileSize: Int,
        maxSize: Int
    ) -> Step {
        var step = Step()
        guard let source = input.baseAddress, let target = output.baseAddress else { return step }
        if position == .foreign {
            output[0] = Self.newline
            step.made = 1
            position = .start
        }
        while step.taken < input.count {
            if position == .start {
                stampWholeLines(input, with: stamp, into: target, limit: min(output.count, maxSize - fileSize), &step)
                if step.taken == input.count { break }
            }
            // What is left: a line that is unfinished, or too long for the buffer or the file.
            let next = source + step.taken
            let end = memchr(next, Int32(Self.newline), input.count - step.taken)
            let line = end.map { UnsafeRawPointer($0) - next + 1 } ?? input.count - step.taken
            let room = output.count - step.made
            var piece: Int
            if case .inside(let begun) = position {
                step.isFileFull = begun >= maxSize
                piece = step.isFileFull ? 0 : min(line, maxSize - begun, room)
                if piece == 0 { break }
                position = .inside(begun + piece)
            } else {
                let size = fileSize + step.made
                step.isFileFull = size > 0 && Self.stampLength + line > maxSize - size
                piece = min(line, maxSize - Self.stampLength, room - Self.stampLength)
                if step.isFileFull || piece <= 0 || (piece < line && step.made > 1) { break }
                (target + step.made).copyMemory(from: stamp, byteCount: Self.stampLength)
                step.made += Self.stampLength
                position = .inside(Self.stampLength + piece)
            }
            (target + step.made).copyMemory(from: next, byteCount: piece)
            step.taken += piece
            step.made += piece
            if piece == line, end != nil { position = .start }
        }
        return step
    }

    /// The common case, and the reason for the speed: whole lines that fit.
    @inline(__always)
    private func stampWholeLines(
        _ input: UnsafeRawBufferPointer,
        with stamp: UnsafeRawPointer,
        into target: UnsafeMutableRawPointer,
        limit: Int,
        _ step: inout Step
    ) {
        guard let source = input.baseAddress else { return }
        var taken = step.taken
        var made = step.made
        while let end = memchr(source + taken, Int32(Self.newline), input.count - taken) {
            let length = UnsafeRawPointer(end) - (source + taken) + 1
            if made + Self.stampLength + length > limit { break }
            memcpy(target + made, stamp, Self.stampLength)
            memcpy(target + made + Self.stampLength, source + taken, length)
            made += Self.stampLength + length
            taken += length
        }
        step.taken = taken
        step.made = made
    }
}
