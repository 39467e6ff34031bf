import CLinux
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A program to be executed, with everything that the child needs.
package struct SpawnRequest: Sendable {
    package var path: String
    /// With the program's own name first.
    package var arguments: [String]
    /// `NAME=value`.
    package var environment: [String]
    package var workingDirectory: String
    /// Descriptors for 0, 1 and 2; they stay the caller's.
    package var standard: (input: Int32, output: Int32, error: Int32)
    /// Read ends that the program inherits, -1 for none; they stay the caller's.
    package var inheritedReadEnds: (Int32, Int32)
    package var lifeID: UInt64
    /// The soft limit of open files for the child.
    package var openFiles: UInt64
    package var fileMask: UInt32
    /// Directory descriptor of a cgroup v2 group, -1 for none.
    package var cgroup: Int32 = -1
    /// Write end of the report pipe.
    var report: Int32 = -1
    /// Where the child parts with our descriptors and what it then signals; 0 and -1 if it begins with a copy of them.
    var parting: (below: Int32, event: Int32, own: ClosedRange<Int32>) = (0, -1, 0...0)

    package init(path: String, arguments: [String], environment: [String], workingDirectory: String, lifeID: UInt64) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.lifeID = lifeID
        standard = (-1, -1, -1)
        inheritedReadEnds = (-1, -1)
        openFiles = 0
        fileMask = 0o022
    }
}

/// A child that was made and may not have executed its program yet.
package struct SpawnedChild: Sendable {
    package var pid: Int32
    /// Owned by the receiver; becomes readable when the child ends.
    package var pidfd: Int32
    /// Owned by the receiver; reaches its end at the exec, or holds a ``SpawnFailure``.
    package var report: Int32
    /// To be kept until the report is known.
    package var memory: SpawnMemory
}

/// Why a child could not execute its program.
package struct SpawnFailure: Error, Sendable, Hashable {
    package enum Stage: UInt32, Sendable {
        case clone = 1
        case limits, session, directory, descriptors, exec
    }

    package var stage: Stage
    package var errno: Errno

    package init(stage: Stage, errno: Errno) {
        self.stage = stage
        self.errno = errno
    }

    /// One line that names what the user can do something about.
    package func sentence(program: String, directory: String) -> String {
        switch stage {
        case .clone: "cannot make a process: \(errno.words)"
        case .directory: "working directory \(directory): \(errno.words)"
        case .exec where errno == .noSuchFileOrDirectory:
            FileSystem.exists(program)
                ? "program \(program) names an interpreter (first line \"#!\") or loader that does not exist"
                : "program \(program) does not exist"
        case .exec where errno == .permissionDenied:
            "program \(program) is not executable (chmod +x it, or name its --interpreter)"
        case .exec where errno == .execFormatError:
            "program \(program) is not executable by this machine (a script needs a first line \"#!…\" or --interpreter)"
        case .exec: "cannot execute \(program): \(errno.words)"
        case .limits, .session, .descriptors: "cannot prepare the process (\(stage)): \(errno.words)"
        }
    }
}

/// Makes the child and returns without waiting for its exec, so that many programs start side by side.
package func spawn(_ request: SpawnRequest, from slots: SpawnSlots) throws(SpawnFailure) -> SpawnedChild {
    var report: [Int32] = [-1, -1]
    guard gopm_pipe(&report) == 0 else { throw SpawnFailure(stage: .clone, errno: .last) }
    let place = slots.take()
    guard let memory = SpawnMemory(slots.placed(request, report: report[1], in: place)) else {
        let error = Errno.last
        for end in report { close(end) }
        slots.giveBack(place)
        throw SpawnFailure(stage: .clone, errno: error)
    }
    var pidfd: Int32 = -1
    let pid = gopm_spawn(memory.request, &pidfd)
    let error = Errno.last
    // Only the child may hold this end, else the report never reaches its end.
    close(report[1])
    guard pid > 0 else {
        close(report[0])
        slots.giveBack(place)
        throw SpawnFailure(stage: .clone, errno: error)
    }
    slots.lend(place, to: memory)
    return SpawnedChild(pid: pid, pidfd: pidfd, report: report[0], memory: memory)
}

extension SpawnedChild {
    package enum Report: Sendable, Hashable {
        case pending
        case executed
        case failed(SpawnFailure)
    }

