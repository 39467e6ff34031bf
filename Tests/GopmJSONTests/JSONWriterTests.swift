import GopmJSON
import Testing

@Suite struct JSONWriterTests {
    @Test func putsCommasWhereTheyBelong() {
        let result = written { writer in
            writer.object { writer in
                writer.member("empty") { $0.object { _ in } }
                writer.member("none") { $0.array { _ in } }
                writer.member("list") { writer in
                    writer.array { writer in
                        writer.integer(1)
                        writer.array { $0.null() }
                        writer.object { $0.member("a", true) }
                        writer.string("x")
                    }
                }
                writer.key("last")
                writer.null()
            }
        }
        #expect(result == #"{"empty":{},"none":[],"list":[1,[null],{"a":true},"x"],"last":null}"#)
    }

    @Test func writesEveryKindOfMember() {
        let result = written { writer in
            writer.object { writer in
                writer.member("int", 7)
                writer.member("byte", UInt8(255))
                writer.member("bool", false)
                writer.member("double", 2.5)
                writer.member("string", "s")
                writer.member("strings", ["a", "b"])
                writer.member("value", JSONValue.array([.null]))
                writer.member("raw", raw: Array(#"{"x":1}"#.utf8))
                writer.member("ke\"y\n", 0)
            }
        }
        let expected =
            #"{"int":7,"byte":255,"bool":false,"double":2.5,"string":"s","strings":["a","b"],"#
            + #""value":[null],"raw":{"x":1},"ke\"y\n":0}"#
        #expect(result == expected)
    }

    @Test func beginsAnewAfterRemoveAll() {
        var writer = JSONWriter()
        writer.array { $0.bool(true) }
        writer.removeAll()
        writer.integer(1)
        #expect(text(writer.bytes) == "1")
    }

    @Test func passesErrorsOn() {
        struct Stop: Error {}
        var writer = JSONWriter()
        #expect(throws: Stop.self) { try writer.object { _ in throw Stop() } }
    }

    @Test func escapesOnlyWhatItMust() {
        let controls = String(String.UnicodeScalarView((0..<0x20).compactMap { Unicode.Scalar($0) }))
        let expected =
            #""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"#
            + #"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f""#
        #expect(written { $0.string(controls) } == expected)
        #expect(written { $0.string("q\"b\\s/") } == #""q\"b\\s/""#)
        let raw = "<a href='x'>&\u{7F}\u{2028}\u{2029}é日🎉"
        #expect(written { $0.string(raw) } == "\"\(raw)\"")
    }

    @Test func findsEscapesAtEveryPlaceOfAWord() throws {
        for length in 0..<20 {
            for place in 0..<length {
                for special in ["\"", "\\", "\n", "é", "\u{1F}"] {
                    var units = [String](repeating: "x", count: length)
                    units[place] = special
                    let value = JSONValue.string(units.joined())
                    #expect(try JSONValue.parse(value.encoded) == value)
                }
            }
        }
    }

    @Test(
        arguments: [
            ([0x61, 0xFF, 0x62], "a\u{FFFD}b"), ([0xE2, 0x82], "\u{FFFD}"), ([0x22, 0x80], "\\\"\u{FFFD}"), ([], ""),
            ([0xF0, 0x9F, 0x8E, 0x89], "🎉"), ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
        ] as [([UInt8], String)]
    )
    func replacesInvalidUTF8(bytes: [UInt8], expected: String) {
        #expect(written { $0.string(lossyUTF8: bytes) } == "\"\(expected)\"")
    }

    @Test func writesIntegersOfAllTypes() {
        #expect(written { $0.integer(0) } == "0")
        #expect(written { $0.integer(Int64.min) } == "-9223372036854775808")
        #expect(written { $0.integer(Int64.max) } == "9223372036854775807")
        #expect(written { $0.integer(UInt64.max) } == "18446744073709551615")
        #expect(written { $0.integer(Int8(-128)) } == "-128")
        #expect(written { $0.integer(Int32(-70_000)) } == "-70000")
    }

    /// The expected texts are what Go's `encoding/json` prints.
    @Test(
        arguments: [
            (0, "0"), (0.3, "0.3"), (1, "1"), (-1, "-1"), (100, "100"), (12.25, "12.25"), (-0.5, "-0.5"),
            (0.1 + 0.2, "0.30000000000000004"), (1e15, "1000000000000000"), (0x1p53, "9007199254740992"),
            (0x1p53 + 2, "9007199254740994"), (0x1p63, "9223372036854776000"), (1e20, "100000000000000000000"),
            (123_456_789_012_345_683_968, "123456789012345680000"), (1e21, "1e+21"), (1.5e21, "1.5e+21"),
            (1e22, "1e+22"), (1e100, "1e+100"), (0.0001, "0.0001"), (0.00001, "0.00001"), (0.000001, "0.000001"),
            (0.0000012345, "0.0000012345"), (0.0000001, "1e-7"), (1.25e-7, "1.25e-7"),
            (.leastNonzeroMagnitude, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (-2.2250738585072014e-308, "-2.2250738585072014e-308"),
            (.nan, "null"), (.infinity, "null"), (-.infinity, "null"),
        ] as [(Double, String)]
    )
    func writesDoublesAsGoDoes(value: Double, expected: String) {
        #expect(written { $0.double(value) } == expected)
    }

    /// Unlike Go's, whose `-0` would be read as an integer and written as `0`.
    @Test func negativeZeroComesBackAsItIs() throws {
        let text = written { $0.double(-0.0) }
        #expect(text == "-0.0")
        #expect(try JSONValue.parse(Array(text.utf8)).encoded == Array(text.utf8))
    }
}
