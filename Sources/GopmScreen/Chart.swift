package import GopmTerminal

/// A chart of one quantity over time, of one process or several, in braille dots; series in, cells out.
package struct Chart: Sendable {
    package struct Point: Sendable, Hashable {
        /// Unix seconds.
        package var time: Int64
        package var value: Double

        package init(time: Int64, value: Double) {
            self.time = time
            self.value = value
        }
    }

    package struct Series: Sendable {
        package var name: String
        package var style: Style
        /// Stands on the line and in the legend where there are no colours.
        package var letter: Character?
        /// In the order of time.
        package var points: [Point]

        package init(name: String, style: Style = .plain, letter: Character? = nil, points: [Point]) {
            self.name = name
            self.style = style
            self.letter = letter
            self.points = points
        }
    }

    package var title: String
    package var unit: ChartUnit
    package var times: ClosedRange<Int64>
    package var series: [Series]
    /// Points further apart are not joined: there was no data between them.
    var longestStep: Int64
    /// Local time minus UTC at a moment, in seconds.
    package var offset: @Sendable (Int64) -> Int64

    package init(
        _ title: String,
        _ unit: ChartUnit,
        times: ClosedRange<Int64>,
        series: [Series],
        longestStep: Int64 = 90,
        offset: @escaping @Sendable (Int64) -> Int64
    ) {
        self.title = title
        self.unit = unit
        self.times = times
        self.series = series
        self.longestStep = longestStep
        self.offset = offset
    }

    /// Draws the chart with its axes into an area of at least 3 rows: its last two rows are the lower axis.
    package func draw(on screen: inout Screen, _ area: Screen.Area) {
        let rows = area.rows - 2
        guard rows >= 1, area.columns >= 16 else { return }
        let scale = ChartScale(maximum: highest, unit: unit, intervals: max(1, rows / 2))
        let labels = scale.marks.map(unit.text)
        let margin = min(area.columns / 2, (labels.map(\.displayWidth).max() ?? 0) + 2)
        var canvas = BrailleCanvas(columns: area.columns - margin, rows: rows)
        let place = Placement(canvas: canvas, times: times, top: scale.top)
        for row in area.row..<area.row + rows { screen.put("│", row: row, column: area.column + margin - 1, .dim) }
        for (mark, label) in zip(scale.marks, labels) {
            let row = area.row + place.y(mark) / 4
            screen.put(label, row: row, column: area.column + margin - 2 - label.displayWidth, .dim)
            screen.put("┤", row: row, column: area.column + margin - 1, .dim)
        }
        for one in series { draw(one, place, &canvas) }
        canvas.draw(on: &screen, row: area.row, column: area.column + margin)
        for (index, one) in series.enumerated() {
            mark(one, index, place, &screen, row: area.row, column: area.column + margin)
        }
        drawTimes(place, &screen, row: area.row + rows, column: area.column + margin)
    }

    private var highest: Double {
        series.reduce(0) { $1.points.reduce($0) { times.contains($1.time) ? max($0, $1.value) : $0 } }
    }

    private func draw(_ one: Series, _ place: Placement, _ canvas: inout BrailleCanvas) {
        var last: Point?
        for point in one.points where times.contains(point.time) && point.value.isFinite {
            let dot = place.dot(point)
            if let last, point.time - last.time <= longestStep {
                canvas.line(from: place.dot(last), to: dot, one.style)
            } else {
                canvas.set(x: dot.x, y: dot.y, one.style)
            }
            last = point
        }
    }

    /// Writes the letter on the line here and there, at other places for each series, and at its end.
    private func mark(_ one: Series, _ index: Int, _ place: Placement, _ screen: inout Screen, row: Int, column: Int) {
        guard let letter = one.letter else { return }
        let cell = Screen.Cell(character: letter, style: one.style)
        let distance = 12 + 2 * series.count
        var next = 2 + index * 4 % distance
        for point in one.points where times.contains(point.time) {
            let dot = place.dot(point)
            guard dot.x / 2 >= next else { continue }
            screen.set(row + dot.y / 4, column + dot.x / 2, cell)
            next = dot.x / 2 + distance
        }
        guard let last = one.points.last, times.contains(last.time) else { return }
        let dot = place.dot(last)
        screen.set(row + dot.y / 4, column + dot.x / 2, cell)
    }

    private func drawTimes(_ place: Placement, _ screen: inout Screen, row: Int, column: Int) {
        let columns = place.canvas.columns
        screen.put("└" + String(repeating: "─", count: columns), row: row, column: column - 1, .dim)
        for time in TimeAxis.marks(in: times, atMost: columns / 10, offset: offset) {
            let x = place.x(time) / 2
            screen.put("┬", row: row, column: column + x, .dim)
            // A label stands under its mark, or ends at the edge.
            let start = max(0, min(columns - 5, x - 2))
            screen.put(TimeAxis.text(time, offset: offset), row: row + 1, column: column + start, .dim)
        }
    }
}

/// Where times and values are among the dots.
private struct Placement {
    let canvas: BrailleCanvas
    let times: ClosedRange<Int64>
    let top: Double

    func x(_ time: Int64) -> Int {
        let span = max(1, times.upperBound - times.lowerBound)
        return Int((time - times.lowerBound) * Int64(canvas.dotColumns - 1) / span)
    }

    func y(_ value: Double) -> Int {
        let share = min(1, max(0, value / top))
        return canvas.dotRows - 1 - Int((share * Double(canvas.dotRows - 1)).rounded())
    }

    func dot(_ point: Chart.Point) -> (x: Int, y: Int) { (x(point.time), y(point.value)) }
}
