import ArgumentParser
import CLinux
import GopmClient
import GopmCommandLine
import GopmMCP
import GopmModel
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// gopm-mcp: lets AI tools look at and manage processes, over the Model Context Protocol.
@main
struct MCPCommand: ParsableCommand {
    static let configuration = CommandConfiguration.helper(
        "gopm-mcp",
        "[serve|config]",
        abstract: "Let AI tools look at and manage processes (Model Context Protocol).",
        discussion: """
            Without anything it serves HTTP as the config says (127.0.0.1:18999/mcp by default) to programs of this user, \
            until Ctrl-C. With --stdio it serves the one client that has started it. "config" prints settings to paste \
            into a client.
            """
    )

    enum Action: String {
        case serve, config
    }

    @Argument(
        help: ArgumentHelp("serve, or config: settings to paste. (default: serve)", valueName: "action"),
        completion: .list(["serve", "config"]),
        transform: { text in
            guard let action = Action(rawValue: text) else {
                throw FlagValue.refusal(text, "allowed (serve or config)")
            }
            return action
        }
    )
    var action = Action.serve

    @Flag(help: "Serve the client on standard input and output.")
    var stdio = false

    @OptionGroup var global: GlobalOptions

    static func main() {
        // A client that went away is an error of write, which every writer looks at.
        signal(SIGPIPE, SIG_IGN)
        gopm_keep_heap_small()
        CommandRunner.run(MCPCommand.self, program: "gopm-mcp", arguments: Array(CommandLine.arguments.dropFirst()))
    }

    func validate() throws {
        if stdio, action == .config { throw ValidationError("--stdio is for serve; config shows both ways") }
    }

    func run() throws {
        let settings = try global.loadConfig()
        switch action {
        case .config: try SettingsOutput(global: global, config: settings.config).show()
        case .serve: Serving(global: global, config: settings.config, isStdio: stdio).runUntilEnd()
        }
    }
}
