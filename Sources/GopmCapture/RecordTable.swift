import CLinux
import Glibc
import SystemPackage

/// The file of records, `$GOPM_HOME/run/records`: a header and one slot for each stream.
///
/// The whole table is reserved in memory at once, so that a slot never moves; the file grows in steps, always with
/// posix_fallocate(3), because a store into a hole is SIGBUS on a full disk (CRASH-ONLY f).
///
/// Slots are given out and taken back by the control thread; the log thread writes into those it was told of. Close it
/// only with the process.
package final class RecordTable: Sendable {
    /// 16 bytes at the start of the file.
    private static let magic: UInt64 = 0x7374_6f6c_736d_7067  // "gpmslots"
    private static let version: UInt64 = 1

    private static let slotSize = MemoryLayout<capture_slot>.size
    private static let reserved = 2 << 20  // bytes, for 16,383 slots
    private static let step = 64 << 10  // bytes

    package let path: String

    private struct Allocation: Sendable {
        /// Bytes of the file, all of them on disk.
        var size: Int
        /// Slots without an owner, the lowest one last.
        var free: [Int]
    }

    private let descriptor: Int32
    private nonisolated(unsafe) let memory: UnsafeMutableRawPointer  // a constant; RecordSlot says who may use what
    private let allocation: Locked<Allocation>

    /// Opens the file, or makes it with mode 0600.
    ///
    /// One with another magic or version is begun anew.
    package init(path: String) throws(CaptureError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.unavailable("open \(path)") }
        do throws(CaptureError) {
            var size = try Self.prepare(descriptor, path)
            size -= size % Self.step
            guard
                let memory = mmap(nil, Self.reserved, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
                memory != MAP_FAILED
            else { throw Self.unavailable("map \(path)") }
            self.memory = memory
            let slots = memory.assumingMemoryBound(to: capture_slot.self)
            let free = (1..<size / Self.slotSize).reversed().filter { slots[$0].kind == 0 }
            allocation = Locked(Allocation(size: size, free: free))
        } catch {
            close(descriptor)
            throw error
        }
        let header = memory.assumingMemoryBound(to: UInt64.self)
        header[0] = Self.magic
        header[1] = Self.version
    }

    /// Gives that owner a cleared slot, which stays its own until `free`, through any number of daemons.
    package func allocate(_ owner: RecordOwner) throws(CaptureError) -> Int {
        let result = allocation.withLock { (state) -> Result<Int, CaptureError> in
            if state.free.isEmpty, let error = grow(&state) { return .failure(error) }
            guard let index = state.free.popLast() else { return .failure(noSlot(.noSpace)) }
            let slot = pointer(index)
            slot.pointee = capture_slot()
            slot.pointee.process = Int64(owner.stream.process)
            slot.pointee.generation = owner.generation
            // Last, because it is what makes the slot somebody's.
            capture_store_kind(slot, owner.stream.kind.rawValue)
            return .success(index)
        }
        return try result.get()
    }

    /// Gives a slot back, whose stream must have been detached.
    package func free(_ index: Int) {
        allocation.withLock { state in
            guard isSlot(index, state), pointer(index).pointee.kind != 0 else { return }
            capture_store_kind(pointer(index), 0)
            state.free.append(index)
        }
    }

    /// The slot that a daemon before this one, or this one, gave to that owner.
    package func slot(of owner: RecordOwner) -> Int? {
        owners.first { $0.owner == owner }?.slot
    }

    /// Every slot that has an owner: what a new daemon finds.
    package var owners: [(slot: Int, owner: RecordOwner)] {
        allocation.withLock { state in
            (1..<state.size / Self.slotSize).compactMap { index in
                RecordSlot(at: pointer(index)).owner.map { (index, $0) }
            }
        }
    }

    /// Nil if there is no such slot.
    package func slot(_ index: Int) -> RecordSlot? {
        allocation.withLock { isSlot(index, $0) } ? RecordSlot(at: pointer(index)) : nil
    }

    private func isSlot(_ index: Int, _ state: Allocation) -> Bool {
        index > 0 && index < state.size / Self.slotSize
    }

    private func pointer(_ index: Int) -> UnsafeMutablePointer<capture_slot> {
        (memory + index * Self.slotSize).assumingMemoryBound(to: capture_slot.self)
    }

    private func grow(_ state: inout Allocation) -> CaptureError? {
        guard state.size < Self.reserved else { return noSlot(.noSpace) }
        let error = posix_fallocate(descriptor, state.size, Self.step)
        guard error == 0 else { return noSlot(Errno(rawValue: error)) }
        let first = state.size / Self.slotSize
        state.size += Self.step
        state.free = (first..<state.size / Self.slotSize).reversed()
        return nil
    }

    private func noSlot(_ errno: Errno) -> CaptureError { CaptureError(.noSlot, "make \(path) larger", errno) }

    /// Makes sure that the file is ours and has no holes, and returns its size.
    private static func prepare(_ descriptor: Int32, _ path: String) throws(CaptureError) -> Int {
        var facts = stat()
        var header: (UInt64, UInt64) = (0, 0)
        guard fstat(descriptor, &facts) == 0 else { throw unavailable("look at \(path)") }
        let length = pread(descriptor, &header, 16, 0)
        if length != 16 || header != (magic, version) || Int(facts.st_size) > reserved {
            guard ftruncate(descriptor, 0) == 0 else { throw unavailable("empty \(path)") }
            facts.st_size = 0
        }
        let size = max(Int(facts.st_size), step)
        let error = posix_fallocate(descriptor, 0, size)
        guard error == 0 else {
            throw CaptureError(.recordsUnavailable, "allocate \(path)", Errno(rawValue: error))
        }
        return size
    }

    private static func unavailable(_ operation: String) -> CaptureError {
        CaptureError(.recordsUnavailable, operation, .current)
    }
}
