import Glibc

extension LineStamper {
    /// What a stretch of a log file was made of.
    package struct Origin: Hashable, Sendable {
        /// Program bytes in it.
        package var count = 0
        /// The position behind it: `.foreign` if it ends inside a stamp.
        package var position: LinePosition
    }

    /// Takes the stamps off what `stamp` has made, from the position before it: the program's own bytes again.
    ///
    /// Also for a block of which the disk has taken only a part. `output` gets the bytes and needs room for as many as
    /// `block` has; without it they are only counted.
    package static func origin(
        of block: UnsafeRawBufferPointer,
        after position: LinePosition,
        into output: UnsafeMutableRawPointer? = nil
    ) -> Origin {
        var origin = Origin(position: position)
        guard let source = block.baseAddress, !block.isEmpty else { return origin }
        var offset = 0
        if position == .foreign {
            offset = 1
            origin.position = .start
        }
        while offset < block.count {
            let begun: Int
            if case .inside(let length) = origin.position {
                begun = length
            } else {
                guard block.count - offset >= stampLength else {
                    origin.position = .foreign
                    break
                }
                offset += stampLength
                begun = stampLength
            }
            let end = memchr(source + offset, 10, block.count - offset)
            let length = end.map { UnsafeRawPointer($0) - (source + offset) + 1 } ?? block.count - offset
            if let output, length > 0 { memcpy(output + origin.count, source + offset, length) }
            origin.count += length
            offset += length
            origin.position = end == nil ? .inside(begun + length) : .start
        }
        return origin
    }

    /// How much to keep of a block of which the disk has taken only the first `written` bytes.
    ///
    /// All whole lines: so a full disk is filled with what is of use, and no line is torn.
    package static func worthKeeping(
        of block: UnsafeRawBufferPointer,
        written: Int,
        after position: LinePosition
    ) -> Int {
        if let start = block.baseAddress, let end = memrchr(start, written) { return end - start + 1 }
        if case .inside = position { return written }
        return 0
    }

    private static func memrchr(_ start: UnsafeRawPointer, _ count: Int) -> UnsafeRawPointer? {
        var index = count
        while index > 0 {
            index -= 1
            if start.load(fromByteOffset: index, as: UInt8.self) == 10 { return start + index }
        }
        return nil
    }
}
