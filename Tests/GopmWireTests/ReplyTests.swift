import GopmJSON
import GopmWire
import Testing

@Suite struct ReplyTests {
    private func text(_ line: [UInt8]) -> String { String(decoding: line, as: UTF8.self) }

    private func receive(_ line: [UInt8]) throws -> ReceivedReply {
        try #require(ReceivedReply(parsing: line.last == UInt8(ascii: "\n") ? line.dropLast() : line))
    }

    @Test func lines() {
        #expect(text(Reply.success(id: 7, data: Array("[1]".utf8))) == #"{"id":7,"success":true,"data":[1]}"# + "\n")
        #expect(text(Reply.success(id: nil, data: [])) == #"{"success":true}"# + "\n")
        let error = RequestError(.notFound, #"process "ghost" not found"#)
        #expect(
            text(Reply.failure(id: "a", error))
                == #"{"id":"a","success":false,"error":"process \"ghost\" not found","code":"not_found"}"# + "\n"
        )
        #expect(
            text(Reply.event(id: 7, "state", data: Array("{}".utf8))) == #"{"id":7,"event":"state","data":{}}"# + "\n"
        )
    }

    @Test func successComesBackWithItsBytes() throws {
        // Passed on as it is: spaces, order, numbers and escapes of the text stay.
        let data = #"{ "b":1.0, "a":18446744073709551615,"a":"\u0041\/", "x":[ ] }"#
        let reply = try receive(Reply.success(id: 7, data: Array(data.utf8)))
        #expect(reply.id == 7)
        #expect(reply.event == nil)
        #expect(try text(reply.result.get()) == data)
    }

    @Test func successWithoutDataComesBackEmpty() throws {
        let reply = try receive(Reply.success(id: nil, data: []))
        #expect(reply.id == nil)
        #expect(try reply.result.get() == [])
    }

    @Test(arguments: [
        RequestError.Code.invalidRequest, .unknownMethod, .invalidValue, .notFound, .nameInUse, .startFailed, .timedOut,
        .tooLarge, .busy, .shuttingDown, .failed,
    ])
    func failureComesBack(code: RequestError.Code) throws {
        let error = RequestError(code, "a\nb \"c\" \u{1B}[31m")
        let line = Reply.failure(id: 3, error)
        #expect(line.count { $0 == UInt8(ascii: "\n") } == 1)
        let reply = try receive(line)
        #expect(reply.id == 3)
        #expect(throws: error) { try reply.result.get() }
    }

    @Test func eventComesBack() throws {
        let reply = try receive(Reply.event(id: 2, "sample", data: Array("[]".utf8)))
        #expect(reply.event == "sample")
        #expect(reply.id == 2)
        #expect(try text(reply.result.get()) == "[]")
    }

    @Test func eventWithoutDataIsJSON() throws {
        let reply = try receive(Reply.event(id: 2, "bye", data: []))
        #expect(reply.event == "bye")
        #expect(try reply.result.get() == [])
    }

    @Test func replyOfTheGoGopmIsRead() throws {
        let failure = try receive(Array(#"{"success":false,"error":"process \"ghost\" not found"}"#.utf8))
        #expect(throws: RequestError(.failed, #"process "ghost" not found"#)) { try failure.result.get() }
        let success = try receive(Array(#"{"success":true,"data":{"pid":18304}}"#.utf8))
        #expect(try text(success.result.get()) == #"{"pid":18304}"#)
    }

    @Test func codesOfTheFutureAreFailures() throws {
        let reply = try receive(Array(#"{"success":false,"error":"no","code":"overheated"}"#.utf8))
        #expect(throws: RequestError(.failed, "no")) { try reply.result.get() }
    }

    @Test(arguments: [
        "", "x", "[]", "{}", #"{"success":false}"#, #"{"success":"true"}"#, #"{"data":1}"#, #"{"success":true}}"#,
    ])
    func whatIsNoReply(line: String) {
        let reply = ReceivedReply(parsing: Array(line.utf8))
        #expect(reply?.result == nil)
    }

    @Test func dataIsTakenFromTheTopOnly() throws {
        let line = #"{"x":{"data":1,"success":false},"success":true,"data":"{\"data\":2}"}"#
        #expect(try text(receive(Array(line.utf8)).result.get()) == #""{\"data\":2}""#)
    }
}
