import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmSystem
import GopmTerminal

#if canImport(Glibc)
    import Glibc
#endif

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "status",
        abstract: "Show the configuration, the daemon and the service."
    )

    @Flag(help: "Only check the config file.")
    var validate = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let settings: ConfigLoader.Loaded
        var refusal: CommandFailure?
        var isReachable = true
        do throws(CommandFailure) {
            settings = try global.loadConfig()
        } catch {
            if validate || global.json { throw error }
            // The rest is worth knowing all the same; what is in effect is the last good one.
            settings = ConfigLoader.loadTolerant(flag: global.config, home: global.home).loaded
            refusal = error
        }
        for warning in settings.warnings {
            Console.error("gopm: \(DisplayText.sanitized("\(settings.path ?? ""): \(warning)"))")
        }
        if validate { return tellValid(settings) }
        var daemon: PingAnswer?
        do throws(ClientError) {
            daemon = try PingAnswer.ofRunningDaemon(global)
        } catch {
            if global.json { throw CommandFailure(error) }
            refusal = refusal ?? CommandFailure(error)
            isReachable = false
        }
        if global.json { return Console.json { json in encode(settings, daemon, into: &json) } }
        print(settings, daemon, isReachable)
        if let refusal { throw refusal }
    }

    private func tellValid(_ settings: ConfigLoader.Loaded) {
        if global.json {
            return Console.json { json in
                json.object { json in
                    json.member("valid", true)
                    json.member("config_file", settings.path ?? "")
                    json.member("warnings", settings.warnings.map(\.description))
                }
            }
        }
        Console.out(settings.path.map { "\($0) is valid" } ?? "no config file; defaults are in effect")
    }

    private func print(_ settings: ConfigLoader.Loaded, _ daemon: PingAnswer?, _ isReachable: Bool) {
        Console.out(
            "Config file: \(settings.path.map { "\($0) (\(settings.bytes.isEmpty ? "refused" : "found"))" } ?? "none (defaults)")"
        )
        if let daemon {
            let source = daemon.usesLastGood ? "refused: the last good one is used" : "found"
            let path = DisplayText.sanitized(daemon.configFile)
            let file = daemon.configFile.isEmpty ? "none (defaults)" : "\(path) (\(source))"
            let isStale = daemon.version != GopmVersion.text
            let version =
                isStale ? Console.styled("version \(daemon.version) (stale!)", .red) : "version \(daemon.version)"
            Console.out("Daemon using: \(file)")
            Console.out("Daemon: PID \(daemon.pid), uptime \(daemon.uptime), \(version)")
        } else {
            Console.out("Daemon: \(isReachable ? "not running" : "cannot be reached")")
        }
        Console.out("CLI binary: version \(GopmVersion.text)")
        Console.out("")
        printSections(settings.config)
        ServiceStatus(global.home, daemonPID: daemon?.pid).print()
        if let warning = VersionWarning.line(daemonVersion: daemon?.version) { Console.out("\n" + warning) }
    }

    private func printSections(_ config: Config) {
        Console.out("Logs:")
        Console.out("  Directory: \(folder(config))")
        Console.out("  Max size: \(HumanFormat.bytes(UInt64(config.logs.maxSize)))")
        Console.out("  Max files: \(config.logs.maxFiles)")
        Console.out("MCP HTTP Server:")
        if let server = config.mcpServer {
            let running = MCPMark.read(in: global.home)
            Console.out("  Enabled: yes (\(running.map { "running, PID \($0.pid)" } ?? "not running: gopm mcp"))")
            Console.out("  Bind: [\(binds(server).map(withRemark).joined(separator: ", "))]")
            Console.out("  URI: \(DisplayText.sanitized(server.uri))")
        } else {
            Console.out("  Enabled: no")
        }
        Console.out("Telemetry:")
        let telegraf = config.telegraf.map { DisplayText.sanitized("\($0.udp) (measurement \($0.measurement))") }
        Console.out("  Telegraf: \(telegraf ?? "disabled")")
    }

    private func encode(_ settings: ConfigLoader.Loaded, _ daemon: PingAnswer?, into json: inout JSONWriter) {
        json.object { json in
            json.member("config_file", settings.path ?? "")
            json.member("source", settings.path == nil ? "defaults" : "found")
            json.member("daemon_config_file", daemon?.configFile ?? "")
            json.member("daemon_config_source", daemon?.configSource ?? "")
            json.member("daemon_pid", daemon?.pid ?? 0)
            json.member("daemon_uptime", daemon?.uptimeMilliseconds ?? 0)
            json.member("daemon_uptime_str", daemon?.uptime ?? "")
            json.member("daemon_version", daemon?.version ?? "")
            json.member("cli_version", GopmVersion.text)
            json.member("version_mismatch", daemon.map { $0.version != GopmVersion.text } ?? false)
            json.member("logs") { json in
                json.object { json in
                    json.member("directory", folder(settings.config))
                    json.member("max_files", settings.config.logs.maxFiles)
                    json.member("max_size", settings.config.logs.maxSize)
                }
            }
            json.member("mcp_enabled", settings.config.mcpServer != nil)
            json.member("mcp_pid", MCPMark.read(in: global.home)?.pid ?? 0)
            json.member("mcp_bind", settings.config.mcpServer.map(binds) ?? [])
            json.member("mcp_uri", settings.config.mcpServer?.uri ?? "")
            json.member("telegraf", settings.config.telegraf != nil)
            ServiceStatus(global.home, daemonPID: daemon?.pid).encode(into: &json)
            json.member("warnings", settings.warnings.map(\.description))
        }
    }

    private func binds(_ server: Config.MCPServer) -> [String] {
        (server.device.isEmpty ? ["127.0.0.1"] : server.device).map {
            "\($0 == "localhost" ? "127.0.0.1" : $0):\(server.port)"
        }
    }

    private func withRemark(_ bind: String) -> String {
        DisplayText.sanitized(bind) + (bind.hasPrefix("127.") || bind.hasPrefix("::1") ? " (loopback)" : "")
    }

    private func folder(_ config: Config) -> String {
        config.logFolder(home: global.home, userDirectory: Environment.value("HOME"))
    }
}
