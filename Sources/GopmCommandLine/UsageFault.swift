/// What ArgumentParser says of a command line, in the words that the family has for faults in files:
/// `--max-restarts: "x" is not allowed (…)`, `unknown option "--nmae"`.
struct UsageFault {
    let text: String
    /// Whether a value was refused: the flags themselves are right.
    let isOfValue: Bool

    init(_ message: String) {
        let parts = message.split(separator: "'", omittingEmptySubsequences: false)
        // "The value 'V' is invalid for '-n <number>': what was thrown, which names V itself"
        if let verb = parts.lastIndex(of: " is invalid for "), verb + 2 < parts.count {
            let flag = parts[verb + 1].split(separator: " ").first ?? ""
            text = "\(flag)\(parts[(verb + 2)...].joined(separator: "'"))"
            isOfValue = true
            return
        }
        isOfValue = false
        let sentence = message.hasSuffix(".") ? message.dropLast() : message[...]
        text = sentence.prefix(1).lowercased() + UsageFault.doublyQuoted(sentence.dropFirst())
    }

    /// Turns the quotes around words; an apostrophe within one stays.
    private static func doublyQuoted(_ text: Substring) -> String {
        let letters = Array(text)
        return String(
            letters.indices.map { index in
                let isApostrophe =
                    index > 0 && index + 1 < letters.count && letters[index - 1].isLetter && letters[index + 1].isLetter
                return letters[index] == "'" && !isApostrophe ? "\"" : letters[index]
            }
        )
    }
}
