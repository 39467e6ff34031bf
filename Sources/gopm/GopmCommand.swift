import ArgumentParser
import GopmCommandLine
import GopmModel

#if canImport(Glibc)
    import Glibc
#endif

/// gopm: what people type.
///
/// It looks the command up in ``CommandTable``, parses that one alone, and answers it or executes the helper that does.
@main
enum GopmCommand {
    static func main() {
        // A reader that went away is an error of write, which every writer looks at.
        signal(SIGPIPE, SIG_IGN)
        let (leading, word, rest) = split(Array(CommandLine.arguments.dropFirst()))
        switch word {
        case nil where leading.contains("--version"):
            Console.out(GopmVersion.text)
        case nil where leading.contains("--dump-commands"):
            Console.json { CommandTable.encode(into: &$0) }
        case nil where leading.contains("--help") || leading.contains("-h"):
            Console.out(HelpText.overview)
        case nil:
            CommandRunner.run(OverviewCommand.self, program: "gopm", arguments: leading)
        case "help":
            help(rest)
        case LiveCompletion.command:
            CompletionWords.print(rest)
        case .some(let word):
            dispatch(word, leading + rest)
        }
    }

    private static func dispatch(_ word: String, _ arguments: [String]) {
        let entry = CommandTable.find(word)
        let wantsJSON = arguments.contains("--json")
        if entry != nil, let refusal = Habits.refusal(word, arguments) {
            CommandRunner.report(CommandFailure(.usage, [refusal]), program: "gopm", wantsJSON: wantsJSON)
        }
        if let command = entry?.command {
            CommandRunner.run(command, program: "gopm", arguments: arguments, usageHint: entry?.usageHint)
        }
        // git's way: a command that is not ours may be a program of the family.
        HelperProgram.execute("gopm-\(word)", arguments)
        if entry != nil {
            let failure = CommandFailure(.failed, ["gopm-\(word) is neither beside gopm nor on PATH"])
            CommandRunner.report(failure, program: "gopm", wantsJSON: wantsJSON)
        }
        if let instead = Habits.instead(of: word) {
            let failure = CommandFailure(.usage, ["unknown command \"\(word)\" (here: \(instead))"])
            CommandRunner.report(failure, program: "gopm", wantsJSON: wantsJSON)
        }
        var lines = ["unknown command \"\(word)\"\(CommandTable.suggestion(for: word))"]
        if !wantsJSON { lines.append("See: gopm --help") }
        CommandRunner.report(CommandFailure(.usage, lines), program: "gopm", wantsJSON: wantsJSON)
    }

    private static func help(_ words: [String]) {
        guard let word = words.first(where: { !$0.hasPrefix("-") }) else { return Console.out(HelpText.overview) }
        dispatch(word, ["--help"])
    }

    /// Takes the global flags that stand before the command.
    private static func split(_ arguments: [String]) -> (leading: [String], word: String?, rest: [String]) {
        var leading: [String] = []
        var index = 0
        while index < arguments.count, arguments[index].hasPrefix("-") {
            leading.append(arguments[index])
            index += 1
            if leading.last == "--config", index < arguments.count {
                leading.append(arguments[index])
                index += 1
            }
        }
        guard index < arguments.count else { return (leading, nil, []) }
        return (leading, arguments[index], Array(arguments[(index + 1)...]))
    }
}
