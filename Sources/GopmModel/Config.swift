package import GopmJSON

/// The settings of `gopm.config.json`.
///
/// Each section is absent (defaults), `null` (off) or an object.
package struct Config: Sendable, Hashable {
    package struct Logs: Sendable, Hashable {
        /// Absolute; `nil` means `logs` in the home.
        package var directory: String?
        /// Bytes; a start's own `max_log_size` is stronger.
        package var maxSize: Int64 = 100 << 20
        /// Rotated files kept beside the current one.
        package var maxFiles = 3
    }

    package struct MCPServer: Sendable, Hashable {
        /// IP addresses, interface names or `localhost`; empty means loopback.
        package var device: [String] = ["127.0.0.1"]
        package var port = 18999
        package var uri = "/mcp"
        /// Which groups of tools exist.
        package var allow = MCPAccess.allCases
        /// Whether clients may see values of the environment that look secret, if they ask.
        package var reveal = false
        /// Whether the HTTP side also answers scrapes of metrics.
        package var metrics = false

        package init() {}
    }

    /// What an AI tool may do.
    package enum MCPAccess: String, Sendable, CaseIterable {
        /// Look.
        case read
        /// Act on what is in the list.
        case control
        /// Run what it is told.
        case start
    }

    package struct Telegraf: Sendable, Hashable {
        /// ``Endpoint`` of the receiver.
        package var udp = "127.0.0.1:8094"
        package var measurement = "gopm"
        /// Bytes; `nil` means 8,192 on loopback and 1,400 elsewhere.
        package var maxDatagram: Int?
    }

    package var logs = Logs()
    /// `nil` when switched off.
    package var mcpServer: MCPServer? = MCPServer()
    /// `nil` when switched off, which is the default.
    package var telegraf: Telegraf?

    package init() {}
}

extension Config {
    /// Reads a config's text.
    ///
    /// - Returns: The settings, and a warning for each unknown key.
    package static func parse(_ bytes: [UInt8]) throws(ConfigError) -> (config: Config, warnings: [Fault]) {
        let document: JSONValue
        do {
            document = try JSONValue.parse(bytes)
        } catch {
            throw .notJSON(error)
        }
        guard let root = document.objectValue else {
            throw .faults([Fault(path: "", message: "expected an object, found \(document.kindName)")])
        }
        var config = Config()
        var fields = FieldReader(root)
        var warnings: [Fault] = []
        // Editors are told by it what the file is.
        _ = fields.string("$schema")
        config.readLogs(&fields, &warnings)
        config.readMCPServer(&fields, &warnings)
        config.readTelemetry(&fields, &warnings)
        warnings += warningsForUnknownKeys(fields, at: JSONPath.root)
        guard fields.faults.isEmpty else { throw .faults(fields.faults) }
        return (config, warnings)
    }

    private mutating func readLogs(_ fields: inout FieldReader, _ warnings: inout [Fault]) {
        guard let object = fields.object("logs") else { return }
        var section = FieldReader(object, at: JSONPath.root["logs"])
        if let directory = section.string("directory"), !directory.isEmpty {
            if directory.utf8.contains(0) {
                section.fault("directory", "cannot hold a NUL character")
            } else if directory.hasPrefix("/") || directory.hasPrefix("~/") {
                logs.directory = directory
            } else {
                section.fault("directory", "\"\(directory)\" is not an absolute path")
            }
        }
        logs.maxSize = section.logSize("max_size") ?? logs.maxSize
        logs.maxFiles = section.integer("max_files", in: 0...1000) ?? logs.maxFiles
        Config.close(section, "logs", &fields, &warnings)
    }

    private mutating func readMCPServer(_ fields: inout FieldReader, _ warnings: inout [Fault]) {
        guard fields.isPresent("mcpserver") else { return }
        guard let value = fields.value("mcpserver") else {
            mcpServer = nil
            return
        }
        guard value.objectValue != nil, let object = fields.object("mcpserver") else {
            _ = fields.object("mcpserver")
            return
        }
        var section = FieldReader(object, at: JSONPath.root["mcpserver"])
        var server = MCPServer()
        server.device = section.strings("device") ?? server.device
        server.port = section.integer("port", in: 1...65535) ?? server.port
        if let uri = section.string("uri") {
            server.uri = uri
            if !uri.hasPrefix("/") { section.fault("uri", "\"\(uri)\" does not begin with \"/\"") }
        }
        server.readAllow(&section)
        server.reveal = section.bool("reveal") ?? server.reveal
        server.metrics = section.bool("metrics") ?? server.metrics
        mcpServer = server
        Config.close(section, "mcpserver", &fields, &warnings)
    }

    private mutating func readTelemetry(_ fields: inout FieldReader, _ warnings: inout [Fault]) {
        guard let object = fields.object("telemetry") else { return }
        let path = JSONPath.root["telemetry"]
        var section = FieldReader(object, at: path)
        if let inner = section.object("telegraf") {
            var keys = FieldReader(inner, at: path["telegraf"])
            var telegraf = Telegraf()
            if let udp = keys.string("udp") {
                telegraf.udp = udp
                if Endpoint(udp) == nil {
                    keys.fault("udp", "\"\(udp)\" is not host:port (such as 127.0.0.1:8094)")
                }
            }
            if let measurement = keys.string("measurement") {
                telegraf.measurement = measurement
                if measurement.isEmpty { keys.fault("measurement", "cannot be empty") }
            }
            telegraf.maxDatagram = keys.integer("max_datagram", in: 512...65507)
            self.telegraf = telegraf
            Config.close(keys, "telegraf", &section, &warnings, at: path)
        }
        Config.close(section, "telemetry", &fields, &warnings)
    }

    private static func close(
        _ section: FieldReader,
        _ key: String,
        _ fields: inout FieldReader,
        _ warnings: inout [Fault],
        at path: JSONPath = JSONPath.root
    ) {
        fields.add(section)
        warnings += warningsForUnknownKeys(section, at: path[key])
    }

    private static func warningsForUnknownKeys(_ fields: FieldReader, at path: JSONPath) -> [Fault] {
        fields.unknownKeys.map { Fault(path: path[$0].description, message: "unknown field, ignored") }
    }
}

extension Config.MCPServer {
    fileprivate mutating func readAllow(_ section: inout FieldReader) {
        guard let words = section.strings("allow") else { return }
        allow = []
        for word in words {
            if let access = Config.MCPAccess(rawValue: word) {
                if !allow.contains(access) { allow.append(access) }
            } else {
                section.fault("allow", "\"\(word)\" is not allowed (read, control, start)")
            }
        }
    }
}

/// Why a config was refused.
package enum ConfigError: Error, Sendable {
    case notJSON(JSONError)
    case faults([Fault])
    case unreadable(String)

    /// One line a fault.
    package var lines: [String] {
        switch self {
        case .notJSON(let error): ["\(error)"]
        case .faults(let faults): faults.map(\.description)
        case .unreadable(let reason): [reason]
        }
    }
}
