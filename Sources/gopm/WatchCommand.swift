import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmTerminal

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        _superCommandName: "gopm",
        abstract: "Show the list and keep it up to date.",
        discussion: """
            q or Ctrl-C ends it; the arrow keys move through a list that is taller than the terminal. Where standard \
            output is no terminal one table follows another.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Name or id, or all.", completion: .live(.processesOrAll))
    var target = "all"

    @Option(name: .shortAndLong, parsing: .unconditional, help: "Seconds between two looks.", transform: Self.seconds)
    var interval = 1

    @Option(
        name: .shortAndLong,
        parsing: .unconditional,
        help: "End after so many seconds; 0 = never.",
        transform: Self.timeout
    )
    var timeout = 0

    @Flag(name: .shortAndLong, help: "Show listening ports.")
    var ports = false

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

    private static func seconds(_ text: String) throws -> Int {
        guard let seconds = Int(text), (1...1_000_000).contains(seconds) else {
            throw ValidationError("a whole number of seconds from 1 is allowed")
        }
        return seconds
    }

    private static func timeout(_ text: String) throws -> Int {
        guard let seconds = Int(text), (0...1_000_000).contains(seconds) else {
            throw ValidationError("a whole number of seconds from 0 is allowed")
        }
        return seconds
    }
}
