import CLinux
import GopmModel
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// Sends datagrams to one receiver, who may not be there.
@SupervisorActor
final class UDPSender {
    private let descriptor: Int32
    let isLoopback: Bool

    enum Outcome {
        /// On its way, or lost on it.
        case sent
        /// Later: this machine's own buffer is full.
        case full
    }

    /// - Throws: When the kernel has no way to that address.
    init(_ endpoint: Endpoint) throws(SystemError) {
        var loopback: Int32 = 0
        descriptor = gopm_connect_udp(endpoint.address, endpoint.port, &loopback)
        guard descriptor >= 0 else { throw SystemError("send to", endpoint.description) }
        isLoopback = loopback != 0
    }

    deinit { close(descriptor) }

    func send(_ datagram: [UInt8]) -> Outcome {
        for _ in 0..<2 {
            let count = retryingInterrupted { Glibc.send(descriptor, datagram, datagram.count, 0) }
            if count >= 0 { return .sent }
            if errno == EAGAIN || errno == ENOBUFS { return .full }
            // A connected socket tells of an earlier datagram that was refused instead of sending this one.
            guard errno == ECONNREFUSED else { break }
        }
        return .sent
    }

    /// Whether the receiver's machine has said that nobody listens, since this was last asked; on loopback that is said
    /// at once.
    func isRefused() -> Bool {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
        return error == ECONNREFUSED
    }
}
