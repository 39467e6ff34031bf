package import GopmModel

/// The list of the gui: which processes it shows, in which order, which one is selected.
package struct ListPane: Sendable {
    package enum Order: String, Sendable, CaseIterable {
        case id, name, status, cpu, memory, restarts, uptime
    }

    /// In the order shown, without those that the filter leaves out.
    package private(set) var rows: [ProcessRecord] = []
    package private(set) var total = 0
    package private(set) var order = Order.id
    package private(set) var filter = ""
    /// The selected process; nil only when there are no rows.
    private(set) var selectedID: Int?
    /// The row at the top.
    package private(set) var offset = 0

    package init() {}

    var selectedRow: Int? { selectedID.flatMap { id in rows.firstIndex { $0.id == id } } }
    package var selected: ProcessRecord? { selectedRow.map { rows[$0] } }

    /// Takes the processes as they are now; the selection stays with its process, or else with its place.
    package mutating func update(_ records: [ProcessRecord]) {
        let place = selectedRow ?? 0
        total = records.count
        rows = records.filter { filter.isEmpty || $0.spec.name.lowercased().contains(filter.lowercased()) }
        sort()
        if selectedRow == nil { select(row: place) }
    }

    mutating func setFilter(_ text: String, _ records: [ProcessRecord]) {
        filter = text
        update(records)
    }

    mutating func nextOrder(by step: Int, _ records: [ProcessRecord]) {
        let all = Order.allCases
        let index = all.firstIndex(of: order) ?? 0
        order = all[(index + step + all.count) % all.count]
        update(records)
    }

    mutating func select(row: Int) {
        selectedID = rows.isEmpty ? nil : rows[min(max(0, row), rows.count - 1)].id
    }

    package mutating func move(by count: Int) {
        select(row: (selectedRow ?? 0) + count)
    }

    /// Keeps the selection in view; `height` is the number of rows that fit.
    package mutating func scroll(height: Int) {
        let row = selectedRow ?? 0
        offset = min(offset, row)
        offset = max(offset, row - max(1, height) + 1)
        offset = max(0, min(offset, rows.count - max(1, height)))
    }

    /// Equal ones stay in the order of their ids.
    private mutating func sort() {
        switch order {
        case .id: break
        case .name: rows.sort { ($0.spec.name, $0.id) < ($1.spec.name, $1.id) }
        case .status: rows.sort { ($0.state.rank, $0.id) < ($1.state.rank, $1.id) }
        case .cpu: rows.sort { ($1.cpuPercent, $0.id) < ($0.cpuPercent, $1.id) }
        case .memory: rows.sort { ($1.memory, $0.id) < ($0.memory, $1.id) }
        case .restarts: rows.sort { ($1.counters.restarts, $0.id) < ($0.counters.restarts, $1.id) }
        case .uptime: rows.sort { ($0.startOrder, $0.id) < ($1.startOrder, $1.id) }
        }
    }
}

extension ProcessState {
    /// Trouble first.
    fileprivate var rank: Int {
        switch self {
        case .errored: 0
        case .waiting: 1
        case .stopping: 2
        case .starting: 3
        case .running: 4
        case .stopped: 5
        }
    }
}

extension ProcessRecord {
    /// Longest up first, and those that are not up last.
    fileprivate var startOrder: Int64 { state.status == "online" ? startedAt?.nanoseconds ?? .max : .max }
}
