package import GopmJSON

/// Why a request was not done, as JSON-RPC says it.
package struct RPCError: Error, Sendable, Hashable {
    package enum Code: Int, Sendable {
        case parseError = -32700
        case invalidRequest = -32600
        case methodNotFound = -32601
        case invalidParameters = -32602
        case internalError = -32603
        /// Given up at the client's wish.
        ///
        /// It only ends an HTTP exchange that needs an answer.
        case cancelled = -32800
        /// A resource that is not there, up to 2025-11-25.
        case resourceNotFound = -32002
        /// The routing headers and the body disagree (2026-07-28).
        case headerMismatch = -32020
        /// (2026-07-28)
        case unsupportedVersion = -32022
    }

    package var code: Code
    package var message: String
    package var data: JSONValue?

    package init(_ code: Code, _ message: String, data: JSONValue? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    static func methodNotFound(_ method: String) -> RPCError {
        RPCError(.methodNotFound, "unknown method \"\(method)\"")
    }

    static func unsupportedVersion(_ requested: String) -> RPCError {
        let supported = Revision.allCases.map { JSONValue.string($0.rawValue) }
        return RPCError(
            .unsupportedVersion,
            "unsupported protocol version \"\(requested)\"",
            data: ["supported": .array(supported), "requested": .string(requested)]
        )
    }

    /// The status of an HTTP answer that says nothing else.
    var httpStatus: Int {
        switch code {
        case .methodNotFound: 404
        case .internalError, .cancelled, .resourceNotFound: 200
        case .parseError, .invalidRequest, .invalidParameters, .headerMismatch, .unsupportedVersion: 400
        }
    }
}
