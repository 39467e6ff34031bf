import ArgumentParser
import CLinux
import GopmCommandLine
import GopmJSON
import GopmLogs
import GopmModel
import GopmSystem
import GopmTerminal
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// gopm-logs: reads log files from their end, without the daemon.
@main
struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gopm-logs",
        abstract: "Show the logs of a process.",
        discussion: """
            Standard output and error are merged by their timestamps. The target may be left out if there is only one \
            process. The files are read from their end; no daemon is needed.
            """,
        version: GopmVersion.text
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Name or id, or all.")
    var target: String?

    @Option(
        name: [.customShort("n"), .long],
        parsing: .unconditional,
        help: "Number of lines to show.",
        transform: LogsCommand.lineCount
    )
    var lines = 20

    @Flag(help: "Show standard error only.")
    var err = false

    @Flag(name: .shortAndLong, help: "Show the daemon's own log.")
    var daemon = false

    static func main() {
        signal(SIGPIPE, SIG_IGN)
        CommandRunner.run(LogsCommand.self, program: "gopm-logs", arguments: Array(CommandLine.arguments.dropFirst()))
    }

    func run() throws {
        // One descriptor a file: hundreds of processes go past the usual soft limit.
        var hard: UInt64 = 0
        _ = gopm_open_files_limit(&hard)
        _ = gopm_set_open_files_limit(hard)
        let sources = try sources()
        let tail = LogTail(lines: lines, of: sources.map(\.path))
        var writer = OutputWriter(descriptor: 1)
        let status = show(tail, sources.map(\.label), &writer)
        for failure in tail.failures { Console.error("gopm-logs: \(DisplayText.sanitized("\(failure.error)"))") }
        if case .failed = status { throw CommandFailure("cannot write to standard output") }
        if !tail.failures.isEmpty { throw CommandFailure.silent(.failed) }
    }

    private func show(
        _ tail: LogTail,
        _ labels: [LogLineFormat.Label],
        _ writer: inout OutputWriter
    ) -> OutputWriter.Status {
        guard global.json else {
            var format = LogLineFormat(labels, for: .init(descriptor: 1), colour: Terminal.wantsColour(1))
            return tail.write(&format, to: &writer)
        }
        var lines = JSONLines(labels)
        tail.forEachPiece { source, piece in
            lines.append(piece, of: source, to: &writer)
            return writer.isOpen
        }
        return writer.flush()
    }

    private struct Source {
        var path: String
        var label: LogLineFormat.Label
    }

    private func sources() throws(CommandFailure) -> [Source] {
        if daemon { return [Source(path: global.home.daemonLog, label: .init(process: "gopmd", stream: nil))] }
        let records = try SavedProcesses.read(global.home)
        var sources: [Source] = []
        for record in try SavedProcesses.choose(target, from: records) {
            let spec = record.spec
            // Standard error first: of lines of the same millisecond "started" comes before what the program says.
            if spec.logErr != spec.logOut || err {
                sources.append(Source(path: spec.logErr, label: .init(process: spec.name, stream: .standardError)))
            }
            if !err {
                sources.append(Source(path: spec.logOut, label: .init(process: spec.name, stream: .standardOutput)))
            }
        }
        return sources
    }

    private static func lineCount(_ text: String) throws -> Int {
        guard let count = Int(text), (0...1_000_000_000).contains(count) else {
            throw ValidationError("a whole number from 0 is allowed")
        }
        return count
    }
}

/// The processes as `dump.json` has them, which is all that reading logs needs to know.
enum SavedProcesses {
    static func read(_ home: Home) throws(CommandFailure) -> [ProcessRecord] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileSystem.read(home.dump)
        } catch {
            if error.errno == .noSuchFileOrDirectory { return [] }
            throw CommandFailure("\(error)")
        }
        return try RecordReading.records(bytes)
    }

    static func choose(_ target: String?, from records: [ProcessRecord]) throws(CommandFailure) -> [ProcessRecord] {
        guard !records.isEmpty else { throw CommandFailure("there are no processes") }
        guard let target else {
            guard records.count == 1 else {
                let names =
                    records.prefix(5).map(\.spec.name).joined(separator: ", ") + (records.count > 5 ? ", …" : "")
                throw CommandFailure(.usage, ["which process? (\(names), or all)"])
            }
            return records
        }
        if target == "all" { return records }
        guard
            let record = records.first(where: { $0.spec.name == target })
                ?? records.first(where: { "\($0.id)" == target })
        else {
            throw CommandFailure("process \"\(target)\" not found")
        }
        return [record]
    }
}
