import Glibc

/// What a record says: where the log stood, and what was being done to it.
package struct RecordState: Hashable, Sendable {
    package enum Phase: UInt8, Sendable {
        /// Nothing was under way.
        case idle
        /// A block was being written; the FIFO still has all of it.
        case writing
        /// The block is in the file and was being taken out of the FIFO.
        case taking
        /// The files were being renamed.
        case rotating
    }

    package var phase: Phase
    /// The log before what was under way.
    package var before: LogSnapshot
    /// Program bytes of the open block; 0 for a line of gopm's own.
    package var bytesIn: Int
    /// File bytes of the open block.
    package var bytesOut: Int
    /// While taking: whether the block is out of the FIFO.
    ///
    /// Nil: that is not known.
    package var isTaken: Bool?
}

/// A log file at one moment.
package struct LogSnapshot: Hashable, Sendable {
    package struct Identity: Hashable, Sendable {
        package var device: UInt64 = 0
        package var inode: UInt64 = 0
    }

    package var identity = Identity()
    package var size = 0
    package var position = LinePosition.start
}

/// How to go on with a log after the last daemon, from its record and the file as it is now.
///
/// Exactly once rests on this.
package enum Recovery: Hashable, Sendable {
    /// Nothing was open, or what was can't be told apart any more (somebody emptied or replaced the file): go on here.
    case proceed(LinePosition)
    /// A block is partly in the file and wholly in the FIFO: cut the file back to that size.
    case cut(to: Int, LinePosition)
    /// A block is in the file, and out of the FIFO or not; nil: the FIFO has to be compared.
    case blockWritten(isTaken: Bool?)
    /// The log is full, and its renaming had not come to itself.
    case rotate(LinePosition)

    /// Decides from the record and the file as it is now, which is asked for its last byte only where that matters.
    package init(_ record: RecordState, identity: LogSnapshot.Identity, size: Int, endsInNewline: () -> Bool) {
        let before = record.before
        guard identity == before.identity else {
            // Another file: a new one of ours, or whatever somebody put there.
            self = .proceed(before.position.inFile(ofSize: size, endsInNewline: endsInNewline))
            return
        }
        switch record.phase {
        case .writing, .taking:
            if size >= before.size + record.bytesOut {
                // Larger while writing: somebody has added something, and the block may be there in part only.
                let untaken: Bool? = size == before.size + record.bytesOut ? false : nil
                self = .blockWritten(isTaken: record.phase == .taking ? record.isTaken : untaken)
                return
            }
            if size >= before.size {
                self = .cut(to: before.size, before.position)
                return
            }
        case .rotating:
            if size > 0 {
                self = .rotate(before.position)
                return
            }
        case .idle:
            if size == before.size {
                self = .proceed(before.position)
                return
            }
        }
        // Never made longer again: that would fill an emptied file with NULs.
        self = .proceed(before.position.inFile(ofSize: size, endsInNewline: endsInNewline))
    }

    /// How many bytes of a block that is in the file are still in the FIFO, where the record does not know.
    ///
    /// `block` are its program bytes, `head` is what the FIFO begins with, as far as it could be looked at, and `unread`
    /// the number of bytes in the FIFO. Only an output of identical bytes can deceive it.
    package static func untaken(
        of block: UnsafeRawBufferPointer,
        head: UnsafeRawBufferPointer,
        unread: Int
    ) -> Int {
        if unread >= block.count, starts(head, with: block) { return block.count }
        // A short tail is more likely chance.
        var skipped = 1
        while block.count - skipped >= leastTail {
            let tail = UnsafeRawBufferPointer(rebasing: block[skipped...])
            if unread >= tail.count, starts(head, with: tail) { return tail.count }
            skipped += 1
        }
        return 0
    }

    private static let leastTail = 512

    private static func starts(_ head: UnsafeRawBufferPointer, with block: UnsafeRawBufferPointer) -> Bool {
        let common = min(head.count, block.count)
        guard common > 0, let left = head.baseAddress, let right = block.baseAddress else { return block.isEmpty }
        return memcmp(left, right, common) == 0
    }
}
