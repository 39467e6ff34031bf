import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmModel
import GopmSystem
import GopmTerminal
import SystemPackage

struct GuiCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "gui",
        abstract: "Manage processes on the whole screen.",
        discussion: "The key ? lists the keys, q leaves."
    )

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Time between two looks at CPU, memory and uptimes. (default: 1s)", valueName: "duration"),
        transform: Self.refresh
    )
    var refresh = Duration.seconds(1)

    @OptionGroup var global: GlobalOptions

    func run() throws {
        if global.json { throw CommandFailure(.usage, ["gui has no --json; see: gopm watch --json"]) }
        let access = global.access
        let connection = try global.connect()
        let shell: GuiShell
        do throws(TerminalSession.Failure) {
            shell = GuiShell(try TerminalSession(.application), LiveConnection(connection, access: access), refresh)
        } catch {
            throw CommandFailure(error)
        }
        shell.run()
    }

    private static func refresh(_ text: String) throws -> Duration {
        guard let refresh = DurationText.parse(text), (.milliseconds(100) ... .seconds(3600)).contains(refresh) else {
            throw FlagValue.refusal(text, "allowed (a duration from 100ms to 1h)")
        }
        return refresh
    }
}

extension CommandFailure {
    fileprivate init(_ failure: TerminalSession.Failure) {
        switch failure {
        case .noTerminal: self.init("gui needs a terminal for input and output; try: gopm list")
        case .cannotMoveCursor:
            self.init("gui needs a terminal that can move its cursor, but TERM is dumb or not set; try: gopm list")
        case .system(let number): self.init("cannot set up the terminal: \(Errno(rawValue: number).words)")
        }
    }
}
