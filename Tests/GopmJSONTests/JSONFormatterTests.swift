import GopmJSON
import SeededRandom
import Testing

@Suite struct JSONFormatterTests {
    @Test func indentsAsGoDoes() {
        let compact = #"{"a":1,"b":[],"c":{},"d":[1,{"e":"x,[\"]{:"},[[]]],"f":{"g":null}}"#
        let expected = #"""
            {
              "a": 1,
              "b": [],
              "c": {},
              "d": [
                1,
                {
                  "e": "x,[\"]{:"
                },
                [
                  []
                ]
              ],
              "f": {
                "g": null
              }
            }
            """#
        #expect(text(JSONFormatter.indented(Array(compact.utf8))) == expected)
        // Indented text is laid out anew, so a second time changes nothing.
        #expect(text(JSONFormatter.indented(Array(expected.utf8))) == expected)
    }

    @Test(arguments: [
        ("[]", "[]"), ("{ }", "{}"), ("[\n]", "[]"), (" 12 ", "12"), (#""\\""#, #""\\""#), ("true", "true"), ("", ""),
    ])
    func leavesScalarsAndEmptyContainers(source: String, expected: String) {
        #expect(text(JSONFormatter.indented(Array(source.utf8))) == expected)
    }

    @Test(arguments: ["]", "}}}", "[", "\"", "\"\\", "[\"a\\", "{:,", "[}", "\u{0}"])
    func survivesGarbage(source: String) {
        _ = JSONFormatter.indented(Array(source.utf8))
    }

    @Test(arguments: seeds)
    func changesNoValue(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let value = random.value()
            #expect(try JSONValue.parse(JSONFormatter.indented(value.encoded)) == value)
        }
    }
}
