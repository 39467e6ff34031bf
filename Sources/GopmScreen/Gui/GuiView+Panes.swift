import GopmModel
import GopmTerminal

extension GuiModel {
    // MARK: - The list

    func drawList(on screen: inout Screen, _ area: Screen.Area) {
        var title = "Processes"
        if !list.filter.isEmpty {
            title += " (\(list.rows.count) of \(list.total), \"\(DisplayText.sanitized(list.filter))\")"
        }
        if list.order != .id { title += " by \(list.order.rawValue)" }
        let isFocused = focus == .list
        drawFrame(title, isFocused: isFocused, on: &screen, area)
        let inner = area.inner
        guard !list.rows.isEmpty else {
            let text = list.total > 0 ? "no name has this in it" : feed.isKnown ? "no processes; s starts one" : "…"
            screen.put(text, row: inner.row, column: inner.column + 1, .dim, width: inner.columns - 1)
            return
        }
        let columns = RowColumns(list.rows, width: inner.columns - 2)
        let selected = list.selectedRow
        for (index, record) in list.rows[list.offset...].prefix(inner.rows).enumerated() {
            let row = inner.row + index
            let isSelected = list.offset + index == selected
            if isSelected { screen.put("▸", row: row, column: inner.column, .bold) }
            columns.draw(record, now: now, on: &screen, row: row, column: inner.column + 2)
            if isSelected, isFocused {
                screen.restyle(row: row, columns: inner.column..<inner.column + inner.columns) { $0.reversed }
            }
        }
        drawPosition(list.offset, inner.rows, of: list.rows.count, on: &screen, area)
    }

    /// Brighter around the pane that has the keys.
    private func drawFrame(_ title: String, isFocused: Bool, on screen: inout Screen, _ area: Screen.Area) {
        screen.frame(
            area,
            title: title,
            isFocused ? .cyan : .dim,
            titleStyle: isFocused ? Style(.cyan, isBold: true) : .plain
        )
    }

    /// How much is above and below, in the frame.
    private func drawPosition(_ above: Int, _ shown: Int, of count: Int, on screen: inout Screen, _ area: Screen.Area) {
        let below = count - above - shown
        guard above > 0 || below > 0 else { return }
        let text = " ↑\(max(0, above)) ↓\(max(0, below)) "
        let column = area.column + area.columns - text.displayWidth - 2
        guard column > area.column + 1 else { return }
        screen.put(text, row: area.row + area.rows - 1, column: column, .dim)
    }

    // MARK: - The logs

    func drawLogs(on screen: inout Screen, _ area: Screen.Area) {
        let name = list.selected.map { DisplayText.sanitized($0.spec.name) } ?? "-"
        var title = "Logs (\(name)\(logs.stream == .err ? ", stderr" : ""))"
        if !logs.isFollowing { title += " paused" }
        drawFrame(title, isFocused: focus == .logs, on: &screen, area)
        let inner = area.inner
        let visible = logs.visible(height: inner.rows)
        for (row, index) in visible.indices.enumerated() {
            draw(visible[index], isFound: index == logs.found, on: &screen, row: inner.row + row, inner)
        }
        if !logs.isFollowing {
            drawPosition(visible.startIndex, visible.count, of: logs.lines.count, on: &screen, area)
        }
        if list.selected != nil, logs.lines.isEmpty {
            screen.put("nothing written yet", row: inner.row, column: inner.column + 1, .dim, width: inner.columns - 1)
        }
    }

    private func draw(_ line: LogPane.Line, isFound: Bool, on screen: inout Screen, row: Int, _ area: Screen.Area) {
        var line = line.styled
        if logs.left > 0 { line = line.dropping(columns: logs.left) }
        screen.put(line, row: row, column: area.column + 1, width: area.columns - 1)
        if isFound { screen.put("▸", row: row, column: area.column, .bold) }
        guard !logs.search.isEmpty, let range = line.text.matches(logs.search) else { return }
        let start = area.column + 1 + String(line.text[..<range.lowerBound]).displayWidth
        let end = min(start + String(line.text[range]).displayWidth, area.column + area.columns)
        if start < end { screen.restyle(row: row, columns: start..<end) { $0.reversed } }
    }
}

/// Where the fields of the list's rows stand; narrow panes have fewer of them.
private struct RowColumns {
    private enum Field: CaseIterable {
        case status, cpu, memory, restarts, pid, uptime

        var width: Int {
            switch self {
            case .status: 10
            case .cpu: 10
            case .memory: 12
            case .restarts: 6
            case .pid: 11
            case .uptime: 10
            }
        }
    }

    private let idWidth: Int
    private let nameWidth: Int
    private var fields: [Field] = []

    init(_ records: [ProcessRecord], width: Int) {
        idWidth = String(records.reduce(0) { max($0, $1.id) }).count
        let longest = records.reduce(4) { max($0, $1.spec.name.utf8.count) }
        var left = width - idWidth - 2 - min(longest, max(8, width / 3)) - 2
        // The most important first.
        for field in Field.allCases where left >= field.width {
            fields.append(field)
            left -= field.width + 1
        }
        nameWidth = min(longest, width - idWidth - 2 - fields.reduce(0) { $0 + $1.width + 1 })
    }

    func draw(_ record: ProcessRecord, now: Timestamp, on screen: inout Screen, row: Int, column: Int) {
        let id = String(record.id)
        screen.put(String(repeating: " ", count: max(0, idWidth - id.count)) + id, row: row, column: column)
        let name = DisplayText.sanitized(record.spec.name).truncated(toWidth: nameWidth)
        screen.put(name, row: row, column: column + idWidth + 2)
        var place = column + idWidth + 2 + nameWidth + 2
        // As the manual pictures them: the PID after the status.
        for field in [Field.status, .pid, .cpu, .memory, .restarts, .uptime] where fields.contains(field) {
            let (text, style) = text(field, record, now)
            screen.put(text, row: row, column: place, style, width: field.width)
            place += field.width + 1
        }
    }

    private func text(_ field: Field, _ record: ProcessRecord, _ now: Timestamp) -> (String, Style) {
        if field == .status { return (record.state.word, record.state.style) }
        if field == .restarts {
            return ("↻ \(record.counters.restarts)", record.counters.restarts > 0 ? .yellow : .plain)
        }
        guard record.state.status == "online" else { return ("-", .dim) }
        return switch field {
        case .pid: ("PID \(record.pid)", .plain)
        case .cpu: ("CPU \(HumanFormat.percent(record.cpuPercent))", .plain)
        case .memory: ("MEM \(HumanFormat.bytes(UInt64(max(0, record.memory))))", .plain)
        default: ("UP \(HumanFormat.uptime(record.uptime(at: now)))", .plain)
        }
    }
}
