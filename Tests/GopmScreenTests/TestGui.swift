import GopmJSON
import GopmModel
import GopmScreen
import GopmTerminal

/// A gui without a terminal and without a daemon.
final class TestGui {
    private(set) var model: GuiModel
    /// Of the last event.
    private(set) var effects: [GuiModel.Effect] = []
    let now: Int64 = 1_800_014_400

    init(_ names: [String], columns: Int = 110, rows: Int = 30) {
        model = GuiModel(
            size: .init(columns: columns, rows: rows),
            now: Timestamp(nanoseconds: now * 1_000_000_000),
            clock: 100_000,
            place: .init(version: "0.1.0", abbreviate: { $0 }, offset: { _ in 0 })
        )
        var json = JSONWriter()
        json.array { json in
            for (id, name) in names.enumerated() { started(Sample.record(id, name)).encode(into: &json) }
        }
        post(.list(json.bytes))
    }

    func post(_ event: GuiModel.Event) {
        effects = model.update(event)
    }

    @discardableResult
    func press(_ key: Key) -> [GuiModel.Effect] {
        post(.key(key))
        return effects
    }

    func type(_ text: String) {
        for character in text { press(.character(character)) }
    }

    func changed(_ record: ProcessRecord, cpu: Double) {
        var record = started(record)
        record.cpuPercent = cpu
        var json = JSONWriter()
        record.encode(into: &json)
        post(.daemonEvents([("changed", json.bytes)]))
    }

    /// Two hours and a quarter ago.
    private func started(_ record: ProcessRecord) -> ProcessRecord {
        var record = record
        record.startedAt = Timestamp(nanoseconds: (now - 8100) * 1_000_000_000)
        return record
    }

    func removed(_ id: Int) {
        post(.daemonEvents([("removed", Array(#"{"id":\#(id)}"#.utf8))]))
    }

    func log(_ lines: [String]) {
        post(.logLines(lines.map { .init(time: "12:00:00", text: Array($0.utf8)) }, replacing: true))
    }

    func tick(seconds: Int64) {
        post(
            .tick(
                now: Timestamp(nanoseconds: model.now.nanoseconds + seconds * 1_000_000_000),
                clock: model.clock + seconds * 1000
            )
        )
    }

    var hasNoOverlay: Bool {
        if case nil = model.overlay { return true }
        return false
    }

    /// The lines of the screen.
    var lines: [String] {
        let screen = model.screen()
        return (0..<screen.size.rows).map { screen.text($0) }
    }

    var text: String { lines.joined(separator: "\n") }

    /// A sample a minute, its CPU that minute's number.
    static func history(_ name: String, minutes: Int, now: Int64) -> StatsHistory {
        var json = JSONWriter()
        json.object { json in
            json.key(name)
            json.array { json in
                for minute in 0..<minutes {
                    json.object { json in
                        json.member("ts", Int(now) - (minutes - minute) * 60)
                        json.member("cpu", minute)
                        json.member("mem", 1 << 20)
                        json.member("status", "online")
                    }
                }
            }
        }
        return StatsHistory(answer: json.bytes)
    }
}
