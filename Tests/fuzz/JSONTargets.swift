import GopmJSON

enum JSONTargets {
    /// What is read is written, and what was written reads as the same text again (2.5e3 comes back as 2500).
    static func json(_ bytes: [UInt8]) {
        guard let value = try? JSONValue.parse(bytes) else { return }
        let text = value.encoded
        guard let again = try? JSONValue.parse(text), again.encoded == text else {
            fatalError("not read back: \(String(decoding: text, as: UTF8.self))")
        }
        precondition((try? JSONValue.parse(JSONFormatter.indented(bytes))) == value, "changed by indenting")
    }
}
