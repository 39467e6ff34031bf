import GopmJSON
import Testing

@Suite struct ParseTests {
    @Test func readsEveryKind() throws {
        let value = try parse(#" {"a": [1, 2.5, "x", true, false, null], "b": {}, "c": []} "#)
        #expect(value == ["a": [1, 2.5, "x", true, false, .null], "b": [:], "c": []])
        #expect(try parse("\t\r\n \"top\"\n") == "top")
    }

    @Test func keepsMembersInOrderWithDuplicates() throws {
        let object = try #require(try parse(#"{"b":1,"a":2,"b":3,"c":4,"a":5,"b":6}"#).objectValue)
        #expect(object.members.map(\.key) == ["b", "a", "b", "c", "a", "b"])
        #expect(object["b"] == 6)
        #expect(object["a"] == 5)
        #expect(object["missing"] == nil)
        #expect(object.duplicateKeys == ["b", "a"])
        #expect(try parse(#"{"a":1,"b":2}"#).objectValue?.duplicateKeys == [])
    }

    @Test func comparesKeysByBytes() throws {
        // The Kelvin sign is canonically equivalent to K, a precomposed é to e and a combining accent.
        let object = try #require(try parse("{\"\u{212A}\":1,\"e\u{301}\":2,\"\u{E9}\":3}").objectValue)
        #expect(object["K"] == nil)
        #expect(object["\u{212A}"] == 1)
        #expect(object["e\u{301}"] == 2)
        #expect(object["\u{E9}"] == 3)
        #expect(object.duplicateKeys == [])
    }

    @Test(arguments: [
        (#""""#, ""),
        (#""plain""#, "plain"),
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u65E5\uFFFF\u0000""#, "Aé日\u{FFFF}\u{0}"),
        (#""\ud83c\udf89""#, "🎉"),
        (#""\uDBFF\uDFFFx""#, "\u{10FFFF}x"),
        ("\"é日🎉\u{10FFFF}\u{7F}\u{2028}\"", "é日🎉\u{10FFFF}\u{7F}\u{2028}"),
        (
            #""an escape after a long run of plain text\n and é before another run""#,
            "an escape after a long run of plain text\n and é before another run"
        ),
    ])
    func readsStrings(text: String, expected: String) throws {
        let value = try #require(try parse(text).stringValue)
        #expect(Array(value.utf8) == Array(expected.utf8))
    }

    @Test(
        arguments: [
            ("0", .integer(0)), ("-0", .integer(0)), ("7", .integer(7)), ("-1", .integer(-1)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("-9223372036854775809", .double(-0x1p63)),
            ("18446744073709551616", .double(0x1p64)), ("100000000000000000000000", .double(1e23)),
            ("1.0", .double(1)), ("1e3", .double(1000)), ("1E+2", .double(100)), ("-2.5e-1", .double(-0.25)),
            ("0.1", .double(0.1)), ("0e0", .double(0)), ("1e23", .double(1e23)), ("4.35", .double(4.35)),
            ("0.30000000000000004", .double(0.1 + 0.2)), ("9007199254740993.0", .double(0x1p53)),
            ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)), ("5e-324", .double(.leastNonzeroMagnitude)),
            ("1e-400", .double(0)), ("1e-99999999999999999999", .double(0)), ("0e99999999999999999999", .double(0)),
            ("123456789012345678901234567890e-20", .double(1_234_567_890.123_456_8)),
        ] as [(String, JSONValue)]
    )
    func readsNumbersExactly(text: String, expected: JSONValue) throws {
        #expect(try parse(text) == expected)
        #expect(try parse("[\(text)]") == [expected])
    }

    @Test func keepsTheSignOfZeroInDoubles() throws {
        #expect(try parse("-0.0").doubleValue?.sign == .minus)
    }

    @Test func readsASliceWithOffsetsFromItsStart() throws {
        let bytes = Array(#"garbage{"a":1}{"b":x}"#.utf8)
        #expect(try JSONValue.parse(bytes[7..<14]) == ["a": 1])
        #expect(throws: (any Error).self) { try JSONValue.parse(bytes[7...]) }
        do throws(JSONError) {
            _ = try JSONValue.parse(bytes[14...])
            Issue.record("expected an error")
        } catch {
            #expect(error.offset == 5)
        }
    }

    @Test func limitsDepth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(fault(in: nested(64)) == nil)
        #expect(fault(in: nested(65))?.code == .tooDeep)
        #expect(fault(in: nested(65))?.offset == 64)
        #expect(fault(in: Array(#"{"a":{"b":[]}}"#.utf8), limits: JSONLimits(depth: 2))?.offset == 10)
        #expect(fault(in: Array("1".utf8), limits: JSONLimits(depth: 0)) == nil)
        #expect(fault(in: Array("[]".utf8), limits: JSONLimits(depth: 0))?.code == .tooDeep)
        // Siblings do not add up.
        #expect(fault(in: Array("[[],[[]],{},[{}]]".utf8), limits: JSONLimits(depth: 3)) == nil)
    }

    @Test func neverOverflowsTheStack() {
        let limits = JSONLimits(depth: .max)
        #expect(limits.depth == JSONLimits.greatestDepth)
        #expect(fault(in: Array(repeating: UInt8(ascii: "["), count: 1_000_000), limits: limits)?.code == .tooDeep)
        let (open, close) = (#"{"a":"#, "}")
        let deepest = String(repeating: open, count: limits.depth) + "1" + String(repeating: close, count: limits.depth)
        #expect(fault(in: Array(deepest.utf8), limits: limits) == nil)
    }

    @Test func limitsSize() {
        #expect(fault(in: Array("[1,2]".utf8), limits: JSONLimits(size: 5)) == nil)
        let error = fault(in: Array("[1,2]".utf8), limits: JSONLimits(size: 4))
        #expect(error?.code == .tooLarge)
        #expect(error?.reason == "the text has 5 bytes, more than the 4 allowed")
    }

    @Test func accessorsTakeOnlyTheirKind() {
        let kinds: [JSONValue] = [.null, true, 1, 1.5, "s", [1], ["k": "v"]]
        #expect(kinds.map(\.isNull) == [true, false, false, false, false, false, false])
        #expect(kinds.map(\.boolValue) == [nil, true, nil, nil, nil, nil, nil])
        #expect(kinds.map(\.integerValue) == [nil, nil, 1, nil, nil, nil, nil])
        #expect(kinds.map(\.doubleValue) == [nil, nil, 1, 1.5, nil, nil, nil])
        #expect(kinds.map(\.stringValue) == [nil, nil, nil, nil, "s", nil, nil])
        #expect(kinds.map(\.arrayValue) == [nil, nil, nil, nil, nil, [1], nil])
        #expect(
            kinds.map(\.objectValue) == [
                nil, nil, nil, nil, nil, nil, JSONObject([JSONObject.Member(key: "k", value: "v")]),
            ]
        )
        #expect(kinds.map { $0["k"] } == [nil, nil, nil, nil, nil, nil, "v"])
        let names = ["null", "true or false", "a number", "a number", "a string", "an array", "an object"]
        #expect(kinds.map(\.kindName) == names)
    }
}
