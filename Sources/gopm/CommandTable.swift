import ArgumentParser
import GopmJSON

/// Every command that gopm answers itself or hands to a helper: the one list behind dispatch, help and completions.
enum CommandTable {
    struct Entry {
        let name: String
        var aliases: [String] = []
        let group: Group
        /// A line for people whose words could not be read.
        var usageHint: String?
        /// `nil` for a command that is a program of its own, `gopm-<name>`.
        let command: (any ParsableCommand.Type)?
        private var helperSummary = ""

        /// The names are written out once more, so that the search for one makes no other command's description.
        init(
            _ name: String,
            _ command: any ParsableCommand.Type,
            _ group: Group,
            aliases: [String] = [],
            usageHint: String? = nil
        ) {
            self.name = name
            self.aliases = aliases
            self.usageHint = usageHint
            self.command = command
            self.group = group
        }

        init(helper name: String, _ group: Group, _ summary: String) {
            command = nil
            self.group = group
            self.name = name
            helperSummary = summary
        }

        var summary: String { command?.configuration.abstract ?? helperSummary }
    }

    enum Group: String, CaseIterable {
        case run = "Run processes"
        case look = "Look at them"
        case logs = "Logs"
        case files = "Files"
        case daemon = "The daemon"
        case service = "As a service of systemd"
    }

    static var entries: [Entry] {
        [
            Entry("start", StartCommand.self, .run, usageHint: "Arguments of the program itself go after --"),
            Entry("stop", StopCommand.self, .run), Entry("restart", RestartCommand.self, .run),
            Entry("delete", DeleteCommand.self, .run, aliases: ["del"]),
            Entry("list", ListCommand.self, .look, aliases: ["ls"]), Entry("watch", WatchCommand.self, .look),
            Entry("stats", StatsCommand.self, .look), Entry("metrics", MetricsCommand.self, .look),
            Entry("gui", GuiCommand.self, .look),
            Entry("describe", DescribeCommand.self, .look),
            Entry("isrunning", IsRunningCommand.self, .look),
            Entry(helper: "pid", .look, "Show everything about any process."),
            Entry(helper: "logs", .logs, "Show the logs of a process."), Entry("flush", FlushCommand.self, .logs),
            Entry("export", ExportCommand.self, .files), Entry("import", ImportCommand.self, .files),
            Entry(helper: "pm2", .files, "Move PM2's processes to gopm."),
            Entry("save", SaveCommand.self, .files),
            Entry("resurrect", ResurrectCommand.self, .files),
            Entry(helper: "mcp", .daemon, "Let AI tools look at and manage processes."),
            Entry("status", StatusCommand.self, .daemon, usageHint: "For processes: gopm list, gopm describe NAME"),
            Entry("ping", PingCommand.self, .daemon),
            Entry("version", VersionCommand.self, .daemon),
            Entry("kill", KillCommand.self, .daemon), Entry("reboot", RebootCommand.self, .daemon),
            Entry("install", InstallCommand.self, .service, usageHint: "It makes gopm a service; there are no modules"),
            Entry("uninstall", UninstallCommand.self, .service),
            Entry("suspend", SuspendCommand.self, .service), Entry("unsuspend", UnsuspendCommand.self, .service),
        ]
    }

    /// Writes the table for `gopm --dump-commands`, of which the manual page and the completions are made.
    ///
    /// What a command takes is told by its own `--experimental-dump-help`.
    static func encode(into json: inout JSONWriter) {
        json.array { json in
            for entry in entries {
                json.object { json in
                    json.member("name", entry.name)
                    json.member("aliases", entry.aliases)
                    json.member("group", entry.group.rawValue)
                }
            }
        }
    }

    /// The command of a word; only that one's description is made.
    static func find(_ word: String) -> Entry? {
        entries.first { $0.name == word || $0.aliases.contains(word) }
    }

    /// `. Did you mean "start"?` for a word that is near a command: two letters away, a short word one.
    static func suggestion(for word: String) -> String {
        let most = word.count > 3 ? 2 : 1
        let near = entries.map { ($0.name, distance(word, $0.name)) }.filter { $0.1 <= most }.min { $0.1 < $1.1 }
        return near.map { ". Did you mean \"\($0.0)\"?" } ?? ""
    }

    /// Letters to add, drop or change (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        let target = Array(right)
        var row = Array(0...target.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in target.indices {
                let substitution = diagonal + (letter == target[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substitution, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[target.count]
    }
}
