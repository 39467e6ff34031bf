import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmSystem
import GopmTerminal
import GopmWire

#if canImport(Glibc)
    import Glibc
#endif

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "export",
        "[<name|id|all> ...]",
        abstract: "Print processes as an ecosystem file, or a sample config.",
        discussion: "Only what differs from the defaults is printed; --full prints every setting."
    )

    @Argument(
        help: ArgumentHelp("Names or ids, or all. (default: all)", valueName: "name|id|all"),
        completion: .live(.processesOrAll)
    )
    var targets: [String] = []

    @Flag(name: .shortAndLong, help: "Print a sample gopm.config.json with all defaults.")
    var new = false

    @Flag(help: "Print every setting, also defaults.")
    var full = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
        if new { return Console.json(SampleConfig.text(home: global.home)) }
        let connection = try global.connect()
        let records = try RecordReading.records(try reporting { () throws(ClientError) in try connection.call(.list) })
        let chosen = try choose(from: records)
        let config = try global.loadConfig().config
        Console.json { json in
            json.object { json in
                json.key("apps")
                json.array { json in
                    for record in chosen { request(for: record, config).encode(into: &json, includesDefaults: full) }
                }
            }
        }
    }

    private func choose(from records: [ProcessRecord]) throws(CommandFailure) -> [ProcessRecord] {
        if targets.isEmpty || targets.contains("all") { return records }
        var chosen: [ProcessRecord] = []
        for target in targets {
            guard
                let record = records.first(where: { $0.spec.name == target })
                    ?? records.first(where: { "\($0.id)" == target })
            else {
                throw CommandFailure("process \"\(target)\" not found")
            }
            chosen.append(record)
        }
        return chosen
    }

    private func request(for record: ProcessRecord, _ config: Config) -> StartRequest {
        StartRequest(
            exporting: record.spec,
            logFolder: config.logFolder(home: global.home, userDirectory: Environment.value("HOME")),
            maxLogSize: config.logs.maxSize,
            isFull: full
        )
    }
}

/// `export --new`: a config that turns nothing on.
enum SampleConfig {
    static func text(home: Home) -> [UInt8] {
        let config = Config()
        var json = JSONWriter()
        json.object { json in
            json.member("logs") { json in
                json.object { json in
                    json.member("directory", home.logs)
                    json.member("max_size", ByteSize.format(config.logs.maxSize))
                    json.member("max_files", config.logs.maxFiles)
                }
            }
            if let server = config.mcpServer {
                json.member("mcpserver") { json in
                    json.object { json in
                        json.member("device", server.device)
                        json.member("port", server.port)
                        json.member("uri", server.uri)
                        json.member("allow", server.allow.map(\.rawValue))
                        json.member("reveal", server.reveal)
                        json.member("metrics", server.metrics)
                    }
                }
            }
            json.key("telemetry")
            json.null()
        }
        return json.bytes
    }
}
