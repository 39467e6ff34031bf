package import GopmModel
package import GopmTerminal

/// What `watch` shows.
package struct WatchView: Sendable {
    package var records: [ProcessRecord] = []
    package var showsPorts = false
    /// A line below the table, such as that the daemon is away.
    package var note: StyledLine?
    /// How many lines of the table's body are above the screen.
    package private(set) var offset = 0

    package init() {}

    package var table: Table { ProcessTable.table(records, now: now, ports: showsPorts) }
    /// When the table is drawn, for uptimes.
    package var now = Timestamp(nanoseconds: 0)

    /// Lines of the table's head: a border, the titles, a border.
    private static let headLines = 3

    /// Moves through a table that is taller than the screen; returns whether the key is one for that.
    package mutating func scroll(_ key: Key, size: Terminal.Size) -> Bool {
        let page = max(1, size.rows - Self.headLines - 2)
        switch key {
        case .up, .character("k"): offset -= 1
        case .down, .character("j"): offset += 1
        case .pageUp: offset -= page
        case .pageDown, .character(" "): offset += page
        case .home, .character("g"): offset = 0
        case .end, .character("G"): offset = .max / 2
        default: return false
        }
        return true
    }

    /// Draws the table; where it is too tall, the part that was scrolled to, with its head.
    package mutating func screen(_ size: Terminal.Size, colour: Bool) -> Screen {
        var screen = Screen(size)
        var lines = table.rendered(maximumWidth: size.columns, colour: colour)
            .split(separator: UInt8(ascii: "\n")).map { StyledLine(terminalText: Array($0)) }
        if records.isEmpty { lines = [StyledLine("no processes", .dim)] }
        let head = lines.prefix(records.isEmpty ? 0 : Self.headLines)
        let body = lines.dropFirst(head.count)
        var room = size.rows - head.count - (note == nil ? 0 : 1)
        let isCut = body.count > room
        if isCut { room -= 1 }
        offset = min(max(0, offset), max(0, body.count - room))
        let shown = body.dropFirst(offset).prefix(max(0, room))
        var row = 0
        for line in head + shown {
            screen.put(line, row: row, column: 0)
            row += 1
        }
        if isCut {
            let rest = body.count - offset - shown.count
            screen.put("↑ \(offset) ↓ \(rest) lines more (arrow keys)", row: row, column: 0, .dim)
            row += 1
        }
        if let note { screen.put(note, row: row, column: 0) }
        return screen
    }
}
