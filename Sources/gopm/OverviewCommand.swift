import ArgumentParser
import GopmClient
import GopmCommandLine

/// Bare `gopm`: the list if there is something to list, else help.
///
/// It never starts a daemon.
struct OverviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "gopm", abstract: "List the processes, or help.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard let connection = try? global.access.connect(),
            let answer = try? ListAnswer(connection, isFull: global.json),
            global.json || !answer.records.isEmpty
        else {
            if global.json { Console.json(Array("[]".utf8)) } else { Console.out(HelpText.overview) }
            return
        }
        answer.print(json: global.json, ports: false)
    }
}
