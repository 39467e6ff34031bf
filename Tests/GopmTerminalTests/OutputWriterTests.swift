import Glibc
import GopmTerminal
import Testing

@Suite struct OutputWriterTests {
    private func makePipe() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    private func readAll(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while case let count = read(descriptor, &block, block.count), count > 0 {
            bytes += block.prefix(count)
        }
        return bytes
    }

    @Test func outputIsWrittenInBlocksAndAtTheEnd() throws {
        let ends = try makePipe()
        defer { close(ends.reader) }
        var writer = OutputWriter(descriptor: ends.writer, capacity: 8)
        writer.append("abc")
        var waiting = pollfd(fd: ends.reader, events: Int16(POLLIN), revents: 0)
        #expect(poll(&waiting, 1, 0) == 0)
        writer.append([0, 0xff, 1, 2, 3])
        #expect(poll(&waiting, 1, 0) == 1)
        writer.append("end")
        #expect(writer.flush() == .open)
        close(ends.writer)
        #expect(readAll(ends.reader) == Array("abc".utf8) + [0, 0xff, 1, 2, 3] + Array("end".utf8))
    }

    /// The process keeps SIGPIPE's default action here: if the signal came through, the test run would end.
    @Test func readerThatWentAwayEndsQuietly() throws {
        let ends = try makePipe()
        defer { close(ends.writer) }
        close(ends.reader)
        let before = signal(SIGPIPE, SIG_DFL)
        defer { signal(SIGPIPE, before) }
        var writer = OutputWriter(descriptor: ends.writer)
        writer.append("text")
        #expect(writer.flush() == .readerGone)
        writer.append("more")
        #expect(writer.flush() == .readerGone)
        var pending = sigset_t()
        sigpending(&pending)
        #expect(sigismember(&pending, SIGPIPE) == 0)
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        #expect(sigismember(&mask, SIGPIPE) == 0)
    }

    @Test func otherFailuresAreKept() throws {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(full >= 0)
        defer { close(full) }
        var writer = OutputWriter(descriptor: full)
        writer.append("text")
        #expect(writer.flush() == .failed(errno: ENOSPC))
        let isOpen = writer.isOpen
        #expect(!isOpen)
    }

    @Test func nonBlockingDescriptorGetsEverything() async throws {
        let ends = try makePipe()
        defer { close(ends.reader) }
        try #require(fcntl(ends.writer, F_SETFL, O_NONBLOCK) == 0)
        let text = String(repeating: "0123456789abcdef", count: 64 << 10)
        let writing = Task.detached {
            var writer = OutputWriter(descriptor: ends.writer)
            writer.append(text)
            let status = writer.flush()
            close(ends.writer)
            return status
        }
        #expect(readAll(ends.reader) == Array(text.utf8))
        #expect(await writing.value == .open)
    }
}
