/// What a terminal shall show: a grid of cells, as a value.
///
/// Text that is put on it must have gone through ``DisplayText``; what takes no column is left out. Everything outside of
/// the grid is cut off, a wide character at the edge included.
package struct Screen: Sendable, Hashable {
    package struct Cell: Sendable, Hashable {
        package static let blank = Cell(character: " ", style: .plain)

        package var character: Character
        package var style: Style
        /// Columns: 1, 2, or 0 for the right half of the wide character before it.
        package var width: Int8

        package init(character: Character, style: Style, width: Int8 = 1) {
            self.character = character
            self.style = style
            self.width = width
        }
    }

    package let size: Terminal.Size
    /// Row by row.
    package private(set) var cells: [Cell]

    package init(_ size: Terminal.Size) {
        self.size = size
        cells = Array(repeating: .blank, count: max(0, size.columns * size.rows))
    }

    package subscript(row: Int, column: Int) -> Cell {
        cells[row * size.columns + column]
    }

    package func row(_ row: Int) -> ArraySlice<Cell> {
        cells[row * size.columns..<(row + 1) * size.columns]
    }

    /// The text of a row without the blanks at its end.
    package func text(_ row: Int) -> String {
        let characters = self.row(row).filter { $0.width > 0 }.map(\.character)
        return String(characters.reversed().drop { $0 == " " }.reversed())
    }

    /// Puts text into a row, in at most `width` columns.
    ///
    /// - Returns: The column behind it.
    @discardableResult
    package mutating func put(
        _ text: String,
        row: Int,
        column: Int,
        _ style: Style = .plain,
        width: Int = .max
    ) -> Int {
        guard row >= 0, row < size.rows else { return column }
        let end = min(size.columns, width > size.columns ? size.columns : column + width)
        var column = column
        for character in text {
            let width = character.displayWidth
            guard width > 0 else { continue }
            guard column + width <= end else { break }
            if column >= 0 { set(row, column, Cell(character: character, style: style, width: Int8(width))) }
            column += width
        }
        return column
    }

    /// Puts a piece of styled text into a row.
    @discardableResult
    package mutating func put(_ line: StyledLine, row: Int, column: Int, width: Int = .max) -> Int {
        let end = width == .max ? size.columns : column + width
        var place = column
        for span in line.spans {
            place = put(span.text, row: row, column: place, span.style, width: max(0, end - place))
        }
        return place
    }

    /// Gives the cells of a row's part another style.
    package mutating func restyle(row: Int, columns: Range<Int>, _ change: (Style) -> Style) {
        guard row >= 0, row < size.rows else { return }
        for column in columns.clamped(to: 0..<size.columns) {
            let index = row * size.columns + column
            cells[index].style = change(cells[index].style)
        }
    }

    /// Sets one cell, if it is on the screen; half a wide character becomes a blank.
    package mutating func set(_ row: Int, _ column: Int, _ cell: Cell) {
        guard row >= 0, row < size.rows, column >= 0, column < size.columns else { return }
        let index = row * size.columns + column
        if cells[index].width == 0 { cells[index - 1] = .blank }
        if cells[index].width == 2 { cells[index + 1] = .blank }
        cells[index] = cell
        guard cell.width == 2, column + 1 < size.columns else { return }
        if cells[index + 1].width == 2 { cells[index + 2] = .blank }
        cells[index + 1] = Cell(character: " ", style: cell.style, width: 0)
    }
}

extension Screen {
    /// A part of a screen.
    package struct Area: Sendable, Hashable {
        package var row: Int
        package var column: Int
        package var rows: Int
        package var columns: Int

        package init(row: Int, column: Int, rows: Int, columns: Int) {
            self.row = row
            self.column = column
            self.rows = max(0, rows)
            self.columns = max(0, columns)
        }

        /// Without a frame of one cell.
        package var inner: Area { Area(row: row + 1, column: column + 1, rows: rows - 2, columns: columns - 2) }

        package func contains(row: Int, column: Int) -> Bool {
            (self.row..<self.row + rows).contains(row) && (self.column..<self.column + columns).contains(column)
        }
    }

    package var area: Area { Area(row: 0, column: 0, rows: size.rows, columns: size.columns) }

    package mutating func clear(_ area: Area) {
        let blanks = String(repeating: " ", count: area.columns)
        for row in area.row..<area.row + area.rows { put(blanks, row: row, column: area.column) }
    }

    /// Draws a frame along the edges of an area, with a title in its upper side.
    package mutating func frame(_ area: Area, title: String = "", _ style: Style = .plain, titleStyle: Style = .bold) {
        guard area.rows >= 2, area.columns >= 2 else { return }
        let side = String(repeating: "─", count: area.columns - 2)
        let last = area.row + area.rows - 1
        put("┌\(side)┐", row: area.row, column: area.column, style)
        for row in area.row + 1..<last {
            put("│", row: row, column: area.column, style)
            put("│", row: row, column: area.column + area.columns - 1, style)
        }
        put("└\(side)┘", row: last, column: area.column, style)
        guard !title.isEmpty, area.columns > 6 else { return }
        put(" \(title.truncated(toWidth: area.columns - 6)) ", row: area.row, column: area.column + 2, titleStyle)
    }
}
