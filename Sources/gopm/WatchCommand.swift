import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmTerminal

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "watch",
        "[<name|id|all>]",
        abstract: "Show the list and keep it up to date.",
        discussion: """
            q or Ctrl-C ends it; the arrow keys move through a list that is taller than the terminal. Where standard \
            output is no terminal one table follows another.
            """
    )

    @Argument(help: .processOrAll, completion: .live(.processesOrAll))
    var target = "all"

    @Option(
        name: [.customShort("i", allowingJoined: true), .long],
        parsing: .unconditional,
        help: ArgumentHelp("Seconds between two looks. (default: 1)", valueName: "seconds"),
        transform: FlagValue.whole(1...1_000_000)
    )
    var interval = 1

    @Option(
        name: [.customShort("t", allowingJoined: true), .long],
        parsing: .unconditional,
        help: ArgumentHelp("End after so many seconds; 0 = never. (default: 0)", valueName: "seconds"),
        transform: FlagValue.whole(0...1_000_000)
    )
    var timeout = 0

    @Flag(name: .shortAndLong, help: "Show listening ports.")
    var ports = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let connection = try global.connect()
        var session = WatchSession(
            LiveConnection(connection, access: global.access),
            target: target,
            interval: interval,
            timeout: timeout,
            ports: ports
        )
        try session.waitForList()
        try session.run(json: global.json)
    }
}
