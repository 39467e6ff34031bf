package import GopmTerminal

/// Where the parts of the gui are.
package struct GuiLayout: Sendable, Hashable {
    static let leastColumns = 30
    static let leastRows = 9

    package let outer: Screen.Area
    /// With their frames.
    package let list: Screen.Area
    package let logs: Screen.Area?
    /// Two lines: keys, or what is typed, or a message.
    let footer: Screen.Area

    var isTooSmall: Bool { outer.columns < Self.leastColumns || outer.rows < Self.leastRows }
    var listHeight: Int { list.inner.rows }
    var logHeight: Int { logs?.inner.rows ?? 0 }

    package init(size: Terminal.Size, processes: Int, showsLogs: Bool) {
        outer = Screen.Area(row: 0, column: 0, rows: size.rows, columns: size.columns)
        let inside = outer.inner
        let height = inside.rows - 2
        // The list takes what it needs, the logs at least half of the room.
        let listRows = showsLogs ? min(max(3, processes + 2), max(3, height / 2)) : height
        let columns = max(0, inside.columns - 2)
        list = Screen.Area(row: 1, column: 2, rows: listRows, columns: columns)
        logs = showsLogs ? Screen.Area(row: 1 + listRows, column: 2, rows: height - listRows, columns: columns) : nil
        footer = Screen.Area(row: 1 + height, column: 2, rows: 2, columns: columns)
    }
}
