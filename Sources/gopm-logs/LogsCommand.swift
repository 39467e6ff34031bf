import ArgumentParser
import CLinux
import GopmCommandLine
import GopmLogs
import GopmModel
import GopmSystem
import GopmTerminal

#if canImport(Glibc)
    import Glibc
#endif

/// gopm-logs: reads log files from their end and follows them, without the daemon.
@main
struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration.helper(
        "gopm-logs",
        "[<name|id|all>]",
        abstract: "Show the logs of a process.",
        discussion: """
            Standard output and error are merged by their timestamps. The target may be left out if there is only one \
            process. The files are read from their end, rotated ones too where needed; no daemon is needed.
            """
    )

    @Argument(help: .processOrAll, completion: .live(.processesOrAll))
    var target: String?

    @Option(
        name: [.customShort("n", allowingJoined: true), .long],
        parsing: .unconditional,
        help: ArgumentHelp("Lines to show. (default: 20; all with --since, --grep)", valueName: "n"),
        transform: FlagValue.whole(0...1_000_000_000)
    )
    var lines: Int?

    @Flag(name: .shortAndLong, help: "Go on with what comes, until Ctrl-C.")
    var follow = false

    @Flag(help: "Show standard error only.")
    var err = false

    @Flag(help: "Show standard output only.")
    var out = false

    @Flag(name: .shortAndLong, help: "Show the daemon's own log.")
    var daemon = false

    @Option(
        help: ArgumentHelp("Nothing older than 10m, 2h, 3d ago, or than a time.", valueName: "when"),
        transform: LogsCommand.time
    )
    var since: Int64?

    @Option(help: ArgumentHelp("Nothing newer.", valueName: "when"), transform: LogsCommand.time)
    var until: Int64?

    @Option(
        help: ArgumentHelp("Only lines that match an extended regular expression.", valueName: "regex"),
        transform: LogsCommand.pattern
    )
    var grep: LinePattern?

    @Flag(name: [.customShort("v"), .long], help: "With --grep: only lines that don't match.")
    var invert = false

    @Flag(help: "Only what the program wrote: no timestamps, no tags.")
    var raw = false

    @OptionGroup var global: GlobalOptions

    static func main() {
        signal(SIGPIPE, SIG_IGN)
        CommandRunner.run(LogsCommand.self, program: "gopm-logs", arguments: Array(CommandLine.arguments.dropFirst()))
    }

    func validate() throws {
        if out && err { throw ValidationError("--out and --err exclude each other; without either both are shown") }
        if invert && grep == nil { throw ValidationError("--invert needs --grep") }
        if raw && global.json { throw ValidationError("--raw and --json exclude each other") }
        if follow && until != nil { throw ValidationError("--follow and --until exclude each other") }
        if daemon && target != nil { throw ValidationError("--daemon takes no process") }
        if daemon && (out || err) { throw ValidationError("--daemon has one log, --out and --err don't apply") }
        if daemon && (since != nil || until != nil) {
            throw ValidationError("--since and --until are for the logs of processes")
        }
    }

    func run() throws {
        // One descriptor a file: hundreds of processes go past the usual soft limit.
        var hard: UInt64 = 0
        _ = gopm_open_files_limit(&hard)
        _ = gopm_set_open_files_limit(hard)
        var session = LogSession(sources: try sources(), output: output, filter: filter)
        // A pattern may match anywhere, so all lines are looked at, and the last of those that match are shown.
        let shown = lines ?? (since == nil && grep == nil ? 20 : .max)
        try session.showEnd(lines: grep == nil ? shown : .max, lastMatches: grep == nil ? nil : shown, since: since)
        if follow {
            let home = global.home
            let isGrowing = target == "all"
            try session.follow(list: isGrowing ? home.dump : nil) {
                guard isGrowing, let records = try? SavedProcesses.read(home) else { return [] }
                return sources(of: records)
            }
        }
    }

    private var filter: LineFilter {
        var filter = LineFilter()
        (filter.since, filter.until, filter.pattern, filter.isInverted) = (since, until, grep, invert)
        return filter
    }

    private func output(_ labels: [LogLineFormat.Label]) -> LineOutput {
        if global.json { return .json(JSONLines(labels)) }
        let destination = LogLineSanitizer.Destination(descriptor: 1)
        if raw { return .raw(LogLineSanitizer(destination)) }
        let format = LogLineFormat(
            labels,
            for: destination,
            colour: Terminal.wantsColour(1),
            expectingMore: follow && target == "all" && !out && !err
        )
        return .tagged(format)
    }

    private func sources() throws(CommandFailure) -> [LogSession.Source] {
        if daemon { return [.init(path: global.home.daemonLog, label: .init(process: "gopmd", stream: nil))] }
        let records = try SavedProcesses.read(global.home)
        // Who follows all may wait for the first.
        if follow, target == "all", records.isEmpty { return [] }
        do throws(CommandFailure) {
            return sources(of: try SavedProcesses.choose(target, from: records))
        } catch {
            // One that was started just now may not be saved.
            guard let target, let process = SavedProcess(asking: global, for: target) else { throw error }
            return sources(of: [process])
        }
    }

    private func sources(of processes: [SavedProcess]) -> [LogSession.Source] {
        var sources: [LogSession.Source] = []
        for process in processes {
            // Standard error first: of lines of the same millisecond "started" comes before what the program says.
            if !out, process.logErr != process.logOut || err {
                sources.append(.init(path: process.logErr, label: .init(process: process.name, stream: .standardError)))
            }
            if !err {
                sources.append(
                    .init(path: process.logOut, label: .init(process: process.name, stream: .standardOutput))
                )
            }
        }
        return sources
    }

    private static func time(_ text: String) throws -> Int64 {
        guard let time = TimeOption.milliseconds(text, now: Clock.wall) else {
            throw FlagValue.refusal(text, TimeOption.rule)
        }
        return time
    }

    private static func pattern(_ text: String) throws -> LinePattern {
        do throws(LinePattern.Fault) {
            return try LinePattern(text)
        } catch {
            throw FlagValue.refusal(text, "a regular expression (\(error.reason))")
        }
    }
}
