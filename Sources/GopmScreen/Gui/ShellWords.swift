/// A command line in words, as a shell splits it: blanks separate, quotes and backslashes keep together.
///
/// Nothing is expanded.
package enum ShellWords {
    /// - Returns: `nil` if a quote is not closed.
    package static func split(_ line: String) -> [String]? {
        var scanner = Scanner(line)
        let words = scanner.words()
        return scanner.isOpen ? nil : words
    }

    /// The word that a line ends within, as far as it goes, and where it begins; empty after a blank.
    package static func last(of line: String) -> (word: String, start: String.Index) {
        var scanner = Scanner(line)
        _ = scanner.words()
        return scanner.isInWord ? (scanner.word, scanner.wordStart) : ("", line.endIndex)
    }

    /// The text so that a shell takes it for one word, and as it is.
    package static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if " \t\"'\\$`&;|<>()*?[]#!{}".contains(character) { result += "\\" }
            result.append(character)
        }
    }

    private struct Scanner {
        let line: String
        var word = ""
        var wordStart: String.Index
        var isInWord = false
        var isOpen = false

        init(_ line: String) {
            self.line = line
            wordStart = line.startIndex
        }

        mutating func words() -> [String] {
            var words: [String] = []
            var quote: Character?
            var isEscaped = false
            for (index, character) in zip(line.indices, line) {
                if !isInWord, quote == nil, !isEscaped { wordStart = index }
                if isEscaped {
                    word.append(character)
                    isEscaped = false
                } else if character == "\\", quote != "'" {
                    isEscaped = true
                    isInWord = true
                } else if let open = quote {
                    if character == open { quote = nil } else { word.append(character) }
                } else if character == "'" || character == "\"" {
                    quote = character
                    isInWord = true
                } else if character == " " || character == "\t" {
                    if isInWord { words.append(word) }
                    word = ""
                    isInWord = false
                } else {
                    word.append(character)
                    isInWord = true
                }
            }
            isOpen = quote != nil || isEscaped
            if isInWord { words.append(word) }
            return words
        }
    }
}
