import GopmTerminal

/// The charts of `stats`, each with all processes in it and a legend.
package struct StatsReport: Sendable {
    package enum Quantity: String, Sendable, CaseIterable {
        case cpu, memory, uptime, restarts
    }

    package var history: StatsHistory
    package var quantities: [Quantity]
    /// Unix seconds: the end of the axis.
    package var now: Int64
    package var hours: Int
    package var offset: @Sendable (Int64) -> Int64

    /// More lines than colours can't be told apart.
    static let mostSeries = 12
    private static let colours: [Style.Colour] = [
        .green, .cyan, .yellow, .magenta, .blue, .red, .brightGreen, .brightCyan, .brightYellow, .brightMagenta,
        .brightBlue, .brightRed,
    ]
    /// An axis shorter than this would show noise.
    private static let shortestSpan: Int64 = 600

    package init(
        _ history: StatsHistory,
        _ quantities: [Quantity],
        now: Int64,
        hours: Int,
        offset: @escaping @Sendable (Int64) -> Int64
    ) {
        self.history = history
        self.quantities = quantities
        self.now = now
        self.hours = hours
        self.offset = offset
    }

    /// From the first sample on, but no more than was asked for.
    private var times: ClosedRange<Int64> {
        let first = max(history.firstTime ?? now, now - Int64(hours) * 3600)
        return min(first, now - Self.shortestSpan)...now
    }

    /// All charts one below the other; `plotRows` are the rows between the axes of each.
    ///
    /// Without `colour` letters tell the lines apart.
    package func lines(columns: Int, plotRows: Int, colour: Bool) -> [UInt8] {
        quantities.flatMap { quantity in
            let (chart, hidden) = chart(quantity, colour: colour)
            let legend = legend(chart, hidden: hidden, columns: columns)
            var screen = Screen(.init(columns: columns, rows: plotRows + 4 + legend.count))
            screen.put(chart.title, row: 0, column: 0, .bold)
            chart.draw(on: &screen, .init(row: 1, column: 0, rows: plotRows + 2, columns: columns))
            for (index, line) in legend.enumerated() { screen.put(line, row: plotRows + 3 + index, column: 0) }
            return screen.lines(colour: colour)
        }
    }

    private func chart(_ quantity: Quantity, colour: Bool) -> (chart: Chart, hidden: Int) {
        var processes = history.processes
        if processes.count > Self.mostSeries {
            func peak(_ process: StatsHistory.Process) -> Double {
                process.samples.reduce(0) { max($0, $1[quantity]) }
            }
            // The busiest; equal ones in their order.
            processes = processes.enumerated()
                .map { (peak: peak($1), index: $0, process: $1) }
                .sorted { ($1.peak, $0.index) < ($0.peak, $1.index) }
                .prefix(Self.mostSeries).map(\.process)
        }
        let series = processes.enumerated().map { index, process in
            Chart.Series(
                name: process.name,
                style: Style(Self.colours[index % Self.colours.count]),
                letter: colour || processes.count == 1 ? nil : Self.letter(index),
                points: process.samples.filter { $0.isOnline || quantity == .restarts }
                    .map { Chart.Point(time: $0.time, value: $0[quantity]) }
            )
        }
        let chart = Chart(quantity.title, quantity.unit, times: times, series: series, offset: offset)
        return (chart, history.processes.count - processes.count)
    }

    private static func letter(_ index: Int) -> Character {
        Character(Unicode.Scalar(UInt8(ascii: "A") + UInt8(index % 26)))
    }

    /// The names with their last values, in as many lines as they take.
    private func legend(_ chart: Chart, hidden: Int, columns: Int) -> [StyledLine] {
        var entries = chart.series.map { one in
            var entry = StyledLine("\(one.letter ?? "━") ", one.style)
            entry.append(DisplayText.sanitized(one.name).truncated(toWidth: max(1, columns - 16)))
            let last = one.points.last.map { chart.unit.text($0.value) } ?? "-"
            entry.append(" \(last)", .dim)
            return entry
        }
        if hidden > 0 { entries.append(StyledLine("and \(hidden) more: gopm stats NAME", .dim)) }
        var lines = [StyledLine()]
        for entry in entries {
            let line = lines[lines.count - 1]
            if line.displayWidth > 0, line.displayWidth + 3 + entry.displayWidth > columns {
                lines.append(StyledLine())
            }
            let isFirst = lines[lines.count - 1].displayWidth == 0
            if !isFirst { lines[lines.count - 1].append("   ") }
            for span in entry.spans { lines[lines.count - 1].append(span.text, span.style) }
        }
        return lines
    }
}

extension StatsReport.Quantity {
    package var title: String {
        switch self {
        case .cpu: "CPU"
        case .memory: "Memory"
        case .uptime: "Uptime"
        case .restarts: "Restarts"
        }
    }

    package var unit: ChartUnit {
        switch self {
        case .cpu: .percent
        case .memory: .bytes
        case .uptime: .seconds
        case .restarts: .count
        }
    }
}

extension StatsHistory.Sample {
    package subscript(quantity: StatsReport.Quantity) -> Double {
        switch quantity {
        case .cpu: cpuPercent
        case .memory: memory
        case .uptime: uptime
        case .restarts: restarts
        }
    }
}
