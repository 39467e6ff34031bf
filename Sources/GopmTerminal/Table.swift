/// A table in box-drawing characters, as `gopm list` and `gopm describe` print it.
///
/// ```
/// ┌────┬──────┐
/// │ ID │ Name │
/// ├────┼──────┤
/// │ 0  │ api  │
/// └────┴──────┘
/// ```
/// Cells are left-aligned and may have several lines. Their text is made safe on the way in (see ``DisplayText``), so a
/// table never carries an escape sequence that it did not write itself.
package struct Table: Sendable {
    package struct Column: Sendable {
        /// What a column does when the table is wider than the terminal.
        package enum Overflow: Sendable, Hashable {
            /// Keeps its width.
            case keeps
            /// Ends long lines with `…`.
            case truncates
            /// Continues long lines on the next one: for what people copy.
            case wraps
        }

        package let title: Cell.Line
        package let overflow: Overflow
        /// The width below which the column is not shortened, in columns of the terminal.
        package let minimumWidth: Int

        package init(_ title: String, overflow: Overflow = .keeps, minimumWidth: Int = 8) {
            self.title = Cell.Line(title, .bold)
            self.overflow = overflow
            self.minimumWidth = max(minimumWidth, self.title.width)
        }
    }

    package struct Cell: Sendable, ExpressibleByStringInterpolation {
        /// One line of a cell; a style covers all of it.
        package struct Line: Sendable {
            package let text: String
            package let style: Style?
            package let width: Int

            package init(_ text: String, _ style: Style? = nil) {
                self.text = DisplayText.sanitized(text)
                self.style = style
                width = self.text.displayWidth
            }
        }

        /// From top to bottom; none is an empty cell.
        package let lines: [Line]

        package init(_ text: String, _ style: Style? = nil) {
            lines = [Line(text, style)]
        }

        package init(lines: [Line]) {
            self.lines = lines
        }

        package init(stringLiteral value: String) {
            self.init(value)
        }

        var width: Int { lines.reduce(0) { max($0, $1.width) } }
    }

    package let columns: [Column]
    package private(set) var rows: [[Cell]] = []

    package init(_ columns: [Column]) {
        precondition(!columns.isEmpty, "a table has at least one column")
        self.columns = columns
    }

    /// Adds a row at the bottom, with a cell for each column.
    package mutating func append(_ row: [Cell]) {
        precondition(row.count == columns.count, "\(row.count) cells for \(columns.count) columns")
        rows.append(row)
    }
}
