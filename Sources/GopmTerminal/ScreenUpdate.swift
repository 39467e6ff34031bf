extension Screen {
    /// The bytes that turn a terminal that shows `previous` into one that shows this; empty when nothing differs.
    ///
    /// Without a previous screen, or with one of another size, all is drawn anew.
    package func update(from previous: Screen?, colour: Bool) -> [UInt8] {
        var pen = ScreenPen(colour: colour)
        let base: Screen
        if let previous, previous.size == size {
            base = previous
        } else {
            pen.clear()
            base = Screen(size)
        }
        for row in 0..<size.rows {
            let (old, new) = (base.row(row), self.row(row))
            if old == new { continue }
            append(row, old, new, &pen)
        }
        return pen.finish()
    }

    /// Writes what differs in one row.
    private func append(_ row: Int, _ old: ArraySlice<Cell>, _ new: ArraySlice<Cell>, _ pen: inout ScreenPen) {
        let width = size.columns
        func differs(_ column: Int) -> Bool { old[old.startIndex + column] != new[new.startIndex + column] }
        // From here on the row is blank: one sequence erases it.
        let blankFrom = width - new.reversed().prefix { $0 == .blank }.count
        var column = 0
        while column < width {
            guard differs(column) else {
                column += 1
                continue
            }
            // Both halves of a wide character are written together.
            var start = column
            while start > 0, new[new.startIndex + start].width == 0 { start -= 1 }
            if start >= blankFrom {
                pen.move(to: row, start)
                return pen.eraseRest()
            }
            pen.move(to: row, start)
            column = start
            var unchanged = 0
            // A few cells that stay the same are cheaper than another movement.
            while column < min(width, blankFrom), unchanged < 4 {
                let cell = new[new.startIndex + column]
                unchanged = differs(column) ? 0 : unchanged + 1
                if cell.width > 0 { pen.write(cell) }
                column += 1
            }
        }
    }

    /// The screen as lines of text, for a pipe or for a terminal that scrolls.
    package func lines(colour: Bool) -> [UInt8] {
        var output: [UInt8] = []
        for row in 0..<size.rows {
            var style = Style.plain
            let cells = self.row(row)
            let end = cells.endIndex - cells.reversed().prefix { $0 == .blank }.count
            for cell in cells[..<end] where cell.width > 0 {
                if colour, cell.style != style {
                    if style != .plain { output += Style.reset.utf8 }
                    output += cell.style.sequence.utf8
                    style = cell.style
                }
                output += String(cell.character).utf8
            }
            if style != .plain { output += Style.reset.utf8 }
            output.append(UInt8(ascii: "\n"))
        }
        return output
    }
}

/// Writes cells and remembers where the cursor is and which style is on.
private struct ScreenPen {
    let colour: Bool
    private var output: [UInt8] = []
    private var style = Style.plain
    /// nil when it is not known for sure.
    private var place: (row: Int, column: Int)?

    init(colour: Bool) {
        self.colour = colour
    }

    mutating func clear() {
        output += "\u{1b}[0m\u{1b}[2J".utf8
    }

    mutating func move(to row: Int, _ column: Int) {
        if let place, place == (row, column) { return }
        output += "\u{1b}[\(row + 1);\(column + 1)H".utf8
        place = (row, column)
    }

    mutating func write(_ cell: Screen.Cell) {
        let wanted = colour ? cell.style : cell.style.withoutColour
        if wanted != style {
            if style != .plain { output += Style.reset.utf8 }
            output += wanted.sequence.utf8
            style = wanted
        }
        guard let (row, column) = place else { return }
        output += String(cell.character).utf8
        place = (row, column + Int(cell.width))
        // Terminals differ in how wide some characters are; after one the cursor is put where it must be.
        if !isAgreedOn(cell) {
            place = nil
            move(to: row, column + Int(cell.width))
        }
    }

    private func isAgreedOn(_ cell: Screen.Cell) -> Bool {
        guard cell.width == 1, let scalar = cell.character.unicodeScalars.first else { return false }
        // ASCII, box drawing, braille.
        return scalar.isASCII || (0x2500...0x257f).contains(scalar.value) || (0x2800...0x28ff).contains(scalar.value)
    }

    mutating func eraseRest() {
        if style != .plain { output += Style.reset.utf8 }
        style = .plain
        output += "\u{1b}[K".utf8
    }

    mutating func finish() -> [UInt8] {
        if style != .plain { output += Style.reset.utf8 }
        return output
    }
}
