import GopmModel
import GopmScreen
import GopmTerminal
import Testing

@Suite struct WatchViewTests {
    private func view(_ count: Int) -> WatchView {
        var view = WatchView()
        view.records = (0..<count).map { Sample.record($0, "app\($0)") }
        view.now = Timestamp(nanoseconds: 60_000_000_000)
        return view
    }

    private func rows(_ view: inout WatchView, _ columns: Int, _ rows: Int) -> [String] {
        let screen = view.screen(.init(columns: columns, rows: rows), colour: true)
        return (0..<rows).map { screen.text($0) }
    }

    @Test func theTableAndTheNoteBelowIt() {
        var view = view(1)
        view.note = StyledLine("the daemon is not running", .red)
        let shown = rows(&view, 80, 7)
        #expect(
            shown == [
                "┌────┬──────┬────────┬─────┬──────┬────────┬─────────┬────────┐",
                "│ ID │ Name │ Status │ PID │ CPU  │ Memory │ Restart │ Uptime │",
                "├────┼──────┼────────┼─────┼──────┼────────┼─────────┼────────┤",
                "│ 0  │ app0 │ online │ 100 │ 0.3% │ 1.0 MB │ 0       │ 1m     │",
                "└────┴──────┴────────┴─────┴──────┴────────┴─────────┴────────┘",
                "the daemon is not running", "",
            ]
        )
    }

    @Test func aTallTableScrollsUnderItsHead() {
        var view = view(50)
        let size = Terminal.Size(columns: 80, rows: 10)
        var shown = rows(&view, 80, 10)
        #expect(shown[1].contains("Name") && shown[3].contains("app0") && shown[8].contains("app5"))
        #expect(shown[9] == "↑ 0 ↓ 45 lines more (arrow keys)")
        let isKey = view.scroll(.down, size: size)
        #expect(isKey)
        shown = rows(&view, 80, 10)
        #expect(shown[1].contains("Name") && shown[3].contains("app1"))
        _ = view.scroll(.end, size: size)
        shown = rows(&view, 80, 10)
        #expect(shown[7].contains("app49") && shown[8].hasPrefix("└"))
        _ = view.scroll(.up, size: size)
        shown = rows(&view, 80, 10)
        #expect(shown[8].contains("app49"))
        let isOther = view.scroll(.character("x"), size: size)
        #expect(!isOther)
    }

    @Test(arguments: [(1, 1), (20, 3), (300, 2), (5, 40)])
    func anySizeWillDo(_ columns: Int, _ rows: Int) {
        var view = view(9)
        view.note = StyledLine("note")
        let screen = view.screen(.init(columns: columns, rows: rows), colour: true)
        #expect(screen.size.rows == rows)
    }
}
