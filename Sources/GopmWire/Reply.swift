package import GopmJSON

/// One line to a client: `{"id":7,"success":true,"data":…}` or `{"id":7,"success":false,"error":"…","code":"…"}`.
package enum Reply {
    /// Writes a success; `data` is JSON text, empty for none.
    package static func success(id: JSONValue?, data: [UInt8]) -> [UInt8] {
        encode(id: id) { json in
            json.member("success", true)
            if !data.isEmpty {
                json.key("data")
                json.raw(data)
            }
        }
    }

    package static func failure(id: JSONValue?, _ error: RequestError) -> [UInt8] {
        encode(id: id) { json in
            json.member("success", false)
            json.member("error", error.message)
            json.member("code", error.code.rawValue)
        }
    }

    /// Something a subscriber is told without having asked: `{"id":7,"event":"…","data":…}`.
    package static func event(id: JSONValue?, _ name: String, data: [UInt8]) -> [UInt8] {
        encode(id: id) { json in
            json.member("event", name)
            if !data.isEmpty {
                json.key("data")
                json.raw(data)
            }
        }
    }

    private static func encode(id: JSONValue?, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            if let id {
                json.key("id")
                json.value(id)
            }
            body(&json)
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }
}

/// A reply as a client reads it: `data` stays text, so that it can be passed on without being understood.
package struct ReceivedReply: Sendable {
    package var id: Int?
    /// The name of a subscription's event, `nil` for the answer to a request.
    package var event: String?
    package var result: Result<[UInt8], RequestError>

    /// - Returns: `nil` if the line is no reply.
    package init?(parsing line: [UInt8]) {
        guard let slices = try? JSONSlices(line) else { return nil }
        func value(_ key: String) -> JSONValue? {
            slices[key].flatMap { try? JSONValue.parse(Array(line[$0])) }
        }
        id = value("id")?.integerValue.map { Int($0) }
        event = value("event")?.stringValue
        if event != nil || value("success")?.boolValue == true {
            result = .success(slices["data"].map { Array(line[$0]) } ?? [])
            return
        }
        guard let message = value("error")?.stringValue else { return nil }
        let code = value("code")?.stringValue.flatMap { RequestError.Code(rawValue: $0) } ?? .failed
        result = .failure(RequestError(code, message))
    }
}
