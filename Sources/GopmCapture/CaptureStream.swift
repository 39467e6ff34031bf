import CLinux
import Glibc
import SystemPackage

/// One stream on its way from FIFO to log: the shell around `LineStamper`, `Recovery` and the record.
///
/// Owned by one pump thread at a time, which passes its own bench to every call.
final class CaptureStream {
    let spec: StreamSpec
    let file: LogFile
    let record: RecordSlot
    let report: (PumpEvent) -> Void
    var stamper = LineStamper(at: .start)

    /// Set while the log can't be written.
    var failure: LogFailure?
    /// When a rotation that failed may be tried again; nil: it did not fail.
    var nextRotation: Int64?

    /// -1: none, or no more.
    private(set) var fifo: Int32
    /// The epoll instance of the thread that has the stream, which watches the FIFO.
    private var epoll: Int32 = -1

    /// The record, if the control thread had none to give.
    private let ownRecord: UnsafeMutablePointer<capture_slot>?

    init(_ spec: StreamSpec, records: RecordTable, probe: CaptureProbe, report: @escaping (PumpEvent) -> Void) {
        self.spec = spec
        self.report = report
        fifo = spec.fifo ?? -1
        file = LogFile(path: spec.path, probe: probe)
        let owner = RecordOwner(stream: spec.id, generation: spec.generation)
        if let slot = spec.recordSlot.flatMap(records.slot), slot.owner == owner {
            record = slot
            ownRecord = nil
        } else {
            let memory = UnsafeMutablePointer<capture_slot>.allocate(capacity: 1)
            memory.initialize(to: capture_slot())
            record = RecordSlot(at: memory)
            ownRecord = memory
        }
    }

    deinit {
        closeFIFO()
        ownRecord?.deallocate()
    }

    /// Begins: opens the log, and finishes what a killed daemon had begun.
    func open(_ bench: CopyBench) {
        do throws(StreamFault) {
            try ensureOpen(bench)
            let lost = record.lost
            if lost.bytes > 0 { try tellLost(lost, bench) }
        } catch {
            settleFault(error)
        }
    }

    // MARK: The FIFO

    /// Lets that epoll instance watch the FIFO, under that key, and no other one.
    func watch(_ epoll: Int32, key: UInt64) {
        unwatch()
        self.epoll = epoll
        guard fifo >= 0, capture_watch(epoll, fifo, key) != 0 else { return }
        settleFault(.fifo(.current))
    }

    /// Closing is not enough: others hold the same open file, and it would stay watched.
    func unwatch() {
        if fifo >= 0, epoll >= 0 { _ = capture_unwatch(epoll, fifo) }
        epoll = -1
    }

    func closeFIFO() {
        unwatch()
        if fifo >= 0 { close(fifo) }
        fifo = -1
    }

    // MARK: Moving bytes

    /// Moves one look's worth from the FIFO to the log, or drops it while the log can't be written.
    ///
    /// Returns how many program bytes; nil: the FIFO is empty, and epoll will say when it no longer is.
    func turn(_ bench: CopyBench) -> Int? {
        guard fifo >= 0 else { return nil }
        do throws(StreamFault) {
            if failure != nil { return try dropSome(bench) }
            switch bench.look(into: fifo) {
            case .empty: return nil
            case .failed(let error): throw StreamFault.fifo(error)
            case .bytes(let block): return try move(block, bench)
            }
        } catch {
            settleFault(error)
            return fifo >= 0 ? 0 : nil
        }
    }

    /// Moves what the FIFO holds at this moment, and not what a busy writer adds meanwhile.
    func drain(_ bench: CopyBench) {
        guard fifo >= 0 else { return }
        var left = Int(capture_unread(fifo))
        while left > 0, let moved = turn(bench) { left -= moved }
    }

    private func move(_ block: UnsafeRawBufferPointer, _ bench: CopyBench) throws(StreamFault) -> Int {
        var rest = block
        while !rest.isEmpty {
            let taken = try writeBlock(rest, bench)
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
        }
        return block.count
    }

    /// Writes the next block of what was looked at.
    ///
    /// Returns the program bytes in it, 0 if only the file was changed.
    private func writeBlock(_ input: UnsafeRawBufferPointer, _ bench: CopyBench) throws(StreamFault) -> Int {
        try ensureOpen(bench)
        bench.clock.update()
        var next = stamper
        let limit = rotationSize
        let step = next.stamp(
            input,
            with: bench.clock.bytes,
            into: bench.output,
            fileSize: limit == nil ? 0 : file.size,
            maxSize: limit ?? .max
        )
        guard step.made > 0 else {
            try rotate()
            return 0
        }
        let block = UnsafeRawBufferPointer(rebasing: bench.output[..<step.made])
        try write(block, from: step.taken, endingAt: next.position, bench)
        return step.taken
    }
}

/// What can go wrong with a stream.
enum StreamFault: Error {
    /// The log: the stream goes on without it.
    case log(Errno)
    /// The FIFO: there is nothing to go on with.
    case fifo(Errno)
}
