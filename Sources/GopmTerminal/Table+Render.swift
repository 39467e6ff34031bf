extension Table {
    /// The table for `descriptor`: on a terminal no wider than that and in colour where wanted, elsewhere never cut.
    package func rendered(for descriptor: Int32) -> [UInt8] {
        rendered(maximumWidth: Terminal.size(descriptor)?.columns, colour: Terminal.wantsColour(descriptor))
    }

    /// The table as UTF-8, each line ended by a newline; in one buffer, for one write.
    package func rendered(maximumWidth: Int?, colour: Bool) -> [UInt8] {
        let widths = columnWidths(maximumWidth: maximumWidth)
        var output: [UInt8] = []
        output.reserveCapacity((rows.count + 4) * (widths.reduce(0, +) + 7 * widths.count))
        appendBorder("┌", "┬", "┐", widths, to: &output)
        append(row: columns.map { Cell(lines: [$0.title]) }, widths, colour, to: &output)
        appendBorder("├", "┼", "┤", widths, to: &output)
        for row in rows {
            append(row: row, widths, colour, to: &output)
        }
        appendBorder("└", "┴", "┘", widths, to: &output)
        return output
    }

    private func appendBorder(
        _ left: String,
        _ middle: String,
        _ right: String,
        _ widths: [Int],
        to output: inout [UInt8]
    ) {
        for (index, width) in widths.enumerated() {
            output.append(contentsOf: (index == 0 ? left : middle).utf8)
            for _ in 0..<width + 2 {
                output.append(contentsOf: "─".utf8)
            }
        }
        output.append(contentsOf: right.utf8)
        output.append(UInt8(ascii: "\n"))
    }

    private func append(row: [Cell], _ widths: [Int], _ colour: Bool, to output: inout [UInt8]) {
        let cells = zip(row, zip(widths, columns)).map { cell, column in
            cell.fitted(to: column.0, column.1.overflow)
        }
        let height = cells.reduce(1) { max($0, $1.count) }
        for lineIndex in 0..<height {
            for (lines, width) in zip(cells, widths) {
                output.append(contentsOf: "│ ".utf8)
                let line = lineIndex < lines.count ? lines[lineIndex] : nil
                if let line {
                    output.append(contentsOf: (line.style?.applied(to: line.text, colour: colour) ?? line.text).utf8)
                }
                // Up to the column's width, and the blank before the next bar.
                for _ in 0..<max(0, width - (line?.width ?? 0)) + 1 {
                    output.append(UInt8(ascii: " "))
                }
            }
            output.append(contentsOf: "│\n".utf8)
        }
    }
}
