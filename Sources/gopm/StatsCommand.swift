import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmScreen
import GopmSystem
import GopmTerminal
import GopmWire

#if canImport(Glibc)
    import Glibc
#endif

struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "stats",
        "[<name|id|all>]",
        abstract: "Show charts of CPU, memory, uptime and restarts.",
        discussion: """
            The daemon keeps a sample a minute of the last 18 hours. Several processes share each chart; where there are \
            no colours, letters tell their lines apart.
            """
    )

    @Argument(help: .processOrAll, completion: .live(.processesOrAll))
    var target = "all"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Hours of history, at most 18. (default: 6)", valueName: "n"),
        transform: FlagValue.whole(1...18)
    )
    var hours = 6

    @Flag(help: "Show the CPU chart.")
    var cpu = false

    @Flag(help: "Show the memory chart.")
    var mem = false

    @Flag(help: "Show the uptime chart.")
    var uptime = false

    @Flag(help: "Show all charts, the restarts too. (default)")
    var all = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let connection = try global.connect()
        let data = try reporting { () throws(ClientError) in
            try connection.call(.stats) { json in
                json.member("target", target)
                json.member("hours", hours)
            }
        }
        if global.json { return Console.json(data) }
        guard let answer = try? JSONValue.parse(data) else { throw CommandFailure("the daemon sent no JSON") }
        let history = StatsHistory(answer)
        guard !history.processes.isEmpty else {
            return Console.out(Advice.noProcesses)
        }
        guard history.firstTime != nil else {
            return Console.out("no samples yet; the daemon takes one a minute")
        }
        show(history)
    }

    private var quantities: [StatsReport.Quantity] {
        let chosen: [StatsReport.Quantity] = (cpu ? [.cpu] : []) + (mem ? [.memory] : []) + (uptime ? [.uptime] : [])
        return all || chosen.isEmpty ? StatsReport.Quantity.allCases : chosen
    }

    private func show(_ history: StatsHistory) {
        let size = Terminal.size(1) ?? Terminal.Size(columns: 80, rows: 24)
        let report = StatsReport(history, quantities, now: Clock.wall / 1_000_000_000, hours: hours) { time in
            LocalTime.offset(at: time)
        }
        // One chart fills the window; of several each has as many rows as show a shape. Marks are two rows apart, so the
        // number is odd.
        let plotRows = quantities.count == 1 ? min(21, max(5, size.rows - 8)) | 1 : 7
        var writer = OutputWriter(descriptor: 1)
        writer.append(
            report.lines(
                columns: min(240, max(40, size.columns)),
                plotRows: plotRows,
                colour: Terminal.wantsColour(1)
            )
        )
        writer.flush()
    }
}

/// This machine's time zone.
enum LocalTime {
    /// Local time minus UTC at a moment, in seconds (localtime_r(3)).
    static func offset(at seconds: Int64) -> Int64 {
        var time = time_t(seconds)
        var local = tm()
        guard localtime_r(&time, &local) != nil else { return 0 }
        return Int64(local.tm_gmtoff)
    }
}
