import GopmJSON
import GopmScreen
import GopmTerminal
import Testing

@Suite struct StatsReportTests {
    private let now: Int64 = 1_800_014_400

    /// An hour of samples, a busy process and one that was stopped for twenty minutes.
    private func history(_ names: [String]) throws -> StatsHistory {
        var json = JSONWriter()
        json.object { json in
            for (index, name) in names.enumerated() {
                json.key(name)
                json.array { json in
                    for minute in 0..<60 {
                        let isOnline = index % 2 == 0 || !(20..<40).contains(minute)
                        json.object { json in
                            json.member("ts", Int(now) - (60 - minute) * 60)
                            json.member("cpu", isOnline ? Double((minute * (index + 3)) % 40) : 0)
                            json.member("mem", isOnline ? (20 + 5 * index) << 20 : 0)
                            json.member("restarts", index * minute / 20)
                            json.member("uptime", isOnline ? minute * 60 : 0)
                            json.member("status", isOnline ? "online" : "stopped")
                        }
                    }
                }
            }
        }
        return StatsHistory(try JSONValue.parse(json.bytes))
    }

    private func lines(
        _ names: [String],
        _ quantities: [StatsReport.Quantity],
        columns: Int,
        colour: Bool = false
    ) throws -> [String] {
        let report = StatsReport(try history(names), quantities, now: now, hours: 6) { _ in 0 }
        return String(decoding: report.lines(columns: columns, plotRows: 4, colour: colour), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func memoryOfTwo() throws {
        #expect(try lines(["api", "日本"], [.memory], columns: 60).joined(separator: "\n") == memoryOfTwoPicture)
    }

    @Test(arguments: [60, 80, 120, 240])
    func nothingIsWiderThanTheTerminal(_ columns: Int) throws {
        let lines = try lines(["api", "worker", "日本語の名前"], StatsReport.Quantity.allCases, columns: columns)
        #expect(lines.allSatisfy { $0.displayWidth <= columns })
        #expect(lines.filter { ["CPU", "Memory", "Uptime", "Restarts"].contains($0) }.count == 4)
        #expect(lines.filter { $0.hasPrefix("A api") }.count == 4)
    }

    @Test func coloursTakeThePlaceOfLetters() throws {
        let text = try lines(["api", "worker"], [.cpu], columns: 80, colour: true).joined()
        #expect(text.contains("\u{1b}[32m━ "))
        #expect(!text.contains("A api"))
        #expect(try !lines(["api"], [.cpu], columns: 80).joined().contains("A api"))
    }

    @Test func ofHundredsTheBusiestAreShown() throws {
        let text = try lines((0..<300).map { "app\($0)" }, [.memory], columns: 100).joined(separator: "\n")
        #expect(text.contains("and 288 more: gopm stats NAME"))
        #expect(text.contains("app299 ") && !text.contains("app0 "))
    }

    @Test func whatIsNoSampleIsPassedOver() throws {
        let odd = #"{"a":[{"ts":-1},{"ts":"x"},7,{"ts":1800000000,"cpu":"x"}],"b":7,"c":[]}"#
        let history = StatsHistory(try JSONValue.parse(Array(odd.utf8)))
        #expect(history.processes.map(\.samples.count) == [1, 0, 0])
        #expect(history.firstTime == 1_800_000_000)
    }
}

private let memoryOfTwoPicture = """
    Memory
    32 MB ┤⣀⣀⣀⣀⣀⣀B⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀                  B⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀B
    16 MB ┤⠤⠤A⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤A⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤A⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤AA
          │
      0 B ┤
          └┬────────────┬────────────┬────────────┬────────────┬
           11:00      11:15        11:30        11:45      12:00
    A api 20 MB   B 日本 25 MB


    """
