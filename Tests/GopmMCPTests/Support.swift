import GopmJSON
import GopmMCP

/// The value of a JSON text that is right.
func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

/// A stateless request with its envelope.
func enveloped(_ method: String, _ params: String = "", version: String = "2026-07-28") throws -> JSONValue {
    try json(
        """
        {"jsonrpc":"2.0","id":1,"method":"\(method)","params":{\(params.isEmpty ? "" : params + ",")
        "_meta":{"io.modelcontextprotocol/protocolVersion":"\(version)",
        "io.modelcontextprotocol/clientInfo":{"name":"claude","version":"2"},
        "io.modelcontextprotocol/clientCapabilities":{}}}}
        """
    )
}

extension RoutingHeaders {
    static func of(_ method: String, _ name: String? = nil, version: String = "2026-07-28") -> RoutingHeaders {
        RoutingHeaders(version: [version], method: [method], name: name.map { [$0] } ?? [])
    }
}
