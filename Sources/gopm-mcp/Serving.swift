import GopmClient
import GopmCommandLine
import GopmMCP
import GopmModel
import GopmSystem
import GopmTerminal

#if canImport(Glibc)
    import Glibc
#endif

/// One run of the server.
struct Serving: Sendable {
    private let isStdio: Bool
    private let wantsJSON: Bool
    private let access: DaemonAccess
    private let config: Config

    init(global: GlobalOptions, config: Config, isStdio: Bool) {
        self.isStdio = isStdio
        self.config = config
        wantsJSON = global.json
        var access = global.access
        access.onNotice = { Console.error("gopm-mcp: \(DisplayText.sanitized($0))") }
        self.access = access
    }

    /// Serves, and ends the process.
    func runUntilEnd() -> Never {
        // Not the priority of the main thread, for which libdispatch wants a nice value that ordinary users may not have.
        Task(priority: .medium) {
            do throws(ServeError) {
                if isStdio { await serveStdio() } else { try await serveHTTP() }
                exit(ExitReason.done.rawValue)
            } catch {
                CommandRunner.report(CommandFailure(error.message), program: "gopm-mcp", wantsJSON: wantsJSON)
            }
        }
        // The work is done by other threads; the signals that end it are theirs, too.
        while true { pause() }
    }

    private var daemon: DaemonCalls { DaemonCalls(access: access) }

    private var server: MCPServer {
        // Without the section's HTTP there is still standard input.
        let section = config.mcpServer ?? Config.MCPServer()
        let settings = Toolbox.Settings(
            logFolder: config.logFolder(home: access.home, userDirectory: Environment.value("HOME")),
            maxLogSize: config.logs.maxSize,
            allow: section.allow,
            userFolder: Environment.value("HOME") ?? "/",
            searchPath: Environment.value("PATH")
        )
        let policy = EnvironmentPolicy(mayReveal: section.reveal)
        return MCPServer(
            toolbox: Toolbox(daemon: daemon, policy: policy, settings: settings),
            feed: ChangeFeed(access: access)
        )
    }

    private func serveStdio() async {
        if isatty(0) != 0 {
            Console.error("gopm-mcp: waiting for the messages of a client; for settings to paste: gopm mcp config")
        }
        await StdioTransport(server: server).run()
    }

    private func serveHTTP() async throws(ServeError) {
        guard let section = config.mcpServer else {
            throw ServeError(
                "\"mcpserver\": null in the config switches HTTP off (gopm-mcp --stdio works all the same)"
            )
        }
        let service = try HTTPService(server: server, daemon: daemon, config: section)
        let home = access.home
        let urls = service.urls
        try await service.run {
            MCPMark.leave(in: home, urls: urls)
            for url in urls { Console.error("gopm-mcp: listening on \(url)") }
        }
    }
}
