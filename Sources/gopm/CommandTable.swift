import ArgumentParser

/// Every command that gopm answers itself or hands to a helper: the one list behind dispatch, help and completions.
enum CommandTable {
    struct Entry {
        let name: String
        var aliases: [String] = []
        let group: Group
        let summary: String
        /// A line for people whose words could not be read.
        var usageHint: String?
        /// `nil` for a command that is a program of its own, `gopm-<name>`.
        let command: (any ParsableCommand.Type)?

        init(helper name: String, _ group: Group, _ summary: String) {
            command = nil
            self.group = group
            self.name = name
            self.summary = summary
        }

        init(_ command: any ParsableCommand.Type, _ group: Group, usageHint: String? = nil) {
            self.usageHint = usageHint
            self.command = command
            self.group = group
            name = command.configuration.commandName ?? ""
            aliases = command.configuration.aliases
            summary = command.configuration.abstract
        }
    }

    enum Group: String, CaseIterable {
        case run = "Run programs"
        case look = "Look at them"
        case logs = "Logs"
        case files = "Files"
        case daemon = "The daemon"
    }

    static var entries: [Entry] {
        [
            Entry(StartCommand.self, .run, usageHint: "Arguments of the program itself go after --"),
            Entry(StopCommand.self, .run), Entry(RestartCommand.self, .run),
            Entry(DeleteCommand.self, .run),
            Entry(ListCommand.self, .look), Entry(DescribeCommand.self, .look), Entry(IsRunningCommand.self, .look),
            Entry(helper: "logs", .logs, "Show the logs of a process."), Entry(FlushCommand.self, .logs),
            Entry(ExportCommand.self, .files), Entry(ImportCommand.self, .files), Entry(SaveCommand.self, .files),
            Entry(ResurrectCommand.self, .files),
            Entry(StatusCommand.self, .daemon), Entry(PingCommand.self, .daemon), Entry(VersionCommand.self, .daemon),
            Entry(KillCommand.self, .daemon), Entry(RebootCommand.self, .daemon),
        ]
    }

    /// The command of a word; only that one's description is made.
    static func find(_ word: String) -> Entry? {
        entries.first { $0.name == word || $0.aliases.contains(word) }
    }

    /// ` (did you mean "start"?)` for a word that is one or two letters away from a command.
    static func suggestion(for word: String) -> String {
        let near = entries.map { ($0.name, distance(word, $0.name)) }.filter { $0.1 <= 2 }.min { $0.1 < $1.1 }
        return near.map { " (did you mean \"\($0.0)\"?)" } ?? ""
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
