extension Table {
    /// The width of each column's text, so that the whole table fits `maximumWidth` if that can be had.
    ///
    /// All columns that may be shortened get one common ceiling, the highest that fits: so it is the widest that give
    /// way, and short ones stay whole. None goes below its minimum; if that is still too wide, the table is.
    func columnWidths(maximumWidth: Int?) -> [Int] {
        var natural = columns.map(\.title.width)
        for row in rows {
            for (index, cell) in row.enumerated() {
                natural[index] = max(natural[index], cell.width)
            }
        }
        // "│ " before each column, " " after it, "│" at the end.
        guard let maximumWidth, natural.reduce(0, +) + 3 * columns.count + 1 > maximumWidth else { return natural }
        let available = maximumWidth - 3 * columns.count - 1

        func widths(ceiling: Int) -> [Int] {
            zip(columns, natural).map { column, width in
                column.overflow == .keeps ? width : min(width, max(ceiling, column.minimumWidth))
            }
        }
        var fitting = 0
        var tooWide = natural.reduce(0, max)
        while tooWide - fitting > 1 {
            let ceiling = (fitting + tooWide) / 2
            if widths(ceiling: ceiling).reduce(0, +) <= available {
                fitting = ceiling
            } else {
                tooWide = ceiling
            }
        }
        return handOut(available, to: widths(ceiling: fitting), natural: natural)
    }

    /// Gives the few columns that a common ceiling leaves over, one each, to those who could use them.
    private func handOut(_ available: Int, to widths: [Int], natural: [Int]) -> [Int] {
        var widths = widths
        var left = available - widths.reduce(0, +)
        for index in widths.indices where left > 0 && widths[index] < natural[index] {
            widths[index] += 1
            left -= 1
        }
        return widths
    }
}

extension Table.Cell {
    /// The lines as they go into a column of `width`.
    func fitted(to width: Int, _ overflow: Table.Column.Overflow) -> [Line] {
        guard self.width > width else { return lines }
        return lines.flatMap { line -> [Line] in
            switch overflow {
            case .keeps: [line]
            case .truncates: [Line(line.text.truncated(toWidth: width), line.style)]
            case .wraps: line.text.wrapped(toWidth: width).map { Line($0, line.style) }
            }
        }
    }
}
