import GopmModel
import SeededRandom
import Testing

@Suite struct ProcessNameTests {
    @Test(arguments: [
        "web", "a", "7a", "1.5", "1e5", "Web_2", "api@prod:v1.2+3-x", "a..", "ALL", "All", "all2", "0x10",
        String(repeating: "x", count: 64),
    ])
    func allowed(name: String) {
        #expect(ProcessName.isValid(name))
        #expect(ProcessName.nearestValid(to: name) == name)
    }

    @Test func nearestToAValidNameIsThatName() {
        #expect(ProcessName.isValid("web-"))
        #expect(ProcessName.nearestValid(to: "web-") == "web-")
    }

    @Test(arguments: [
        "", "all", "0", "42", "00000000000000000000000000000000", "-a", ".a", "_a", "@a", ":a", "+a", "..",
        "../../escape",
        "a/b", "a b", " a", "a\n", "a\0", "a\u{1B}[31m", "é", "日本", "a*", "a;b", "$x", "a'b", "٣",
        String(repeating: "x", count: 65),
    ])
    func refused(name: String) {
        #expect(!ProcessName.isValid(name))
        #expect(ProcessName.isValid(ProcessName.nearestValid(to: name)))
    }

    @Test(
        arguments: [
            ("", "process"), ("all", "process-all"), ("42", "process-42"), ("../../escape", "escape"),
            ("my app", "my-app"),
            ("my app!", "my-app"), ("日本", "process"), ("-web", "web"), ("server.js", "server.js"),
            (String(repeating: "9", count: 70), "process-" + String(repeating: "9", count: 56)),
        ] as [(String, String)]
    )
    func nearest(name: String, nearest: String) {
        #expect(ProcessName.nearestValid(to: name) == nearest)
    }

    @Test(arguments: seeds)
    func nearestIsAlwaysValid(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var name = ""
            for _ in 0..<Int.random(in: 0...80, using: &random) {
                name.unicodeScalars.append(random.pick(["a", "9", "-", ".", "/", " ", "é", "\n", "\u{0}", "Z", "_"]))
            }
            let nearest = ProcessName.nearestValid(to: name)
            #expect(ProcessName.isValid(nearest), "\(name.debugDescription)")
            #expect(ProcessName.nearestValid(to: nearest) == nearest)
        }
    }
}
