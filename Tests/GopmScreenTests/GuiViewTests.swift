import GopmModel
import GopmScreen
import GopmTerminal
import Testing

@Suite struct GuiViewTests {
    @Test func thePictureOfTheManual() {
        let gui = TestGui(["api", "worker", "日本"], columns: 86, rows: 14)
        gui.changed(Sample.record(1, "worker", .stopped), cpu: 0)
        gui.post(.ping(Array(#"{"pid":1150,"uptime_ms":388800000,"version":"0.1.0"}"#.utf8)))
        gui.log(["request handled", "e\u{301}\u{1b}[2Jx\tend"])
        #expect(gui.text == picture)
    }

    @Test(arguments: [(1, 1), (29, 9), (30, 9), (40, 12), (80, 24), (300, 90), (200, 10)])
    func anySizeWillDo(_ columns: Int, _ rows: Int) {
        let gui = TestGui((0..<40).map { "app\($0)" }, columns: columns, rows: rows)
        gui.log((0..<50).map { "line \($0) " + String(repeating: "日", count: 200) })
        for keys in ["", "?", "?s/abc", "\u{1b}", "dn", "/x", "\u{1b}ll"] {
            for key in keys { gui.press(key == "\u{1b}" ? .escape : .character(key)) }
            #expect(gui.lines.allSatisfy { $0.displayWidth <= columns })
        }
        gui.press(.enter)
        gui.post(.history(id: 0, TestGui.history("app0", minutes: 5, now: gui.now)))
        for _ in 0..<60 { gui.press(.down) }
        #expect(gui.lines.count == rows)
        gui.post(.resized(.init(columns: columns / 2, rows: rows / 2)))
        #expect(gui.lines.count == rows / 2)
    }

    /// Seeded random keys: nothing traps, and no picture has a control character in it.
    @Test func randomKeysDoNoHarm() {
        var random = SystemRandomNumberGenerator()
        let keys: [Key] =
            [
                .up, .down, .left, .right, .home, .end, .pageUp, .pageDown, .enter, .tab, .escape, .backspace, .delete,
                .mouse(.press(row: 5, column: 5)), .mouse(.wheelUp(row: 20, column: 5)), .paste("a b\n\u{1b}[2J"),
                .mouse(.wheelDown(row: 3, column: 70)), .control("w"), .control("u"),
            ] + "/?<>nNstrdfleyjkgG x".map { .character($0) }
        let gui = TestGui((0..<30).map { "app\($0)" })
        var typed: [Key] = []
        for step in 0..<3000 {
            typed.append(keys.randomElement(using: &random) ?? .up)
            gui.press(typed[step])
            if step % 50 == 0 { gui.log((0..<step % 400).map { "line \($0)\u{1b}]0;title\u{7}" }) }
            if step % 70 == 0 { gui.removed(step / 70) }
            guard step % 30 == 0 else { continue }
            let screen = gui.model.screen()
            let isClean = screen.cells.allSatisfy { cell in
                cell.character.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
            }
            #expect(isClean, "\(typed.suffix(40))")
        }
    }

    @Test func fiveHundredProcessesAreDrawnQuickly() {
        let gui = TestGui((0..<500).map { "app-number-\($0)" }, columns: 200, rows: 60)
        gui.log((0..<2000).map { "line \($0) of a log that has lines of some length, as logs have" })
        let time = ContinuousClock().measure {
            for _ in 0..<20 {
                gui.press(.down)
                _ = gui.model.screen()
            }
        }
        // A debug build on a slow machine; a release takes a tenth of it.
        #expect(time < .seconds(2))
    }
}

private let picture = """
    ┌─ gopm v0.1.0 ───────────────────────────────── daemon PID: 1150 ── uptime: 4d 12h ─┐
    │ ┌─ Processes ────────────────────────────────────────────────────────────────────┐ │
    │ │▸ 0  api     online     PID 100     CPU 0.3%   MEM 1.0 MB   ↻ 0    UP 2h 15m    │ │
    │ │  1  worker  stopped    -           -          -            ↻ 0    -            │ │
    │ │  2  日本    online     PID 102     CPU 0.3%   MEM 1.0 MB   ↻ 0    UP 2h 15m    │ │
    │ └────────────────────────────────────────────────────────────────────────────────┘ │
    │ ┌─ Logs (api) ───────────────────────────────────────────────────────────────────┐ │
    │ │ 12:00:00 request handled                                                       │ │
    │ │ 12:00:00 e\u{301}\\x1b[2Jx       end                                                   │ │
    │ │                                                                                │ │
    │ └────────────────────────────────────────────────────────────────────────────────┘ │
    │ [s]tart  s[t]op  [r]estart  [d]elete  [f]lush  [l]ogs  [e]rr/out  [?] help         │
    │ [↑↓] navigate  [enter] describe  [tab] switch pane  [/] filter  [>] sort  [q] quit │
    └────────────────────────────────────────────────────────────────────────────────────┘
    """
