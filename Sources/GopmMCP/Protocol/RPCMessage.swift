package import GopmJSON

/// A request that wants an answer.
package struct RPCRequest: Sendable, Hashable {
    /// A string or a whole number, echoed in the answer.
    package var id: JSONValue
    package var method: String
    package var params: JSONObject

    /// The `_meta` object of the parameters.
    package var meta: JSONObject? { params["_meta"]?.objectValue }

    /// Whom reports of progress name; nil if the client wants none.
    var progressToken: JSONValue? { meta?["progressToken"].flatMap { RPCMessage.isToken($0) ? $0 : nil } }
}

/// One JSON-RPC message from a client.
package enum RPCMessage: Sendable, Hashable {
    case request(RPCRequest)
    case notification(method: String, params: JSONObject)
    /// The answer to a request of ours; there are none, so it says nothing.
    case response

    package init(_ value: JSONValue) throws(RPCError) {
        guard let object = value.objectValue else {
            throw RPCError(.invalidRequest, "expected a JSON-RPC message, found \(value.kindName)")
        }
        guard object["jsonrpc"]?.stringValue == "2.0" else {
            throw RPCError(.invalidRequest, "\"jsonrpc\" is not \"2.0\"")
        }
        guard let method = object["method"] else {
            guard object["result"] != nil || object["error"] != nil else {
                throw RPCError(.invalidRequest, "the message has no \"method\"")
            }
            self = .response
            return
        }
        guard let method = method.stringValue else { throw RPCError(.invalidRequest, "\"method\" is not a string") }
        let params: JSONObject
        switch object["params"] {
        case nil, .null: params = JSONObject()
        case .object(let given): params = given
        case .some(let other):
            throw RPCError(.invalidRequest, "\"params\" is \(other.kindName), not an object")
        }
        guard let id = object["id"] else {
            self = .notification(method: method, params: params)
            return
        }
        guard RPCMessage.isToken(id) else { throw RPCError(.invalidRequest, "\"id\" is not a string or whole number") }
        self = .request(RPCRequest(id: id, method: method, params: params))
    }

    /// Whether a value may be an id or a progress token.
    static func isToken(_ value: JSONValue) -> Bool { value.stringValue != nil || value.integerValue != nil }

    /// The id of a message that is not right otherwise, so that its sender gets the error.
    package static func id(of value: JSONValue) -> JSONValue? { value["id"].flatMap { isToken($0) ? $0 : nil } }

    /// Parses the text of one message or batch.
    package static func parse(_ bytes: [UInt8]) throws(RPCError) -> JSONValue {
        do {
            return try JSONValue.parse(bytes)
        } catch {
            throw RPCError(.parseError, "not JSON: \(error)")
        }
    }
}

/// Messages from the server, as JSON text.
package enum RPCText {
    /// `result`: JSON text of an object.
    package static func result(_ result: [UInt8], to id: JSONValue) -> [UInt8] {
        message { json in
            json.member("id", id)
            json.member("result", raw: result)
        }
    }

    /// `id`: null if the request's could not be read.
    package static func error(_ error: RPCError, to id: JSONValue?) -> [UInt8] {
        message { json in
            json.member("id", id ?? .null)
            json.member("error") { json in
                json.object { json in
                    json.member("code", error.code.rawValue)
                    json.member("message", error.message)
                    if let data = error.data { json.member("data", data) }
                }
            }
        }
    }

    package static func notification(_ method: String, _ params: (inout JSONWriter) -> Void = { _ in }) -> [UInt8] {
        message { json in
            json.member("method", method)
            json.member("params") { json in json.object(params) }
        }
    }

    private static func message(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("jsonrpc", "2.0")
            members(&json)
        }
        return json.bytes
    }
}
