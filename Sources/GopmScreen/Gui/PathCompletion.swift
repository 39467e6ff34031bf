/// Completes the path that a command line ends with.
package struct PathCompletion: Sendable, Hashable {
    /// As it was typed, with its slash at the end; empty for the folder that gopm was started in.
    package let folder: String
    /// The beginning of a name in it.
    package let prefix: String
    /// The line before the word.
    private let before: String

    /// What to complete in a line that ends at the cursor.
    package init(_ line: String) {
        let (word, start) = ShellWords.last(of: line)
        before = String(line[..<start])
        let slash = word.lastIndex(of: "/")
        folder = slash.map { String(word[...$0]) } ?? ""
        prefix = slash.map { String(word[word.index(after: $0)...]) } ?? word
    }

    package struct Result: Sendable, Hashable {
        /// The line with what all candidates have in common.
        package var line: String
        /// Names to choose from; empty when there is one or none.
        package var candidates: [String]

        package init(line: String, candidates: [String]) {
            self.line = line
            self.candidates = candidates
        }
    }

    /// `names` are those of the folder, with a slash after folders.
    package func complete(_ names: [String]) -> Result {
        // Names with a dot in front are for those who type the dot; what can't be typed can't be completed.
        let fitting = names.filter { name in
            name.hasPrefix(prefix) && (name.first != "." || prefix.first == ".")
                && name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        }.sorted()
        guard var common = fitting.first else { return Result(line: before + word(prefix), candidates: []) }
        for name in fitting.dropFirst() {
            common = zip(common, name).prefix { $0 == $1 }.reduce(into: "") { $0.append($1.0) }
        }
        let isWhole = fitting.count == 1
        let ending = isWhole && !common.hasSuffix("/") ? " " : ""
        return Result(line: before + word(common) + ending, candidates: isWhole ? [] : fitting)
    }

    private func word(_ name: String) -> String {
        ShellWords.escaped(folder + name)
    }
}
