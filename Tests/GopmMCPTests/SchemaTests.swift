import GopmJSON
import Testing

@testable import GopmMCP

@Suite struct SchemaTests {
    private let schema = Schema.arguments(
        .init("target", .string(), "name or id", isRequired: true),
        .init("lines", .integer(1...100), ""),
        .init("mode", .string(allowed: ["a", "b"]), ""),
        .init("args", .array(of: .string()), ""),
        .init("env", .map(of: .string()), ""),
        .init("err", .boolean, "")
    )

    @Test(
        arguments: [
            (#"{"target":"x"}"#, []),
            (#"{"target":"x","lines":100,"mode":"a","args":["1"],"env":{"A":"b"},"err":true}"#, []),
            ("{}", ["target: missing (name or id)"]), (#"{"target":7}"#, ["target: expected a string, found a number"]),
            (#"{"target":"x","lines":0}"#, ["lines: 0 is out of range (1 to 100)"]),
            (#"{"target":"x","lines":1.5}"#, ["lines: expected a whole number, found a number"]),
            (#"{"target":"x","mode":"c"}"#, [#"mode: "c" is not allowed (a, b)"#]),
            (#"{"target":"x","args":["1",2]}"#, ["args[1]: expected a string, found a number"]),
            (#"{"target":"x","env":{"A":null}}"#, ["env.A: expected a string, found null"]),
            (
                #"{"target":"x","tarket":"y"}"#,
                ["tarket: unknown argument (allowed: target, lines, mode, args, env, err)"]
            ), (#"{"target":"x","target":"y"}"#, ["target: stands there twice"]),
            (
                #"{"err":"yes","x":1}"#,
                [
                    "target: missing (name or id)", "err: expected true or false, found a string",
                    "x: unknown argument (allowed: target, lines, mode, args, env, err)",
                ]
            ),
        ] as [(String, [String])]
    )
    func faults(text: String, expected: [String]) throws {
        #expect(schema.faults(of: try json(text)) == expected)
    }

    @Test func isWrittenAsJSONSchema() throws {
        var writer = JSONWriter()
        schema.encode(into: &writer)
        let value = try JSONValue.parse(writer.bytes)
        #expect(value["additionalProperties"] == false)
        #expect(value["required"] == ["target"])
        #expect(value["properties"]?["lines"]?["maximum"] == 100)
        #expect(value["properties"]?["mode"]?["enum"] == ["a", "b"])
        #expect(value["properties"]?["env"]?["additionalProperties"]?["type"] == "string")
    }
}
