import Glibc

/// Standard output or standard error, without a buffer: one call is one `write(2)`, as long as the descriptor takes it.
struct Output: Sendable {
    static let standard = Output(descriptor: STDOUT_FILENO)
    static let error = Output(descriptor: STDERR_FILENO)

    let descriptor: Int32

    func line(_ text: String) {
        write(text + "\n")
    }

    func write(_ text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// Writes everything, waiting where a non-blocking descriptor is full.
    ///
    /// A program that cannot write has no way to say so but its exit code, 74 (EX_IOERR).
    func write(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, -1)
            } else if errno != EINTR {
                _exit(74)
            }
        }
    }

    /// Never returns.
    func `repeat`(_ text: String, every interval: Duration) {
        var pace = Pace()
        while true {
            line(text)
            pace.wait(interval)
        }
    }

    /// `size` times the letter x, no newline, in constant memory.
    func writeLongLine(_ size: Int) {
        let block = [UInt8](repeating: UInt8(ascii: "x"), count: min(size, 1 << 16))
        var left = size
        while left > 0 {
            block.withUnsafeBytes { write(UnsafeRawBufferPointer(rebasing: $0.prefix(left))) }
            left -= block.count
        }
    }

    func makeNonBlocking() {
        let flags = fcntl(descriptor, F_GETFL)
        let result = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        line(result == 0 ? "stdout is non-blocking" : "stdout: \(describe(errno))")
    }

    /// What a program that logs to a file by name does when the name is /dev/stdout.
    func reopen(_ path: String) {
        let opened = open(path, O_WRONLY | O_APPEND)
        guard opened >= 0 else { return line("cannot reopen \(path): \(describe(errno))") }
        close(descriptor)
        dup2(opened, descriptor)
        close(opened)
        line("reopened \(path)")
    }
}

func describe(_ error: Int32) -> String { String(cString: strerror(error)) }
