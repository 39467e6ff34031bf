import GopmModel

/// The page that `gopm --help` prints: the commands by group, one line each.
enum HelpText {
    static var overview: String {
        var text = """
            gopm \(GopmVersion.text): starts your programs, keeps them alive, keeps their logs.

            USAGE: gopm <command> [<options>]

            """
        for group in CommandTable.Group.allCases {
            text += "\n\(group.rawValue):\n"
            for entry in CommandTable.entries where entry.group == group {
                let names = ([entry.name] + entry.aliases).joined(separator: ", ")
                text += "  \(names)\(String(repeating: " ", count: max(1, 14 - names.count)))\(entry.summary)\n"
            }
        }
        return text + """

            Every command takes --json, --config <path> and --debug; all that one takes
            tells gopm <command> --help. Without a command gopm lists the processes.

            Begin with:  gopm start ./myapp --name api
            """
    }
}
