/// Splits a line into words as a shell does: blanks separate, quotes keep together, a backslash takes what follows as it
/// is.
///
/// PM2 does it with `args` and `node_args` that are one string.
package enum ShellWords {
    package static func split(_ line: String) -> [String] {
        var words: [String] = []
        var word = ""
        var hasWord = false
        var quote: Character?
        var isEscaped = false
        for character in line {
            if isEscaped {
                // In double quotes a backslash stands for itself but before what it can escape there.
                if quote == "\"", character != "\"", character != "\\" { word.append("\\") }
                word.append(character)
                isEscaped = false
                continue
            }
            switch character {
            case "\\" where quote != "'":
                isEscaped = true
                hasWord = true
            case "\"", "'":
                if quote == nil {
                    quote = character
                    hasWord = true
                } else if quote == character {
                    quote = nil
                } else {
                    word.append(character)
                }
            case " ", "\t", "\n", "\r", "\r\n":
                if quote != nil {
                    word.append(character)
                } else if hasWord {
                    words.append(word)
                    (word, hasWord) = ("", false)
                }
            default:
                word.append(character)
                hasWord = true
            }
        }
        if isEscaped { word.append("\\") }
        if hasWord { words.append(word) }
        return words
    }

    /// Words as one line that a shell would split into them again.
    package static func joined(_ words: [String]) -> String {
        words.map(quoted).joined(separator: " ")
    }

    package static func quoted(_ word: String) -> String {
        let plain = word.unicodeScalars.allSatisfy { scalar in
            !scalar.isASCII || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || "%+,-./:=@_".unicodeScalars.contains(scalar)
        }
        if plain, !word.isEmpty { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
