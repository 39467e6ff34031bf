import Glibc

/// Collects output and writes it to a descriptor in large pieces, until nobody reads it any more.
///
/// A reader that went away (`gopm logs | head`) is an ordinary end, not a fault: writing stops, ``status`` says so and
/// SIGPIPE does not reach the process, whatever its disposition is. After the first failure further output is dropped.
/// Nothing is written when a writer goes out of scope: call ``flush()``.
package struct OutputWriter: ~Copyable {
    package enum Status: Sendable, Hashable {
        case open
        /// EPIPE: what was written last has no reader.
        case readerGone
        /// Another error of `write(2)`, by its number (ENOSPC, EIO).
        case failed(errno: Int32)
    }

    package private(set) var status: Status = .open
    private let descriptor: Int32
    private let capacity: Int
    private var buffer: [UInt8] = []

    /// A writer to `descriptor`, which stays the caller's, that writes whenever `capacity` bytes have come together.
    package init(descriptor: Int32, capacity: Int = 65_536) {
        self.descriptor = descriptor
        self.capacity = capacity
    }

    package var isOpen: Bool { status == .open }

    package mutating func append(_ text: String) {
        append { $0.append(contentsOf: text.utf8) }
    }

    package mutating func append(_ bytes: [UInt8]) {
        append { $0.append(contentsOf: bytes) }
    }

    /// Lets `body` append to the buffer in place; it may only append.
    package mutating func append(_ body: (inout [UInt8]) -> Void) {
        guard isOpen else { return }
        body(&buffer)
        if buffer.count >= capacity { _ = flush() }
    }

    /// Writes out what was collected and says how it went.
    @discardableResult
    package mutating func flush() -> Status {
        guard isOpen, !buffer.isEmpty else { return status }
        let descriptor = descriptor
        status = withoutSIGPIPE { buffer.withUnsafeBytes { Self.writeAll($0, to: descriptor) } }
        buffer.removeAll(keepingCapacity: true)
        return status
    }

    /// Writes all of `bytes`, over interruptions, short writes and a descriptor that someone made non-blocking.
    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Status {
        var rest = bytes
        while let base = rest.baseAddress, !rest.isEmpty {
            let written = write(descriptor, base, rest.count)
            if written >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, -1)
            case EPIPE: return .readerGone
            case let code: return .failed(errno: code)
            }
        }
        return .open
    }
}

/// Runs `body` so that a SIGPIPE it raises is taken back instead of delivered: `write(2)` sends it to the calling thread,
/// so blocking it there and consuming what is pending leaves the process's own handling alone.
private func withoutSIGPIPE<Result>(_ body: () -> Result) -> Result {
    var pipeSignal = sigset_t()
    var pending = sigset_t()
    var before = sigset_t()
    sigemptyset(&pipeSignal)
    sigaddset(&pipeSignal, SIGPIPE)
    sigpending(&pending)
    // One that was pending already is somebody else's and stays.
    guard sigismember(&pending, SIGPIPE) == 0 else { return body() }
    pthread_sigmask(SIG_BLOCK, &pipeSignal, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let result = body()
    var atOnce = timespec()
    while sigtimedwait(&pipeSignal, nil, &atOnce) == -1, errno == EINTR {}
    return result
}
