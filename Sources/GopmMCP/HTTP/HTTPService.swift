package import GopmModel
import GopmSystem
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import SystemPackage
import UnixSignals

#if canImport(Glibc)
    import Glibc
#endif

/// Listens on every address and serves until SIGTERM or SIGINT.
package struct HTTPService: Sendable {
    private let endpoint: HTTPEndpoint
    private let addresses: [String]
    private let port: Int

    /// Connections of one address at once; the rest waits in the kernel's queue.
    private static let connectionLimit = 256

    package init(server: MCPServer, daemon: DaemonCalls, config: Config.MCPServer) throws(ServeError) {
        addresses = try BindAddress.resolve(config.device)
        port = config.port
        let known = addresses + (addresses.contains(where: BindAddress.isWildcard) ? BindAddress.all() : [])
        let hosts = HostCheck(addresses: known, machine: HTTPService.machineNames, port: config.port)
        endpoint = HTTPEndpoint(
            server: server,
            sessions: SessionStore(server: server),
            gate: AccessGate(hosts: hosts, home: daemon.home, work: daemon.work),
            path: config.uri,
            metrics: config.metrics ? MetricsEndpoint(daemon: daemon) : nil
        )
    }

    /// Where clients find it.
    package var urls: [String] {
        addresses.map { "http://\($0.contains(":") ? "[\($0)]" : $0):\(port)\(endpoint.path)" }
    }

    /// `whenListening`: Called once all addresses are served.
    package func run(whenListening: @Sendable @escaping () -> Void) async throws(ServeError) {
        let logger = Logger(label: "gopm-mcp") { _ in SwiftLogNoOpLogHandler() }
        // One thread for all connections: what takes long is done elsewhere.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let counter = Countdown(addresses.count, atZero: whenListening)
        do {
            let services = try addresses.map { address in
                AddressService(
                    address: address,
                    port: port,
                    endpoint: endpoint,
                    server: try makeServer(address, group, logger) { counter.count() }
                )
            }
            var configuration = ServiceGroupConfiguration(
                services: services,
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
            // Requests that wait for a program to stop are cut off then.
            configuration.maximumGracefulShutdownDuration = .seconds(5)
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as ServeError {
            throw error
        } catch {
            throw ServeError("\(error)")
        }
    }

    private func makeServer(
        _ address: String,
        _ group: MultiThreadedEventLoopGroup,
        _ logger: Logger,
        _ whenListening: @Sendable @escaping () -> Void
    ) throws -> any Service {
        let limits = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: 16 << 10,
            maxHeaderListSize: 32 << 10,
            maxHeaderFieldCount: 100
        )
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionGuard()],
            httpDecoderConfiguration: limits
        )
        return try HTTPServerBuilder.http1(configuration: channel).buildServer(
            configuration: ServerConfiguration(
                address: .hostname(address, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(HTTPService.connectionLimit)
            ),
            eventLoopGroup: group,
            logger: logger,
            responder: { @concurrent [endpoint] request, writer, channel in
                try await endpoint.respond(request, writer, channel)
            },
            onServerRunning: { _ in whenListening() }
        )
    }

    /// What this machine calls itself, with and without its domain.
    private static var machineNames: [String] {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return [] }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return [name, name.split(separator: ".").first.map(String.init) ?? name]
    }
}

/// One address: says which it was when it cannot be had, and ends the streams when the server is to end.
private struct AddressService: Service {
    let address: String
    let port: Int
    let endpoint: HTTPEndpoint
    let server: any Service

    func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await server.run()
            } onGracefulShutdown: {
                Task { await endpoint.shutDown() }
            }
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw ServeError("port \(port) of \(address) is in use; see: ss -ltnp 'sport = :\(port)'")
        } catch let error as IOError {
            throw ServeError("cannot listen on port \(port) of \(address): \(Errno(rawValue: error.errnoCode).words)")
        }
    }
}

/// Calls something once a number of things have happened.
private final class Countdown: Sendable {
    private let left: Mutex<Int>
    private let atZero: @Sendable () -> Void

    init(_ count: Int, atZero: @Sendable @escaping () -> Void) {
        left = Mutex(count)
        self.atZero = atZero
    }

    func count() {
        let isZero = left.withLock { left in
            left -= 1
            return left == 0
        }
        if isZero { atZero() }
    }
}
