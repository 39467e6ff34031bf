package import SystemPackage

/// Which stream of which managed process.
package struct StreamID: Hashable, Sendable {
    /// The numbers are those in the record file; 0 is a slot without an owner.
    package enum Kind: UInt32, Sendable {
        case out = 1
        case err = 2
    }

    package let process: Int
    package let kind: Kind

    package init(process: Int, kind: Kind) {
        self.process = process
        self.kind = kind
    }
}

/// A stream to capture.
package struct StreamSpec: Sendable {
    package var id: StreamID
    /// Which life of the process: part of the record's owner.
    package var generation: UInt64
    /// The FIFO's read end, O_NONBLOCK and close-on-exec, which the pump owns from `attach` on.
    ///
    /// Nil between two lives: the log then takes action lines and flushes only.
    package var fifo: Int32?
    /// The log file.
    ///
    /// Missing folders are made, mode 0700; the file gets 0600 unless it exists.
    package var path: String
    /// Bytes at which the log is rotated, at least 64; nil: never.
    package var maxSize: Int?
    /// Full files kept beside the log as `path.1` and up.
    package var maxFiles: Int
    /// From `RecordTable.allocate`, for this owner.
    ///
    /// Nil if that failed: the log is written all the same, but a kill of the daemon may then repeat or cut a block.
    package var recordSlot: Int?

    package init(
        id: StreamID,
        generation: UInt64 = 0,
        fifo: Int32?,
        path: String,
        maxSize: Int?,
        maxFiles: Int,
        recordSlot: Int?
    ) {
        self.id = id
        self.generation = generation
        self.fifo = fifo
        self.path = path
        self.maxSize = maxSize
        self.maxFiles = maxFiles
        self.recordSlot = recordSlot
    }
}

/// What the control thread is told.
package enum PumpEvent: Hashable, Sendable {
    /// The log was full; `rotations` since the counters were reset.
    case rotated(StreamID, path: String, rotations: Int)
    /// The log is full and can't be renamed: it grows on. Once until it works again.
    case rotationFailing(StreamID, path: String, Errno)
    /// The log can't be written; the program's output is dropped and counted. Once until `resumed`.
    case writeFailing(StreamID, path: String, Errno)
    /// The log is written again. So many program bytes were dropped; the log says so too.
    case resumed(StreamID, path: String, lostBytes: Int)
    /// A write took over 100 ms: the stream has a thread of its own now.
    case slow(StreamID, path: String, milliseconds: Int)
    /// It is back on the common thread.
    case quickAgain(StreamID, path: String)
    /// The FIFO can't be read any more, which should not happen. The log still takes action lines.
    case broken(StreamID, path: String, Errno)
    /// An answer to `flush`; nil: done.
    case flushed(token: UInt64, Errno?)
    /// An answer to `detach`: FIFO and log are closed.
    case detached(token: UInt64)
    /// An answer to `drain`.
    case drained(token: UInt64)
}
