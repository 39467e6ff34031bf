import GopmModel
package import GopmTerminal

/// The picture of a model: the frame, the two panes, the footer, and what stands before them.
extension GuiModel {
    package func screen() -> Screen {
        var screen = Screen(size)
        let layout = layout
        guard !layout.isTooSmall else {
            screen.put("too small for gopm gui", row: 0, column: 0)
            return screen
        }
        screen.frame(layout.outer, .dim)
        drawHeader(on: &screen, layout.outer)
        drawList(on: &screen, layout.list)
        if let area = layout.logs { drawLogs(on: &screen, area) }
        drawFooter(on: &screen, layout.footer)
        switch overlay {
        case .help: drawHelp(on: &screen)
        case .detail(let detail): drawDetail(detail, on: &screen)
        case .start(let prompt): drawStart(prompt, on: &screen)
        case .confirmDelete, .filter, .search, nil: break
        }
        return screen
    }

    /// Writes into the upper side of the frame.
    ///
    /// `┌─ gopm v0.1.0 ───────── daemon PID: 1150 ── uptime: 4d 12h ─┐`
    private func drawHeader(on screen: inout Screen, _ area: Screen.Area) {
        let name = " gopm v\(place.version) "
        screen.put(name, row: 0, column: 2, .bold)
        guard daemon.isThere else {
            let text = " the daemon is not running; waiting for it "
            screen.put(text, row: 0, column: max(name.count + 3, area.columns - text.count - 2), .red)
            return
        }
        var pieces = [
            " daemon PID: \(daemon.pid) ", " uptime: \(HumanFormat.uptime(.milliseconds(clock - daemon.started))) ",
        ]
        if daemon.version != place.version, !daemon.version.isEmpty {
            pieces.insert(" daemon v\(DisplayText.sanitized(daemon.version)) ", at: 0)
        }
        // From the right; what has no room is left out.
        var column = area.columns - 2
        for piece in pieces.reversed() {
            guard column - piece.displayWidth > name.count + 3 else { return }
            column -= piece.displayWidth
            screen.put(piece, row: 0, column: column, piece.hasPrefix(" daemon v") ? .red : .plain)
            column -= 2
        }
    }

    private func drawFooter(on screen: inout Screen, _ area: Screen.Area) {
        switch overlay {
        case .filter(let editor):
            return drawLine("filter by name: ", editor, on: &screen, area, "enter keeps it, esc shows all")
        case .search(let editor):
            return drawLine("search the log: ", editor, on: &screen, area, "n and N go on, esc ends")
        case .confirmDelete(let name):
            let text = "delete \(DisplayText.sanitized(name))? It is stopped and forgotten; its logs stay."
            screen.put(text.truncated(toWidth: area.columns), row: area.row, column: area.column, .yellow)
            put(keys: ["[y]es", "[n]o"], on: &screen, area.row + 1, area)
            return
        case .help, .detail, .start, nil: break
        }
        put(keys: Self.actionKeys, on: &screen, area.row, area)
        if let message {
            let text = DisplayText.sanitized(message.text).truncated(toWidth: area.columns)
            screen.put(text, row: area.row + 1, column: area.column, message.isError ? .red : .green)
        } else {
            put(keys: focus == .list ? Self.listKeys : Self.logKeys, on: &screen, area.row + 1, area)
        }
    }

    private static let actionKeys = [
        "[s]tart", "s[t]op", "[r]estart", "[d]elete", "[f]lush", "[l]ogs", "[e]rr/out", "[?] help",
    ]
    private static let listKeys = [
        "[↑↓] navigate", "[enter] describe", "[tab] switch pane", "[/] filter", "[>] sort", "[q] quit",
    ]
    private static let logKeys = ["[↑↓] scroll", "[/] search", "[end] follow", "[tab] switch pane", "[q] quit"]

    /// Puts as many of the keys as fit, those in brackets in bold.
    private func put(keys: [String], on screen: inout Screen, _ row: Int, _ area: Screen.Area) {
        var column = area.column
        for key in keys {
            guard column + key.displayWidth <= area.column + area.columns else { return }
            var isKey = false
            for character in key {
                if character == "]" { isKey = false }
                column = screen.put(String(character), row: row, column: column, isKey ? .bold : .dim)
                if character == "[" { isKey = true }
            }
            column += 2
        }
    }

    private func drawLine(
        _ label: String,
        _ editor: LineEditor,
        on screen: inout Screen,
        _ area: Screen.Area,
        _ hint: String
    ) {
        let column = screen.put(label, row: area.row, column: area.column, .bold)
        editor.draw(on: &screen, row: area.row, column: column, width: area.column + area.columns - column)
        screen.put(hint, row: area.row + 1, column: area.column, .dim, width: area.columns)
    }
}
