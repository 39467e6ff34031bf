import GopmJSON
import GopmModel
import HTTPTypes
import HummingbirdCore
import NIOCore

/// The HTTP side: one address for both eras of the protocol, and a sign of life.
struct HTTPEndpoint: Sendable {
    let server: MCPServer
    let sessions: SessionStore
    let streams = OpenStreams()
    let gate: AccessGate
    /// Where messages go, `mcpserver.uri`.
    let path: String
    /// Only where the config wants it.
    let metrics: MetricsEndpoint?

    static let sessionHeader = HTTPField.Name("Mcp-Session-Id")
    private static let versionHeader = HTTPField.Name("MCP-Protocol-Version")
    private static let methodHeader = HTTPField.Name("Mcp-Method")
    private static let nameHeader = HTTPField.Name("Mcp-Name")

    @concurrent
    func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        let answer = await answer(request, channel)
        try await answer.write(to: writer, on: channel)
    }

    private func answer(_ request: Request, _ channel: any Channel) async -> HTTPAnswer {
        if request.uri.path == "/health" {
            // For monitors, which need no rights: it says nothing about the machine.
            if let refusal = gate.misdirected(request.head) { return refusal }
            guard request.method == .get || request.method == .head else {
                return .plain(.methodNotAllowed, "only GET is allowed", headers: [.allow: "GET, HEAD"])
            }
            let body: [UInt8] = request.method == .head ? [] : Array(#"{"status":"ok"}"#.utf8)
            return .json(.ok, body)
        }
        if let refusal = await gate.refusal(of: request.head, on: channel) { return refusal }
        if let metrics, request.uri.path == MetricsEndpoint.path, path != MetricsEndpoint.path {
            return await metrics.answer(request)
        }
        guard request.uri.path == path else {
            return .plain(.notFound, "there is only \(path) and /health")
        }
        switch request.method {
        case .post: return await post(request)
        case .get: return await openStream(request)
        case .delete: return await endSession(request)
        default:
            return .plain(.methodNotAllowed, "POST, GET and DELETE are allowed", headers: [.allow: "POST, GET, DELETE"])
        }
    }

    /// Ends every stream with its last word, so that the connections can close.
    func shutDown() async {
        streams.closeAll()
        await sessions.closeAll()
    }
}

extension HTTPEndpoint {
    static func routing(_ request: Request) -> RoutingHeaders {
        func values(_ name: HTTPField.Name?) -> [String] { name.map { request.headers[values: $0] } ?? [] }
        return RoutingHeaders(
            version: values(versionHeader),
            method: values(methodHeader),
            name: values(nameHeader)
        )
    }

    static func session(_ request: Request) -> String? { sessionHeader.flatMap { request.headers[$0] } }

    /// Whether a client takes an answer of a kind; one that says nothing takes any.
    static func accepts(_ request: Request, _ type: String) -> Bool {
        let values = request.headers[values: .accept]
        guard !values.isEmpty else { return true }
        let major = type.split(separator: "/")[0]
        return values.joined(separator: ",").split(separator: ",").contains { item in
            let name = item.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
            return name == type || name == "*/*" || name == "\(major)/*"
        }
    }
}
