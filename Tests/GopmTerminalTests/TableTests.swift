import GopmTerminal
import Testing

@Suite struct TableTests {
    private func text(_ table: Table, width: Int? = nil, colour: Bool = false) -> String {
        String(decoding: table.rendered(maximumWidth: width, colour: colour), as: UTF8.self)
    }

    @Test func listOfTheManual() {
        var table = Table(["ID", "Name", "Status", "PID", "CPU", "Memory", "Restart", "Uptime"].map { .init($0) })
        table.append(["0", "api", "online", "4521", "0.3%", "24.1 MB", "0", "2h 15m"])
        table.append(["1", "worker", "online", "4523", "12.1%", "128.5 MB", "3", "45m"])
        table.append(["2", "cron", "stopped", "-", "-", "-", "0", "-"])
        #expect(
            text(table) == """
                ┌────┬────────┬─────────┬──────┬───────┬──────────┬─────────┬────────┐
                │ ID │ Name   │ Status  │ PID  │ CPU   │ Memory   │ Restart │ Uptime │
                ├────┼────────┼─────────┼──────┼───────┼──────────┼─────────┼────────┤
                │ 0  │ api    │ online  │ 4521 │ 0.3%  │ 24.1 MB  │ 0       │ 2h 15m │
                │ 1  │ worker │ online  │ 4523 │ 12.1% │ 128.5 MB │ 3       │ 45m    │
                │ 2  │ cron   │ stopped │ -    │ -     │ -        │ 0       │ -      │
                └────┴────────┴─────────┴──────┴───────┴──────────┴─────────┴────────┘

                """
        )
    }

    @Test func cellsWithSeveralLinesAndNone() {
        var table = Table([.init("Key"), .init("Value")])
        table.append(["Env", .init(lines: [.init("APP_ENV=production"), .init("DB_HOST=10.0.0.5")])])
        table.append(["Args", .init(lines: [])])
        #expect(
            text(table) == """
                ┌──────┬────────────────────┐
                │ Key  │ Value              │
                ├──────┼────────────────────┤
                │ Env  │ APP_ENV=production │
                │      │ DB_HOST=10.0.0.5   │
                │ Args │                    │
                └──────┴────────────────────┘

                """
        )
    }

    @Test func colourTouchesTheTextAlone() {
        var table = Table([.init("Status")])
        table.append([.init("online", .green)])
        table.append(["日本"])
        #expect(
            text(table, colour: true) == """
                ┌────────┐
                │ \u{1b}[1mStatus\u{1b}[0m │
                ├────────┤
                │ \u{1b}[32monline\u{1b}[0m │
                │ 日本   │
                └────────┘

                """
        )
    }

    @Test func widestColumnsGiveWayOnATerminal() {
        var table = Table([.init("ID"), .init("Name", overflow: .truncates), .init("Command", overflow: .wraps)])
        table.append(["0", "short", "/usr/bin/python3 -m http.server"])
        table.append(["1", "a-rather-long-process-name", "x"])
        #expect(
            text(table, width: 40) == """
                ┌────┬────────────────┬────────────────┐
                │ ID │ Name           │ Command        │
                ├────┼────────────────┼────────────────┤
                │ 0  │ short          │ /usr/bin/pytho │
                │    │                │ n3 -m http.ser │
                │    │                │ ver            │
                │ 1  │ a-rather-long… │ x              │
                └────┴────────────────┴────────────────┘

                """
        )
    }

    @Test func nothingIsCutWhereThereIsNoTerminal() {
        var table = Table([.init("Name", overflow: .truncates)])
        let long = String(repeating: "x", count: 500)
        table.append([.init(long)])
        #expect(text(table).contains(long))
    }

    @Test(arguments: 10...140)
    func everyLineIsEquallyWideAndFits(width: Int) {
        var table = Table([
            .init("ID"), .init("Name", overflow: .truncates), .init("日本", overflow: .wraps, minimumWidth: 4),
            .init("CPU"),
        ])
        table.append(["0", "日本語日本語日本語日本語", "abc日本語def日本語abcdefghijklmnopqrstuvwxyz", "0.3%"])
        table.append(["17", "api", .init(lines: [.init("one"), .init("👨\u{200d}👩\u{200d}👧 two")]), "100.0%"])
        let lines = text(table, width: width).split(separator: "\n").map { String($0).displayWidth }
        // Fixed: ID 2, CPU 6; minimum: Name 8, 日本 4; frame 13.
        #expect(Set(lines).count == 1)
        #expect(lines[0] <= max(width, 2 + 8 + 4 + 6 + 13))
    }

    @Test func escapesFromOutsideStayInvisibleToTheTerminal() {
        var table = Table([.init("Name")])
        table.append(["\u{1b}]0;owned\u{7}\n"])
        #expect(text(table, colour: false).contains("\\x1b]0;owned\\x07\\n"))
    }

    @Test func fiveHundredRowsAreQuick() {
        var table = Table(["ID", "Name", "Status", "PID", "CPU", "Memory", "Restart", "Uptime"].map { .init($0) })
        for index in 0..<500 {
            table.append([
                "\(index)", "app-\(index)", .init("online", .green), "4521", "0.3%", "24.1 MB", "0", "2h 15m",
            ])
        }
        let clock = ContinuousClock()
        var bytes = 0
        let took = clock.measure { bytes = table.rendered(maximumWidth: 80, colour: true).count }
        #expect(bytes > 500 * 80)
        #expect(took < .milliseconds(200), "a debug build on a busy machine; a release build takes about 1 ms")
    }
}
