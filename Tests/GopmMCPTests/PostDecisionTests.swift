import GopmJSON
import GopmMCP
import Testing

/// Which era a POST is of, and what is wrong with it.
@Suite struct PostDecisionTests {
    private func decide(
        _ body: JSONValue,
        _ headers: RoutingHeaders = RoutingHeaders(),
        session: String? = nil
    ) -> PostDecision {
        PostDecision(body, headers: headers, session: session)
    }

    /// Status and code of a refusal.
    private func refusal(_ decision: PostDecision) -> [Int] {
        guard case .refused(let status, let error, _) = decision else { return [] }
        return [status, error.code.rawValue]
    }

    @Test func anEnvelopeMakesARequestStandByItself() throws {
        let body = try enveloped("tools/call", #""name":"gopm_list""#)
        guard case .stateless(let request, let envelope) = decide(body, .of("tools/call", "gopm_list")) else {
            Issue.record("not stateless")
            return
        }
        #expect(request.method == "tools/call")
        #expect(envelope == (try Envelope(of: request, headers: nil)))
        #expect(envelope.client == "claude 2")
        #expect(envelope.revision == .july2026)
    }

    @Test func headersMustSayWhatTheBodySays() throws {
        let body = try enveloped("tools/call", #""name":"gopm_list""#)
        for headers in [
            RoutingHeaders(), .of("tools/list", "gopm_list"), .of("tools/call"), .of("tools/call", "gopm_ping"),
            .of("tools/call", "gopm_list", version: "2025-11-25"), .of("tools/call", "=?base64?Z29wbV9?="),
            RoutingHeaders(version: ["2026-07-28"], method: ["tools/call", "tools/call"], name: ["gopm_list"]),
            RoutingHeaders(version: ["2026-07-28", "2026-07-28"], method: ["tools/call"], name: ["gopm_list"]),
        ] {
            #expect(refusal(decide(body, headers)) == [400, -32020], "\(headers)")
        }
        let encoded = RoutingHeaders.of("tools/call", "=?base64?Z29wbV9saXN0?=")
        #expect(refusal(decide(body, encoded)).isEmpty)
    }

    @Test func aClientThatContradictsItselfIsToldSoFirst() throws {
        let body = try enveloped("tools/list", version: "2027-01-01")
        #expect(refusal(decide(body, .of("tools/list"))) == [400, -32020])
        #expect(refusal(decide(body, .of("tools/list", version: "2027-01-01"))) == [400, -32022])
    }

    @Test func anUnknownVersionIsAnsweredWithThoseThatAreSpoken() throws {
        let body = try json(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        let decision = decide(body, RoutingHeaders(version: ["1999-01-01"]), session: "s")
        guard case .refused(400, let error, let id) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(id == 1)
        #expect(error.data?["requested"] == "1999-01-01")
        #expect(error.data?["supported"]?.arrayValue?.last == "2026-07-28")
    }

    @Test func halfAnEnvelopeIsNone() throws {
        let body = try json(
            """
            {"jsonrpc":"2.0","id":1,"method":"tools/list",
            "params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}
            """
        )
        #expect(refusal(decide(body, .of("tools/list"))) == [400, -32602])
        let without = try json(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        #expect(refusal(decide(without, .of("tools/list"))) == [400, -32602])
    }

    @Test func initializeOpensASession() throws {
        let body = try json(#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#)
        guard case .initialize = decide(body) else {
            Issue.record("no initialize")
            return
        }
        // Within a session it is a message like others, which the session refuses.
        #expect(decide(body, session: "s") == .inSession("s", body))
    }

    @Test func withoutSessionOrEnvelopeThereIsNothingToDo() throws {
        for text in [#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, "[]", "7", "null"] {
            #expect(refusal(decide(try json(text))) == [400, -32600], "\(text)")
        }
    }

    @Test func notificationsOfStatelessClientsAreTaken() throws {
        let body = try json(#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#)
        #expect(decide(body, .of("notifications/cancelled")) == .accepted)
        #expect(decide(body, RoutingHeaders(), session: "s") == .inSession("s", body))
    }
}
