package import Glibc

/// TCP on 127.0.0.1.
package enum LocalPort {
    /// A port that nobody listens on now.
    package static func free() -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withSocketAddress(&address) { address in
            bind(descriptor, address, size)
            getsockname(descriptor, address, &size)
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Connects, sends, and reads what comes within two seconds or until there is a pause after an answer.
    ///
    /// `pause`: In milliseconds; a long one for a server that closes the connection after its answer.
    ///
    /// - Returns: `nil` if nobody listens.
    package static func ask(_ port: UInt16, _ request: String, pause: Int32 = 100) -> String? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard withSocketAddress(&address, { connect(descriptor, $0, size) }) == 0 else { return nil }
        send(descriptor, request, request.utf8.count, Int32(MSG_NOSIGNAL))
        let deadline = Deadline(.seconds(2))
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&request, 1, bytes.isEmpty ? deadline.milliseconds : pause) > 0 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Has something done with the address of a port.
    package static func withAddress<Result>(
        _ port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = loopback(port)
        return withSocketAddress(&address) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    @discardableResult
    private static func withSocketAddress<Result>(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
    }
}
