import GopmJSON
import Testing

@Suite struct JSONPathTests {
    @Test(arguments: [
        (JSONPath.root, "top level"),
        (JSONPath.root["apps"][2]["min_uptime"], "apps[2].min_uptime"),
        (JSONPath.root[0][1], "[0][1]"),
        (JSONPath.root[3]["name"], "[3].name"),
        (JSONPath.root["env"]["a b"], #"env["a b"]"#),
        (JSONPath.root["env"]["PATH"], "env.PATH"),
        (JSONPath.root["x-y"], #"["x-y"]"#),
        (JSONPath.root["1st"]["_ok1"], #"["1st"]._ok1"#),
        (JSONPath.root[""], #"[""]"#),
        (JSONPath.root["a\"b\\c"], #"["a\"b\\c"]"#),
        (JSONPath.root["\n\t\r\u{1B}[2J\u{0}\u{7F}\u{9B}"], #"["\n\t\r\u001B[2J\u0000\u007F\u009B"]"#),
        (JSONPath.root["\u{202E}\u{2028}\u{E0001}é日🎉"], #"["\u202E\u2028\uDB40\uDC01é日🎉"]"#),
    ])
    func printsAsPeopleWriteIt(path: JSONPath, expected: String) {
        #expect(path.description == expected)
    }

    @Test func isAValueBuiltOfComponents() {
        var path = JSONPath([.key("apps")])
        path.components.append(.index(1))
        #expect(path == JSONPath.root["apps"][1])
    }
}
