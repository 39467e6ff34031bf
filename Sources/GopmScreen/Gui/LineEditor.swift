package import GopmTerminal

/// One line of text that is being typed.
package struct LineEditor: Sendable, Hashable {
    private static let longest = 4096

    package private(set) var characters: [Character] = []
    /// Where the next character goes, 0 to the number of characters.
    package private(set) var cursor = 0

    package init(_ text: String = "") {
        replace(with: text)
    }

    package var text: String { String(characters) }
    /// What is left of the cursor.
    package var head: String { String(characters[..<cursor]) }

    package mutating func replace(with text: String) {
        characters = Array(text.prefix(Self.longest))
        cursor = characters.count
    }

    package mutating func insert(_ text: String) {
        let new = text.map { $0.isNewline || $0 == "\t" ? " " : $0 }.prefix(max(0, Self.longest - characters.count))
        characters.insert(contentsOf: new, at: cursor)
        cursor += new.count
    }

    /// Takes a key that edits; returns whether it is one.
    package mutating func edit(_ key: Key) -> Bool {
        switch key {
        case .character(let character): insert(String(character))
        case .paste(let text): insert(text)
        case .backspace:
            guard cursor > 0 else { break }
            cursor -= 1
            characters.remove(at: cursor)
        case .delete:
            if cursor < characters.count { characters.remove(at: cursor) }
        case .left, .control("b"): cursor = max(0, cursor - 1)
        case .right, .control("f"): cursor = min(characters.count, cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = characters.count
        case .control("k"): characters.removeSubrange(cursor...)
        case .control("u"):
            characters.removeSubrange(..<cursor)
            cursor = 0
        case .control("w"): removeWord()
        default: return false
        }
        return true
    }

    private mutating func removeWord() {
        var start = cursor
        while start > 0, characters[start - 1] == " " { start -= 1 }
        while start > 0, characters[start - 1] != " " { start -= 1 }
        characters.removeSubrange(start..<cursor)
        cursor = start
    }

    /// Draws the line with its cursor into a part of a row; of a longer one the part around the cursor.
    package func draw(on screen: inout Screen, row: Int, column: Int, width: Int) {
        guard width > 0 else { return }
        let before = DisplayText.sanitized(head)
        let under = cursor < characters.count ? DisplayText.sanitized(String(characters[cursor])) : " "
        let after = cursor < characters.count ? DisplayText.sanitized(String(characters[(cursor + 1)...])) : ""
        // So much of what is before the cursor that the cursor is in view.
        var visible = Substring(before)
        while String(visible).displayWidth + under.displayWidth > width, !visible.isEmpty { visible.removeFirst() }
        var place = screen.put(String(visible), row: row, column: column, width: width)
        place = screen.put(under, row: row, column: place, .reversed, width: column + width - place)
        screen.put(after, row: row, column: place, width: max(0, column + width - place))
    }
}
