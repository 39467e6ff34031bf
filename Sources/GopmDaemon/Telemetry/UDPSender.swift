import CLinux
import GopmModel
import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Sends datagrams to one receiver, who may not be there.
final class UDPSender: Sendable {
    private let descriptor: Int32
    let isLoopback: Bool

    enum Outcome {
        /// On its way, or lost on it.
        case sent
        /// Later: this machine's own buffer is full.
        case full
    }

    /// `looksUp`: Whether a name may be looked up, which can take half a minute.
    ///
    /// - Throws: ENXIO for a host that is not known, else when the kernel has no way to it.
    init(_ endpoint: Endpoint, looksUp: Bool) throws(SystemError) {
        var loopback: Int32 = 0
        let host = endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host
        descriptor = gopm_connect_udp(host, endpoint.port, looksUp ? 1 : 0, &loopback)
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

extension UDPSender {
    /// Looks a name up on a thread of its own: one that hangs must hold nothing else up.
    static func lookUp(_ endpoint: Endpoint) async -> Result<UDPSender, SystemError> {
        let thread = BackgroundThread()
        do throws(SystemError) {
            try thread.start()
        } catch {
            return .failure(error)
        }
        return await withCheckedContinuation { continuation in
            thread.run {
                let result: Result<UDPSender, SystemError>
                do throws(SystemError) {
                    result = .success(try UDPSender(endpoint, looksUp: true))
                } catch {
                    result = .failure(error)
                }
                thread.end()
                continuation.resume(returning: result)
            }
        }
    }
}
