import GopmModel
import GopmTerminal

/// What stands before the panes.
extension GuiModel {
    private static let help: [(String, String)] = [
        ("↑ ↓  j k", "select a process, scroll the log"),
        ("PgUp PgDn Home End", "move by pages, to the start, to the end"),
        ("← →", "shift the log's lines"),
        ("Tab", "switch between list and log"),
        ("Enter", "everything about the process, with charts"),
        ("s", "start a program: what gopm start takes; Tab completes paths"),
        ("t  r  d  f", "stop, restart, delete, empty the logs"),
        ("l  e", "show or hide the log, standard output or error"),
        ("/", "filter the list by name; in the log: search"),
        ("n  N", "next line found above, below"),
        (">  <", "sort by another column"),
        ("Esc", "end the filter or the search, follow the log again"),
        ("q  Ctrl-C  Ctrl-Z", "quit, quit, to the shell"),
        ("mouse", "click selects, the wheel scrolls"),
    ]

    /// Clears an area in the middle and frames it.
    private func window(rows: Int, columns: Int, title: String, on screen: inout Screen) -> Screen.Area {
        let rows = min(rows, size.rows)
        let columns = min(columns, size.columns)
        let area = Screen.Area(
            row: (size.rows - rows) / 2,
            column: (size.columns - columns) / 2,
            rows: rows,
            columns: columns
        )
        screen.clear(area)
        screen.frame(area, title: title, .cyan, titleStyle: Style(.cyan, isBold: true))
        return Screen.Area(row: area.row + 1, column: area.column + 2, rows: area.rows - 2, columns: area.columns - 4)
    }

    func drawHelp(on screen: inout Screen) {
        let inner = window(rows: Self.help.count + 2, columns: 84, title: "Keys", on: &screen)
        for (index, line) in Self.help.prefix(inner.rows).enumerated() {
            screen.put(line.0, row: inner.row + index, column: inner.column, .bold, width: 20)
            screen.put(line.1, row: inner.row + index, column: inner.column + 20, width: inner.columns - 20)
        }
    }

    // MARK: - Start

    func drawStart(_ prompt: StartPrompt, on screen: inout Screen) {
        let listed = min(8, prompt.candidates.count)
        let inner = window(rows: 6 + listed, columns: min(100, size.columns - 4), title: "Start", on: &screen)
        let column = screen.put("gopm start ", row: inner.row, column: inner.column, .dim)
        prompt.line.draw(on: &screen, row: inner.row, column: column, width: inner.column + inner.columns - column)
        let problem = DisplayText.sanitized(prompt.problem).truncated(toWidth: inner.columns)
        screen.put(problem, row: inner.row + 1, column: inner.column, .red)
        for (index, name) in prompt.candidates.prefix(listed).enumerated() {
            let text = DisplayText.sanitized(name).truncated(toWidth: inner.columns - 2)
            screen.put(text, row: inner.row + 2 + index, column: inner.column + 2, name.hasSuffix("/") ? .cyan : .plain)
        }
        let rest = prompt.candidates.count - listed
        if rest > 0 { screen.put("and \(rest) more", row: inner.row + 2 + listed, column: inner.column + 2, .dim) }
        screen.put(
            "./myapp --name api -- --port 8080      tab completes, enter starts, esc leaves",
            row: inner.row + inner.rows - 1,
            column: inner.column,
            .dim,
            width: inner.columns
        )
    }

    // MARK: - Detail

    /// The facts as lines of a width.
    private func facts(_ record: ProcessRecord, width: Int) -> [StyledLine] {
        ProcessFacts.rows(record, now: now, path: place.abbreviate).flatMap { key, value in
            value.lines.flatMap { line in
                line.text.wrapped(toWidth: max(10, width - 19)).map { ($0, line.style ?? .plain) }
            }.enumerated().map { index, piece in
                var styled = StyledLine((index == 0 ? key : "").padded(toWidth: 19), .dim)
                styled.append(piece.0, piece.1)
                return styled
            }
        }
    }

    /// Charts beside the facts on a wide screen, above them on a high one.
    private struct DetailLayout {
        let facts: Screen.Area
        let charts: Screen.Area?

        init(_ inner: Screen.Area) {
            if inner.columns >= 100 {
                let left = inner.columns / 2
                facts = .init(row: inner.row, column: inner.column, rows: inner.rows, columns: left - 2)
                charts = .init(
                    row: inner.row,
                    column: inner.column + left,
                    rows: inner.rows,
                    columns: inner.columns - left
                )
            } else if inner.rows >= 18 {
                charts = .init(row: inner.row, column: inner.column, rows: 12, columns: inner.columns)
                facts = .init(row: inner.row + 13, column: inner.column, rows: inner.rows - 13, columns: inner.columns)
            } else {
                (facts, charts) = (inner, nil)
            }
        }
    }

    private var detailWindow: (rows: Int, columns: Int) { (size.rows - 2, size.columns - 4) }

    private var detailInner: Screen.Area {
        let (rows, columns) = detailWindow
        return Screen.Area(row: 2, column: 4, rows: rows - 2, columns: columns - 4)
    }

    /// How far the facts can be scrolled.
    func detailLimit(_ detail: Detail) -> Int {
        guard let record = feed.records.first(where: { $0.id == detail.id }) else { return 0 }
        let area = DetailLayout(detailInner).facts
        return max(0, facts(record, width: area.columns).count - area.rows)
    }

    func drawDetail(_ detail: Detail, on screen: inout Screen) {
        guard let record = feed.records.first(where: { $0.id == detail.id }) else { return }
        let (rows, columns) = detailWindow
        let title = "\(DisplayText.sanitized(record.spec.name)) (esc closes)"
        let layout = DetailLayout(window(rows: rows, columns: columns, title: title, on: &screen))
        let lines = facts(record, width: layout.facts.columns)
        for (index, line) in lines.dropFirst(detail.offset).prefix(layout.facts.rows).enumerated() {
            screen.put(line, row: layout.facts.row + index, column: layout.facts.column, width: layout.facts.columns)
        }
        guard let area = layout.charts else { return }
        let height = min(9, area.rows / 2)
        for (index, quantity) in [StatsReport.Quantity.cpu, .memory].enumerated() {
            draw(
                quantity,
                detail.samples,
                on: &screen,
                .init(row: area.row + index * height, column: area.column, rows: height, columns: area.columns)
            )
        }
    }

    private func draw(
        _ quantity: StatsReport.Quantity,
        _ samples: [StatsHistory.Sample],
        on screen: inout Screen,
        _ area: Screen.Area
    ) {
        let points = samples.filter(\.isOnline).map { Chart.Point(time: $0.time, value: $0[quantity]) }
        let last = points.last.map { " " + quantity.unit.text($0.value) } ?? " no samples yet"
        let column = screen.put(quantity.title, row: area.row, column: area.column, .bold)
        screen.put(last, row: area.row, column: column, .dim)
        let end = now.seconds
        let start = min(max(points.first?.time ?? end, end - 3600), end - 120)
        let chart = Chart(
            quantity.title,
            quantity.unit,
            times: start...end,
            series: [Chart.Series(name: "", style: .green, points: points)],
            offset: place.offset
        )
        chart.draw(
            on: &screen,
            .init(row: area.row + 1, column: area.column, rows: area.rows - 1, columns: area.columns)
        )
    }
}
