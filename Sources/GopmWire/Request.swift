package import GopmJSON

/// The methods of the control protocol; each is also a series of the telemetry.
package enum Method: String, Sendable, CaseIterable {
    case ping, start, stop, restart, delete, list, describe, isrunning, logs, flush, save, resurrect, kill, reboot,
        stats
    case subscribe, metrics

    /// Whether it only asks, so that it may be asked again when the answer got lost.
    package var changesNothing: Bool {
        switch self {
        case .ping, .list, .describe, .isrunning, .logs, .stats, .metrics: true
        case .start, .stop, .restart, .delete, .flush, .save, .resurrect, .kill, .reboot, .subscribe: false
        }
    }
}

/// One line from a client: `{"method":"list","params":{…},"id":7}`; `"client"` may say who wants it.
package struct Request: Sendable {
    package var method: Method
    /// Empty when `params` is absent or null.
    package var params: JSONObject
    /// Echoed in the reply.
    ///
    /// Requests with an id are answered as they are done, those without in their order.
    package var id: JSONValue?
    /// What a client that acts for others calls the one that it acts for; for the log.
    package var client: String?

    /// The longest line that is read, in bytes.
    package static let sizeLimit = 1 << 20
    /// Characters of a client's name that are kept.
    private static let clientNameLimit = 128

    package init(parsing line: [UInt8]) throws(RequestError) {
        let document: JSONValue
        do {
            document = try JSONValue.parse(line)
        } catch {
            throw RequestError(.invalidRequest, "the request is not JSON: \(error)")
        }
        guard let object = document.objectValue else {
            throw RequestError(.invalidRequest, "the request is \(document.kindName), not an object")
        }
        id = object["id"].flatMap { $0 == .null ? nil : $0 }
        guard let name = object["method"]?.stringValue else {
            throw RequestError(.invalidRequest, "the request has no \"method\"", id: id)
        }
        guard let method = Method(rawValue: name) else {
            let known = Method.allCases.map(\.rawValue).joined(separator: " ")
            throw RequestError(.unknownMethod, "unknown method \"\(name)\" (known: \(known))", id: id)
        }
        self.method = method
        client = object["client"]?.stringValue.map { String($0.prefix(Request.clientNameLimit)) }
        switch object["params"] {
        case nil, .null: params = JSONObject()
        case .object(let given): params = given
        case .some(let other):
            throw RequestError(.invalidRequest, "\"params\" is \(other.kindName), not an object", id: id)
        }
    }

    /// Writes a request line.
    package static func encode(
        _ method: Method,
        id: Int?,
        client: String? = nil,
        params: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("method", method.rawValue)
            json.key("params")
            json.object { json in params(&json) }
            if let id { json.member("id", id) }
            if let client { json.member("client", client) }
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }
}

/// Why a request was not done: a stable code for programs and a sentence for people.
package struct RequestError: Error, Sendable, Hashable {
    package enum Code: String, Sendable {
        case invalidRequest = "invalid_request"
        case unknownMethod = "unknown_method"
        case invalidValue = "invalid_value"
        case notFound = "not_found"
        case nameInUse = "name_in_use"
        case startFailed = "start_failed"
        case timedOut = "timed_out"
        case tooLarge = "too_large"
        case busy
        case shuttingDown = "shutting_down"
        case failed
    }

    package var code: Code
    package var message: String
    package var id: JSONValue?

    package init(_ code: Code, _ message: String, id: JSONValue? = nil) {
        self.code = code
        self.message = message
        self.id = id
    }
}
