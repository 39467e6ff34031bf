import GopmClient
import GopmCommandLine
import GopmJSON
import GopmMCP
import GopmModel
import GopmSystem
import GopmTerminal

#if canImport(Glibc)
    import Glibc
#endif

/// `gopm mcp config`: what to paste into a client.
struct SettingsOutput {
    let global: GlobalOptions
    let config: Config

    func show() throws(CommandFailure) {
        let settings = try settings()
        if global.json { return Console.json { encode(settings, into: &$0) } }
        Console.out("Claude Code, which starts the server itself:\n")
        Console.out(DisplayText.sanitized("  \(settings.claudeCommand)"))
        Console.out("\nClaude Desktop (claude_desktop_config.json), Cursor (.cursor/mcp.json) and others; VS Code")
        Console.out("(.vscode/mcp.json) writes \"servers\" for \"mcpServers\":\n")
        Console.json { settings.encodeStdio(into: &$0) }
        Console.out("\nTo let them only look: {\"mcpserver\": {\"allow\": [\"read\"]}} in \(global.home.config).")
        guard let url = settings.url else {
            return Console.out("\nHTTP is switched off (\"mcpserver\": null).")
        }
        Console.out(
            "\nClients that connect to a running \"gopm mcp\" over HTTP (.mcp.json of Claude Code). The token is"
        )
        Console.out("only needed by programs of other users and other machines; keep it secret:\n")
        Console.json { settings.encodeHTTP(url, into: &$0) }
    }

    private func settings() throws(CommandFailure) -> ClientSettings {
        let token: String
        do throws(SystemError) {
            token = try AccessToken.readOrCreate(global.home)
        } catch {
            throw CommandFailure("\(error)")
        }
        var environment: [String: String] = [:]
        if Environment.value("GOPM_HOME") != nil { environment["GOPM_HOME"] = global.home.path }
        return ClientSettings(
            program: FileSystem.ownExecutable ?? "gopm-mcp",
            arguments: global.config.map {
                ["--config", PathText.normalized($0, relativeTo: FileSystem.currentFolder)]
            }
                ?? [],
            environment: environment,
            url: try url(),
            token: token
        )
    }

    private func url() throws(CommandFailure) -> String? {
        guard let section = config.mcpServer else { return nil }
        do throws(ServeError) {
            let address = try BindAddress.resolve(section.device).first ?? "127.0.0.1"
            let host = address == "0.0.0.0" || address == "::" ? "127.0.0.1" : address
            return "http://\(host.contains(":") ? "[\(host)]" : host):\(section.port)\(section.uri)"
        } catch {
            throw CommandFailure(error.message)
        }
    }

    private func encode(_ settings: ClientSettings, into json: inout JSONWriter) {
        json.object { json in
            json.member("stdio") { settings.encodeStdio(into: &$0) }
            json.key("http")
            if let url = settings.url { settings.encodeHTTP(url, into: &json) } else { json.null() }
        }
    }
}
