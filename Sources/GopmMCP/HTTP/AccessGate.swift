import GopmProcfs
import GopmSystem
import HTTPTypes
import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// Who may use the HTTP side: this user and root from this machine, and whoever bears the token.
struct AccessGate: Sendable {
    let hosts: HostCheck
    let home: Home
    let work: BlockingWork

    /// Why a request is refused before anything is done with it; nil if it is not.
    func refusal(of head: HTTPRequest, on channel: any Channel) async -> HTTPAnswer? {
        if let answer = misdirected(head) { return answer }
        if AccessToken.isBorne(by: head.headerFields[.authorization], token: AccessToken.read(home)) { return nil }
        if await isOfThisUser(channel) { return nil }
        return .plain(
            .unauthorized,
            "not this user's connection, and no valid token (gopm mcp config shows the token's place)",
            headers: [.wwwAuthenticate: "Bearer"]
        )
    }

    /// Whether a request comes from a web page or was meant for somebody else.
    func misdirected(_ head: HTTPRequest) -> HTTPAnswer? {
        guard hosts.allows(host: head.authority) else {
            return .plain(.misdirectedRequest, "this Host is not served here")
        }
        let origins = head.headerFields[values: .origin]
        guard origins.count < 2, hosts.allows(origin: origins.first) else {
            return .plain(.forbidden, "requests of web pages are refused (Origin)")
        }
        return nil
    }

    private func isOfThisUser(_ channel: any Channel) async -> Bool {
        let known = try? await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: ConnectionGuard.self).isOfThisUser
        }.get()
        if let known { return known }
        guard let peer = channel.remoteAddress?.end, let own = channel.localAddress?.end, peer.isLoopback else {
            return false
        }
        let user = await work.run { SocketOwner.user(of: peer, to: own) }
        let isTrusted = user == 0 || user == getuid()
        channel.eventLoop.execute {
            // A connection that is gone meanwhile needs no memory.
            let guardian = try? channel.pipeline.syncOperations.handler(type: ConnectionGuard.self)
            guardian?.isOfThisUser = isTrusted
        }
        return isTrusted
    }
}

extension NIOCore.SocketAddress {
    /// The address for a look into the kernel's tables; nil for what is not IP.
    var end: SocketOwner.End? {
        guard let text = ipAddress, let port, let number = UInt16(exactly: port) else { return nil }
        let isShort = !text.contains(":")
        var bytes = [UInt8](repeating: 0, count: isShort ? 4 : 16)
        guard inet_pton(isShort ? AF_INET : AF_INET6, text, &bytes) == 1 else { return nil }
        return SocketOwner.End(address: bytes, port: number)
    }
}
