import CLinux

/// One stream's record: what a later daemon needs to tell whether a block was written and whether it was taken.
///
/// It lives in shared memory of a file, so that it outlives a kill at any instruction. It has two sides and a word that
/// says which of them is valid: a side is filled while the other one counts, and one store makes it valid. The order is
///
///     begin → write(2) → willTake → readv(2) → end
///
/// Whether the bytes were taken is not guessed: the kernel writes the last one of them over `mark`.
///
/// Written by the log thread that has the stream; `counters` and `resetCounters` may be called by any.
package struct RecordSlot: @unchecked Sendable {
    // Sendable: one thread writes a stream's slot at a time, and what others read and reset are single atomic words.
    private let slot: UnsafeMutablePointer<capture_slot>

    init(at slot: UnsafeMutablePointer<capture_slot>) {
        self.slot = slot
    }

    package var owner: RecordOwner? {
        guard let kind = StreamID.Kind(rawValue: slot.pointee.kind) else { return nil }
        let stream = StreamID(process: Int(slot.pointee.process), kind: kind)
        return RecordOwner(stream: stream, generation: slot.pointee.generation)
    }

    /// What a new daemon finds.
    package var state: RecordState {
        let extent = capture_load(&slot.pointee.extent)
        return RecordState(
            phase: phase,
            before: snapshot(current),
            bytesIn: Int(extent & 0xffff_ffff),
            bytesOut: Int(extent >> 32),
            isTaken: isTaken
        )
    }

    package var snapshot: LogSnapshot { snapshot(current) }

    // MARK: A block

    /// Nothing is open, and the log stands like this.
    func settle(_ snapshot: LogSnapshot) {
        fill(1 - current, with: snapshot)
        set(.idle, side: 1 - current)
    }

    /// A block is about to be written behind the settled snapshot.
    func begin(bytesIn: Int, bytesOut: Int) {
        setExtent(bytesIn: bytesIn, bytesOut: bytesOut)
        set(.writing, side: current)
    }

    /// Only a part of the open block is kept.
    func setExtent(bytesIn: Int, bytesOut: Int) {
        capture_store(&slot.pointee.extent, UInt64(bytesIn) | UInt64(bytesOut) << 32)
    }

    /// The block is written, and is about to be taken out of the FIFO.
    ///
    /// `last` is its last program byte if that will be read into `mark`.
    func willTake(_ after: LogSnapshot, last: UInt8?) {
        fill(1 - current, with: after)
        let untouched = ~(last ?? 0)
        mark.pointee = untouched
        set(.taking, side: current, mark: last == nil ? nil : untouched)
    }

    /// Where the last byte of a block goes that is taken.
    var mark: UnsafeMutablePointer<UInt8> { capture_mark(slot) }

    /// The block is taken.
    func end() {
        set(.idle, side: 1 - current)
    }

    /// The files are about to be renamed.
    func beginRotation() {
        set(.rotating, side: current)
    }

    // MARK: Lost bytes

    /// Program bytes that the log does not know of yet, and the error because of which they were dropped.
    var lost: (bytes: Int, errno: Int32) {
        let word = capture_load(&slot.pointee.lost)
        return (Int(word & Self.lostMask), Int32(word >> 48))
    }

    func setLost(_ bytes: Int, errno: Int32) {
        let reason = UInt64(UInt16(truncatingIfNeeded: errno)) << 48
        capture_store(&slot.pointee.lost, UInt64(bytes) & Self.lostMask | reason)
    }

    private static let lostMask: UInt64 = 0xffff_ffff_ffff

    // MARK: Counters

    package var counters: StreamCounters {
        StreamCounters(
            writtenBytes: Int(truncatingIfNeeded: capture_load(&slot.pointee.written)),
            rotations: Int(truncatingIfNeeded: capture_load(&slot.pointee.rotations))
        )
    }

    package func resetCounters() {
        capture_store(&slot.pointee.written, 0)
        capture_store(&slot.pointee.rotations, 0)
    }

    func count(writtenBytes: Int) {
        capture_add(&slot.pointee.written, UInt64(writtenBytes))
    }

    func countRotation() {
        capture_add(&slot.pointee.rotations, 1)
    }

    // MARK: Words

    private var current: Int32 { Int32(capture_load(&slot.pointee.state) >> 8 & 1) }

    private var phase: RecordState.Phase {
        RecordState.Phase(rawValue: UInt8(capture_load(&slot.pointee.state) & 0xff)) ?? .idle
    }

    private var isTaken: Bool? {
        let word = capture_load(&slot.pointee.state)
        return word >> 16 & 1 == 0 ? nil : UInt64(mark.pointee) != word >> 24 & 0xff
    }

    private func set(_ phase: RecordState.Phase, side: Int32, mark: UInt8? = nil) {
        let marked = mark.map { 1 << 16 | UInt64($0) << 24 } ?? 0
        capture_store(&slot.pointee.state, UInt64(phase.rawValue) | UInt64(side) << 8 | marked)
    }

    private func snapshot(_ side: Int32) -> LogSnapshot {
        let side = capture_side(slot, side).pointee
        return LogSnapshot(
            identity: LogSnapshot.Identity(device: side.device, inode: side.inode),
            size: Int(side.size),
            position: LinePosition(code: side.line)
        )
    }

    private func fill(_ side: Int32, with snapshot: LogSnapshot) {
        capture_side(slot, side).pointee = capture_snapshot(
            device: snapshot.identity.device,
            inode: snapshot.identity.inode,
            size: Int64(snapshot.size),
            line: snapshot.position.code
        )
    }
}

/// What a log has got since the counters were last reset.
package struct StreamCounters: Hashable, Sendable {
    /// Bytes of the log, stamps included.
    package var writtenBytes = 0
    package var rotations = 0

    package init(writtenBytes: Int = 0, rotations: Int = 0) {
        self.writtenBytes = writtenBytes
        self.rotations = rotations
    }
}

/// Whose record it is; a record of another owner is not recovered.
package struct RecordOwner: Hashable, Sendable {
    package let stream: StreamID
    /// Which life of the process: a new one has a new FIFO.
    package let generation: UInt64

    package init(stream: StreamID, generation: UInt64) {
        self.stream = stream
        self.generation = generation
    }
}