    /// Reads the report pipe without waiting.
    ///
    /// `hasEnded`: The child is known to have ended, so what it has not said by now it never will: the pipe's end may yet
    /// be held open by another child on its first steps.
    package func readReport(hasEnded: Bool = false) -> Report {
        var failure = gopm_spawn_failure()
        let count = retryingInterrupted { read(report, &failure, MemoryLayout<gopm_spawn_failure>.size) }
        if count == MemoryLayout<gopm_spawn_failure>.size {
            let stage = SpawnFailure.Stage(rawValue: UInt32(failure.stage)) ?? .exec
            return .failed(SpawnFailure(stage: stage, errno: Errno(rawValue: failure.error)))
        }
        return count < 0 && !hasEnded ? .pending : .executed
    }

    /// Closes the report: it is known, or the child has ended.
    package func end() {
        close(report)
        memory.isDone = true
    }
}

/// What a child reads from the supervisor's memory on its way to exec, and its stack.
///
/// One mapping of its own: hundreds of spawns under way would else leave the heap full of holes.
package final class SpawnMemory: @unchecked Sendable {
    /// The child only reads it, but for its stack, which nobody else touches, and `has_parted`, which is atomic.
    fileprivate let request: UnsafeMutablePointer<gopm_spawn_request>
    /// The child has executed its program or ended.
    fileprivate(set) var isDone = false
    private let mapping: UnsafeMutableRawPointer
    private let size: Int

    /// The child calls no deeper than two small functions, and signals are blocked until exec.
    private static let stackSize = 4 << 10

    /// Whether the child needs no descriptor of ours any more.
    var hasParted: Bool { isDone || gopm_spawn_has_parted(request) != 0 }

    fileprivate init?(_ wish: SpawnRequest) {
        let texts = [wish.path, wish.workingDirectory] + wish.arguments + wish.environment
        let pointers = wish.arguments.count + wish.environment.count + 2
        let wordSize = MemoryLayout<UnsafeMutablePointer<CChar>?>.stride
        let textSize = texts.reduce(0) { $0 + $1.utf8.count + 1 }
        size = SpawnMemory.stackSize + MemoryLayout<gopm_spawn_request>.stride + pointers * wordSize + textSize
        let result = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let result, result != MAP_FAILED else { return nil }
        mapping = result
        request = (mapping + SpawnMemory.stackSize).bindMemory(to: gopm_spawn_request.self, capacity: 1)
        let words = (UnsafeMutableRawPointer(request) + MemoryLayout<gopm_spawn_request>.stride)
            .bindMemory(to: UnsafeMutablePointer<CChar>?.self, capacity: pointers)
        var packer = TextPacker(next: UnsafeMutableRawPointer(words) + pointers * wordSize)
        var raw = gopm_spawn_request()
        raw.path = UnsafePointer(packer.pack(wish.path))
        raw.directory = UnsafePointer(packer.pack(wish.workingDirectory))
        raw.argv = UnsafePointer(words)
        raw.envp = UnsafePointer(words + wish.arguments.count + 1)
        // The mapping is zero, so both lists end with the null that exec wants.
        for (index, text) in wish.arguments.enumerated() { words[index] = packer.pack(text) }
        for (index, text) in wish.environment.enumerated() {
            words[wish.arguments.count + 1 + index] = packer.pack(text)
        }
        raw.standard = (wish.standard.input, wish.standard.output, wish.standard.error)
        raw.inherited = (wish.inheritedReadEnds.0, wish.inheritedReadEnds.1)
        // A descriptor number costs kernel memory up to itself (8 bytes each), so no higher than 1,024.
        raw.inherited_below = Int32(min(max(wish.openFiles, 16), 1024))
        raw.report = wish.report
        raw.parts_below = wish.parting.below
        raw.parted_event = wish.parting.event
        raw.own_first = wish.parting.own.lowerBound
        raw.own_last = wish.parting.own.upperBound
        raw.cgroup = wish.cgroup
        raw.life_id = wish.lifeID
        raw.open_files = wish.openFiles
        raw.file_mask = mode_t(wish.fileMask)
        raw.stack = mapping
        raw.stack_size = UInt64(SpawnMemory.stackSize)
        request.initialize(to: raw)
    }

    deinit {
        munmap(mapping, size)
    }

    /// Copies texts one behind the other, each with a NUL at its end.
    private struct TextPacker {
        var next: UnsafeMutableRawPointer

        mutating func pack(_ text: String) -> UnsafeMutablePointer<CChar> {
            let place = next
            var text = text
            let count = text.withUTF8 { bytes in
                if let base = bytes.baseAddress { place.copyMemory(from: base, byteCount: bytes.count) }
                return bytes.count
            }
            next += count + 1
            return place.assumingMemoryBound(to: CChar.self)
        }
    }
}
