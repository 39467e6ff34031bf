import GopmJSON
import Testing

@testable import GopmMCP

@Suite struct HeaderTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("=?base64?Z29wbQ==?=", "gopm"), ("=?base64??=", ""),
        ("=?base64?4oKs?=", "€"), ("=?BASE64?Z29wbQ==?=", "=?BASE64?Z29wbQ==?="), ("=?base64?=", "=?base64?="),
    ])
    func decodes(text: String, value: String) {
        #expect(HeaderText.decode(text) == value)
    }

    /// Damaged, not canonical, not UTF-8: such a text must equal nothing.
    @Test(arguments: [
        "=?base64?Z29wbQ?=", "=?base64?Z29wbR==?=", "=?base64?Z2 9?=", "=?base64?/w==?=", "=?base64?====?=",
    ])
    func refuses(text: String) {
        #expect(HeaderText.decode(text) == nil)
    }
}

@Suite struct RPCMessageTests {
    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1.5,"method":"x"}"#, #"{"jsonrpc":"2.0","id":null,"method":"x"}"#,
        #"{"jsonrpc":"2.0","id":[],"method":"x"}"#, #"{"id":1,"method":"x"}"#, #"{"jsonrpc":2.0,"id":1,"method":"x"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":7}"#, #"{"jsonrpc":"2.0","id":1,"method":"x","params":[]}"#,
        #"{"jsonrpc":"2.0","id":1}"#, "[]", "7",
    ])
    func refuses(text: String) throws {
        let value = try json(text)
        #expect(throws: RPCError.self) { try RPCMessage(value) }
    }

    @Test func tellsRequestsNotificationsAndResponsesApart() throws {
        guard case .request(let request) = try RPCMessage(try json(#"{"jsonrpc":"2.0","id":"a","method":"x"}"#)) else {
            Issue.record("no request")
            return
        }
        #expect(request.id == "a")
        #expect(
            try RPCMessage(try json(#"{"jsonrpc":"2.0","method":"x","params":null}"#))
                == .notification(method: "x", params: JSONObject())
        )
        #expect(try RPCMessage(try json(#"{"jsonrpc":"2.0","id":1,"result":{}}"#)) == .response)
    }

    /// What programs are called cannot end the string that it is in.
    @Test func textIsOnlyEverAString() throws {
        let evil = "\"}\n],\u{1b}[2J\u{2028}\\"
        let text = RPCText.error(RPCError(.invalidParameters, evil), to: .string(evil))
        #expect(!text.contains(0x0a) && !text.contains(0x1b))
        let parsed = try JSONValue.parse(text)
        #expect(parsed["error"]?["message"] == .string(evil))
        #expect(parsed["id"] == .string(evil))
    }
}

@Suite struct SessionLifecycleTests {
    private func message(_ text: String) throws -> RPCMessage { try RPCMessage(try json(text)) }

    private func initialize(_ version: String) throws -> RPCMessage {
        try message(
            """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"\(version)","capabilities":{},
            "clientInfo":{"name":"inspector","version":"3"}}}
            """
        )
    }

    @Test(arguments: [
        ("2024-11-05", Revision.november2024), ("2025-03-26", .march2025), ("2025-06-18", .june2025),
        ("2025-11-25", .november2025), ("2026-07-28", .november2025), ("1999-01-01", .november2025),
    ])
    func agreesOnAVersion(wanted: String, agreed: Revision) throws {
        var lifecycle = SessionLifecycle()
        guard case .welcome(_, let revision) = lifecycle.receive(try initialize(wanted)) else {
            Issue.record("no welcome")
            return
        }
        #expect(revision == agreed)
        #expect(lifecycle.state == .open(agreed, client: "inspector 3"))
    }

    @Test func nothingButPingGoesBeforeInitialize() throws {
        var lifecycle = SessionLifecycle()
        guard case .answer = lifecycle.receive(try message(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)),
            case .refuse(let id, let error) = lifecycle.receive(
                try message(#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#)
            )
        else {
            Issue.record("wrong actions")
            return
        }
        #expect(id == 2)
        #expect(error.code == .invalidRequest)
        #expect(
            lifecycle.receive(
                try message(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#)
            )
                == .ignore
        )
    }

    @Test func initializeComesOnce() throws {
        var lifecycle = SessionLifecycle()
        _ = lifecycle.receive(try initialize("2025-06-18"))
        guard case .refuse(_, let error) = lifecycle.receive(try initialize("2024-11-05")) else {
            Issue.record("a second welcome")
            return
        }
        #expect(error.code == .invalidRequest)
        #expect(lifecycle.revision == .june2025)
    }

    @Test func aRequestCanBeCalledOff() throws {
        var lifecycle = SessionLifecycle()
        _ = lifecycle.receive(try initialize("2025-06-18"))
        let cancellation = #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"x"}}"#
        #expect(lifecycle.receive(try message(cancellation)) == .cancel(id: "x"))
        #expect(lifecycle.receive(.response) == .ignore)
    }

    @Test func initializeNeedsAllOfItsParameters() throws {
        for params in ["{}", #"{"protocolVersion":7}"#, #"{"protocolVersion":"2025-06-18","capabilities":{}}"#] {
            var lifecycle = SessionLifecycle()
            let action = lifecycle.receive(
                try message(#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":\#(params)}"#)
            )
            guard case .refuse(_, let error) = action else {
                Issue.record("\(params) was taken")
                continue
            }
            #expect(error.code == .invalidParameters)
            #expect(lifecycle.state == .new)
        }
    }
}
