import GopmScreen
import GopmTerminal
import Testing

@Suite struct ChartTests {
    /// 12:00 UTC of some day.
    private let noon: Int64 = 1_800_014_400

    private func series(_ name: String, _ values: [Double?], letter: Character? = nil) -> Chart.Series {
        let points = values.enumerated().compactMap { minute, value in
            value.map { Chart.Point(time: noon + Int64(minute) * 60, value: $0) }
        }
        return Chart.Series(name: name, style: .green, letter: letter, points: points)
    }

    private func draw(
        _ unit: ChartUnit,
        _ series: Chart.Series...,
        minutes: Int64 = 30,
        columns: Int = 40,
        rows: Int = 6,
        offset: Int64 = 0
    ) -> [String] {
        let chart = Chart("x", unit, times: noon...(noon + minutes * 60), series: series) { _ in offset }
        var screen = Screen(.init(columns: columns, rows: rows))
        chart.draw(on: &screen, screen.area)
        return (0..<rows).map { screen.text($0) }
    }

    @Test func aRisingLine() {
        let lines = draw(.percent, series("a", (0...30).map { Double($0) }))
        #expect(
            lines == [
                "40% ┤",
                "20% ┤                       ⣀⣀⣀⡤⠤⠤⠴⠒⠒⠋⠉⠉",
                "    │           ⢀⣀⣠⠤⠤⠤⠖⠒⠒⠚⠉⠉⠁",
                " 0% ┤⣀⣀⡤⠤⠴⠒⠒⠒⠋⠉⠉⠉",
                "    └┬──────────┬───────────┬──────────┬",
                "     12:00    12:10       12:20    12:30",
            ]
        )
    }

    @Test func noDataIsAGap() {
        let whole = draw(.count, series("a", Array(repeating: 1, count: 31)))
        var values: [Double?] = Array(repeating: 1, count: 31)
        for minute in 10..<20 { values[minute] = nil }
        let broken = draw(.count, series("a", values))
        let dots: (String) -> [Bool] = { line in line.dropFirst(5).map { $0 != " " } }
        #expect(dots(whole[0]).allSatisfy { $0 })
        let gap = dots(broken[0])
        #expect(gap.first == true && gap.last == true)
        // Eleven of thirty minutes, of 36 columns.
        #expect(gap.filter { !$0 }.count == 13)
    }

    @Test func lettersTellLinesApartWithoutColour() {
        let lines = draw(
            .percent,
            series("a", Array(repeating: 10, count: 31), letter: "A"),
            series("b", Array(repeating: 90, count: 31), letter: "B"),
            rows: 10
        )
        let text = lines.joined()
        #expect(text.filter { $0 == "A" }.count >= 2)
        #expect(text.filter { $0 == "B" }.count >= 2)
        #expect(lines.filter { $0.contains("A") && $0.contains("B") }.isEmpty)
    }

    @Test func timesAreRoundAndLocal() {
        let utc = draw(.percent, series("a", [1]), minutes: 120, columns: 60)
        #expect(utc[5].split(separator: " ").map(String.init) == ["12:00", "12:30", "13:00", "13:30", "14:00"])
        let india = draw(.percent, series("a", [1]), minutes: 120, columns: 60, offset: 19_800)
        #expect(india[5].split(separator: " ").map(String.init) == ["17:30", "18:00", "18:30", "19:00", "19:30"])
    }

    @Test(arguments: [
        (0.0, ChartUnit.percent, ["0%", "1%"]), (0.3, .percent, ["0%", "1%"]),
        (2.1, .percent, ["0%", "1%", "2%", "3%"]),
        (97, .percent, ["0%", "50%", "100%"]), (390, .percent, ["0%", "200%", "400%"]),
        (0, .count, ["0", "1"]), (2, .count, ["0", "1", "2"]), (15, .count, ["0", "5", "10", "15"]),
        (24_100_000, .bytes, ["0 B", "8 MB", "16 MB", "24 MB"]),
        (90, .seconds, ["0s", "30s", "1m", "1m 30s"]), (8100, .seconds, ["0s", "1h", "2h", "3h"]),
        (5 * 86_400, .seconds, ["0s", "2d", "4d", "6d"]),
    ])
    func marksAreRound(_ maximum: Double, _ unit: ChartUnit, _ labels: [String]) {
        #expect(ChartScale(maximum: maximum, unit: unit, intervals: 3).marks.map(unit.text) == labels)
    }

    @Test func oddValuesAndSizesDoNoHarm() {
        let odd = series("a", [.nan, .infinity, -5, 1e300, 0, nil, 3])
        for unit in [ChartUnit.percent, .bytes, .seconds, .count] {
            for (columns, rows) in [(1, 1), (15, 3), (16, 3), (17, 2), (240, 4), (60, 40)] {
                let lines = draw(unit, odd, minutes: 0, columns: columns, rows: rows)
                #expect(lines.count == rows && lines.allSatisfy { $0.displayWidth <= columns })
            }
        }
    }
}
