import GopmJSON
import GopmWire
import Testing

@Suite struct RequestTests {
    private func parse(_ text: String) throws(RequestError) -> Request { try Request(parsing: Array(text.utf8)) }

    private func refusal(of text: String) -> RequestError? {
        do throws(RequestError) {
            _ = try parse(text)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        #"{"method":"ping"}"#, #"{"method":"ping","params":null}"#, #"{"method":"ping","params":{},"id":null}"#,
        #" {"future":1,"method":"ping"} "#,
    ])
    func paramsAndIDMayBeAbsent(text: String) throws {
        let request = try parse(text)
        #expect(request.method == .ping)
        #expect(request.params == JSONObject())
        #expect(request.id == nil)
    }

    @Test func everythingIsRead() throws {
        let request = try parse(#"{"method":"stop","params":{"target":"web"},"id":7}"#)
        #expect(request.method == .stop)
        #expect(request.params["target"] == "web")
        #expect(request.id == 7)
    }

    @Test func aClientMayActForAnother() throws {
        let line = Request.encode(.stop, id: 7, client: "claude 2") { $0.member("target", "web") }
        #expect(try parse(String(decoding: line, as: UTF8.self)).client == "claude 2")
        #expect(try parse(#"{"method":"list"}"#).client == nil)
        #expect(try parse(#"{"method":"list","client":7}"#).client == nil)
        let long = String(repeating: "x", count: 500)
        #expect(try parse(#"{"method":"list","client":"\#(long)"}"#).client?.count == 128)
    }

    @Test(arguments: [#""a""#, "7", "-1.5", "[1]", #"{"x":1}"#, "false"])
    func anyIDIsKept(id: String) throws {
        let expected = try JSONValue.parse(Array(id.utf8))
        #expect(try parse(#"{"method":"list","id":\#(id)}"#).id == expected)
        #expect(refusal(of: #"{"method":"nothing","id":\#(id)}"#)?.id == expected)
        #expect(refusal(of: #"{"id":\#(id)}"#)?.id == expected)
        #expect(refusal(of: #"{"method":"list","params":[],"id":\#(id)}"#)?.id == expected)
    }

    @Test(
        arguments: [
            ("[]", .invalidRequest, "the request is an array, not an object"),
            ("null", .invalidRequest, "the request is null, not an object"),
            ("{}", .invalidRequest, #"the request has no "method""#),
            (#"{"method":7}"#, .invalidRequest, #"the request has no "method""#),
            (#"{"method":"list","params":[]}"#, .invalidRequest, #""params" is an array, not an object"#),
            (#"{"method":"list","params":"x"}"#, .invalidRequest, #""params" is a string, not an object"#),
            (
                #"{"method":"List"}"#, .unknownMethod,
                #"unknown method "List" (known: ping start stop restart delete list describe isrunning logs flush save resurrect kill "#
                    + "reboot stats subscribe metrics)"
            ),
        ] as [(String, RequestError.Code, String)]
    )
    func refusals(text: String, code: RequestError.Code, message: String) {
        #expect(refusal(of: text) == RequestError(code, message))
    }

    @Test(arguments: ["", "x", "{", #"{"method":"ping"}}"#, "GET / HTTP/1.1\r", "{\"method\":\"p\u{0}ing\"}"])
    func garbageIsInvalid(text: String) {
        let error = refusal(of: text)
        #expect(error?.code == .invalidRequest)
        #expect(error?.message.hasPrefix("the request is not JSON: line 1, column ") == true)
    }

    @Test func bytesThatAreNoUTF8AreInvalid() {
        #expect(throws: RequestError.self) { try Request(parsing: Array(#"{"method":""#.utf8) + [0xFF, 0x22, 0x7D]) }
    }

    @Test func deepNestingIsInvalid() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(refusal(of: #"{"method":"ping","id":\#(deep)"#)?.code == .invalidRequest)
    }

    @Test(arguments: Method.allCases)
    func encodedRequestParsesBack(method: Method) throws {
        for id in [nil, 0, -1, Int.max] {
            let line = Request.encode(method, id: id) { json in
                json.member("target", "a\n\"b")
                json.member("lines", 5)
            }
            #expect(line.last == UInt8(ascii: "\n"))
            #expect(line.count { $0 == UInt8(ascii: "\n") } == 1)
            let request = try Request(parsing: Array(line.dropLast()))
            #expect(request.method == method)
            #expect(request.params.members.map(\.key) == ["target", "lines"])
            #expect(request.params["target"] == "a\n\"b")
            #expect(request.params["lines"] == 5)
            #expect(request.id == id.map { .integer(Int64($0)) })
        }
    }
}
