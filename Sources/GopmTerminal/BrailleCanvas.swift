/// A grid of dots, two by four a cell, that is shown by the characters U+2800 to U+28FF.
package struct BrailleCanvas: Sendable, Hashable {
    package let columns: Int
    package let rows: Int
    /// Bit by bit the dots of a cell, as the low byte of its character has them.
    private var cells: [UInt8]
    private var styles: [Style]

    /// Which bit is which dot, by row and column within the cell (Unicode, chapter 21.1).
    private static let bits: [UInt8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]

    package init(columns: Int, rows: Int) {
        self.columns = max(0, columns)
        self.rows = max(0, rows)
        cells = Array(repeating: 0, count: self.columns * self.rows)
        styles = Array(repeating: .plain, count: cells.count)
    }

    package var dotColumns: Int { columns * 2 }
    package var dotRows: Int { rows * 4 }

    /// Sets a dot; 0, 0 is at the top left.
    ///
    /// A cell has the style of its last dot.
    package mutating func set(x: Int, y: Int, _ style: Style) {
        guard (0..<dotColumns).contains(x), (0..<dotRows).contains(y) else { return }
        let index = y / 4 * columns + x / 2
        cells[index] |= Self.bits[y % 4 * 2 + x % 2]
        styles[index] = style
    }

    /// Sets the dots between two, both included.
    package mutating func line(from: (x: Int, y: Int), to: (x: Int, y: Int), _ style: Style) {
        let steps = max(abs(to.x - from.x), abs(to.y - from.y))
        set(x: from.x, y: from.y, style)
        guard steps > 0 else { return }
        for step in 1...steps {
            // Rounded to the nearest dot.
            let x = from.x + (2 * (to.x - from.x) * step + steps) / (2 * steps)
            let y = from.y + (2 * (to.y - from.y) * step + steps) / (2 * steps)
            set(x: x, y: y, style)
        }
    }

    /// Puts the cells that have dots on a screen.
    package func draw(on screen: inout Screen, row: Int, column: Int) {
        for index in cells.indices where cells[index] != 0 {
            let scalar = Unicode.Scalar(0x2800 + UInt32(cells[index])).map(Character.init) ?? " "
            let cell = Screen.Cell(character: scalar, style: styles[index])
            screen.set(row + index / columns, column + index % columns, cell)
        }
    }
}
