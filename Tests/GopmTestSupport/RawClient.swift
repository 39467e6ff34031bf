import Glibc
package import GopmJSON

/// A client that sends what it likes to the control socket.
package final class RawClient {
    package let descriptor: Int32
    private var received: [UInt8] = []

    package init(_ daemon: DaemonFixture) throws {
        descriptor = Kernel.connect(to: daemon.socket)
        guard descriptor >= 0 else {
            throw TestFailure("cannot connect to \(daemon.socket): \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        close(descriptor)
    }

    package func send(_ text: String) throws {
        let sent = send(Array(text.utf8))
        guard sent == text.utf8.count else { throw TestFailure("only \(sent) of \(text.utf8.count) bytes sent") }
    }

    /// Sends as much as the other side takes.
    ///
    /// - Returns: How many bytes went; fewer than all if the connection was closed or nothing was taken for the timeout.
    package func send(_ bytes: [UInt8], timeout: Duration = .seconds(10)) -> Int {
        let deadline = Deadline(timeout)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    descriptor,
                    buffer.baseAddress.map { $0 + sent },
                    min(buffer.count - sent, 1 << 16),
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                )
            }
            if count > 0 {
                sent += count
                continue
            }
            guard errno == EAGAIN else { return sent }
            var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&request, 1, deadline.milliseconds) > 0 else { return sent }
        }
        return sent
    }

    /// The next line, `nil` at the end of the connection or if none comes in time.
    package func line(timeout: Duration = .seconds(10)) -> String? {
        let deadline = Deadline(timeout)
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeFirst(end + 1) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            guard readSome(deadline) else { return nil }
        }
    }

    /// The next line as JSON.
    package func reply(timeout: Duration = .seconds(10)) throws -> JSONValue {
        guard let line = line(timeout: timeout) else { throw TestFailure("no reply") }
        return try JSONValue.parse(Array(line.utf8))
    }

    /// Whether the other side closes the connection in time; what it says before is read and kept.
    package func isClosed(within timeout: Duration) -> Bool {
        let deadline = Deadline(timeout)
        while readSome(deadline) {}
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count == 0 || (count < 0 && errno != EAGAIN)
    }

    /// Says that no more comes.
    package func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    private func readSome(_ deadline: Deadline) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, deadline.milliseconds) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        received += buffer[..<count]
        return true
    }
}
