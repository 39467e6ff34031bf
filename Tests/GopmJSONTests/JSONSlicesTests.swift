import GopmJSON
import Testing

@Suite struct JSONSlicesTests {
    @Test func findsValuesWithoutTheSpaceAroundThem() throws {
        let reply = Array(#" { "id" : 7 , "success":true,"data": [ {"a":"}]"} , 2 ],"\u0064ata2":"x" } "#.utf8)
        let slices = try JSONSlices(reply)
        #expect(slices.members.map(\.key) == ["id", "success", "data", "data2"])
        #expect(slices.members.map { text(reply[$0.range]) } == ["7", "true", #"[ {"a":"}]"} , 2 ]"#, #""x""#])
        #expect(slices["data"].map { text(reply[$0]) } == #"[ {"a":"}]"} , 2 ]"#)
        #expect(slices["none"] == nil)
        #expect(try JSONSlices(Array("{}".utf8)).members.isEmpty)
    }

    @Test func theLastDuplicateWins() throws {
        let source = Array(#"{"a":1,"a":2}"#.utf8)
        let slices = try JSONSlices(source)
        #expect(slices.members.count == 2)
        #expect(slices["a"].map { text(source[$0]) } == "2")
    }

    @Test(arguments: [
        ("[1]", JSONError.Code.notAnObject, "line 1, column 1: expected an object, found '['"),
        ("", .unexpectedEnd, "line 1, column 1: expected an object, found the end of the text"),
        (#"{"a":[1}"#, .unexpectedCharacter, "line 1, column 8: expected ',' or ']' after an element, found '}'"),
        (#"{"a":"\x"}"#, .invalidEscape, #"line 1, column 7: expected one of "\/bfnrtu after a backslash, found 'x'"#),
        (#"{"a":1e400}"#, .numberOutOfRange, "line 1, column 6: this number is too large for a double"),
        (#"{} {}"#, .trailingText, "line 1, column 4: expected nothing after the value, found '{'"),
    ])
    func refusesWhatTheParserRefuses(source: String, code: JSONError.Code, message: String) {
        do throws(JSONError) {
            _ = try JSONSlices(Array(source.utf8))
            Issue.record("expected an error")
        } catch {
            #expect(error.code == code)
            #expect(error.message == message)
        }
    }

    @Test func keepsToTheLimits() {
        let deep = Array(#"{"a":[[1]]}"#.utf8)
        #expect(throws: Never.self) { try JSONSlices(deep, limits: JSONLimits(depth: 3)) }
        #expect(throws: JSONError.self) { try JSONSlices(deep, limits: JSONLimits(depth: 2)) }
        #expect(throws: JSONError.self) { try JSONSlices(deep, limits: JSONLimits(size: 10)) }
    }
}
