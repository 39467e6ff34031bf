import CLinux
import Glibc
import SystemPackage

/// What a log thread works with: the scratch pipe, two buffers and the clock.
final class CopyBench {
    /// Bytes of a FIFO that one look takes in at most.
    ///
    /// Larger looks are faster (100-byte lines, MiB/s: 64 KiB 670, 128 KiB 650, 256 KiB 950, 512 KiB 1,100) and cost as
    /// much memory, once a program floods; 256 KiB is nearly as fast as `cat >file`.
    static let inputSize = 256 << 10
    static let outputSize = 512 << 10

    let input: UnsafeMutableRawBufferPointer
    let output: UnsafeMutableRawBufferPointer
    var clock = StampClock()

    private let scratch: (read: Int32, write: Int32)
    private let nothing: Int32
    private let scratchSize: Int
    /// Where taken bytes go; small, so that it stays in the fastest cache.
    private let nowhere = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 4096)

    init() throws(CaptureError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Self.unavailable("make a pipe") }
        nothing = open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard nothing >= 0 else {
            let error = Self.unavailable("open /dev/null")
            for end in ends { close(end) }
            throw error
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        scratch = (ends[0], ends[1])
        scratchSize = min(Int(gopm_set_pipe_size(ends[1], Int32(Self.inputSize))), Self.inputSize)
        // Page-aligned and never cleared: memory that is not used is not there.
        input = .allocate(byteCount: Self.inputSize, alignment: 4096)
        output = .allocate(byteCount: Self.outputSize, alignment: 4096)
    }

    deinit {
        for descriptor in [scratch.read, scratch.write, nothing] { close(descriptor) }
        input.deallocate()
        output.deallocate()
        nowhere.deallocate()
    }

    /// The last look saw packets (a writer with O_DIRECT), whose rest a read would drop.
    private(set) var sawPackets = false

    enum Look {
        case bytes(UnsafeRawBufferPointer)
        case empty
        case failed(Errno)
    }

    /// Copies what the FIFO begins with into `input`; the FIFO keeps it.
    func look(into fifo: Int32) -> Look {
        let teed = retrying { capture_tee(fifo, scratch.write, scratchSize) }
        // 0: empty without a writer; EAGAIN: empty with one.
        guard teed > 0 else { return teed == 0 || errno == EAGAIN ? .empty : .failed(.current) }
        var count = 0
        sawPackets = false
        // All of it, or scratch pipe and FIFO would run apart: of packets, a read returns only one.
        while count < teed, let start = input.baseAddress {
            let length = retrying { read(scratch.read, start + count, teed - count) }
            guard length > 0 else { return .failed(length < 0 ? .current : .ioError) }
            count += length
            if count < teed { sawPackets = true }
        }
        return .bytes(UnsafeRawBufferPointer(rebasing: input[..<count]))
    }

    /// Takes bytes out of the FIFO that have been looked at, the last one into `mark`, by which a later daemon knows.
    ///
    /// `mark` is nil for packets. Throws only if the FIFO can't be read at all.
    func take(_ count: Int, from fifo: Int32, mark: UnsafeMutablePointer<UInt8>?) throws(Errno) {
        var left = count
        while left > 0 {
            let taken = retrying {
                if let mark { return capture_take(fifo, left, nowhere.baseAddress, nowhere.count, mark) }
                return capture_splice(fifo, nothing, left)
            }
            if taken > 0 {
                left -= taken
            } else if taken == 0 || errno == EAGAIN {
                return  // somebody else has taken them
            } else {
                throw .current
            }
        }
    }

    /// Drops up to `limit` bytes.
    ///
    /// Returns how many there were.
    func drop(_ limit: Int, from fifo: Int32) throws(Errno) -> Int {
        let dropped = retrying { capture_splice(fifo, nothing, limit) }
        guard dropped >= 0 || errno == EAGAIN else { throw .current }
        return max(dropped, 0)
    }

    private static func unavailable(_ operation: String) -> CaptureError {
        CaptureError(.threadUnavailable, operation, .current)
    }
}
