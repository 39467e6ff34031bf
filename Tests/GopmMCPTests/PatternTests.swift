import Testing

@testable import GopmMCP

@Suite struct PatternTests {
    @Test(arguments: ["error", "^[a-z]+ (GET|POST)", "a{3}", "[0-9]{1,3}(\\.[0-9]{1,3}){3}", "x{2,}", #"\\1"#, ""])
    func whatPeopleWritePasses(pattern: String) {
        #expect(LogSelection.isCheap(pattern))
    }

    /// The first three make the compiler take gigabytes, the last one makes a match of 400 bytes take for ever.
    @Test(arguments: [
        "(a{1,3000}){1,3000}", "((a{200}){200}){200}", "(abcdefghijklmnopqrst){1,32767}",
        "a{99}{99}{99}{99}{99}{99}{99}",
        #"^(.*)(.*)(.*)\1\2\3z"#,
    ])
    func whatCouldHoldTheServerUpDoesNot(pattern: String) {
        #expect(!LogSelection.isCheap(pattern))
    }
}
