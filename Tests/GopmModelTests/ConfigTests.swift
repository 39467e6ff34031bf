import GopmJSON
import Testing

@testable import GopmModel

@Suite struct ConfigTests {
    private func parse(_ text: String) throws(ConfigError) -> (config: Config, warnings: [Fault]) {
        try Config.parse(Array(text.utf8))
    }

    private func lines(_ text: String) -> [String] {
        do throws(ConfigError) {
            _ = try parse(text)
            return []
        } catch {
            return error.lines
        }
    }

    @Test func absentSectionsTakeTheDefaults() throws {
        let (config, warnings) = try parse("{}")
        #expect(config == Config())
        #expect(warnings == [])
        #expect(config.logs.directory == nil)
        #expect(config.logs.maxSize == 104_857_600)
        #expect(config.logs.maxFiles == 3)
        #expect(config.mcpServer?.device == ["127.0.0.1"])
        #expect(config.mcpServer?.port == 18_999)
        #expect(config.mcpServer?.uri == "/mcp")
        #expect(config.telegraf == nil)
    }

    @Test func nullSwitchesOff() throws {
        let (config, warnings) = try parse(#"{"logs":null,"mcpserver":null,"telemetry":null}"#)
        #expect(config.logs == Config.Logs())
        #expect(config.mcpServer == nil)
        #expect(config.telegraf == nil)
        #expect(warnings == [])
        #expect(try parse(#"{"telemetry":{"telegraf":null}}"#).config.telegraf == nil)
        #expect(try parse(#"{"telemetry":{}}"#).config.telegraf == nil)
    }

    @Test func emptySectionsAreOnWithDefaults() throws {
        let config = try parse(#"{"logs":{},"mcpserver":{},"telemetry":{"telegraf":{}}}"#).config
        #expect(config.logs == Config.Logs())
        #expect(config.mcpServer == Config.MCPServer())
        #expect(config.telegraf == Config.Telegraf())
        #expect(config.telegraf?.udp == "127.0.0.1:8094")
        #expect(config.telegraf?.measurement == "gopm")
        #expect(config.telegraf?.maxDatagram == nil)
    }

    @Test func everySettingIsRead() throws {
        let (config, warnings) = try parse(
            #"""
            {"$schema":"config.schema.json",
             "logs":{"directory":"/var/log/gopm","max_size":"5M","max_files":2e1},
             "mcpserver":{"device":["eth0","::1"],"port":65535,"uri":"/x","allow":["read"],"reveal":true,"metrics":true},
             "telemetry":{"telegraf":{"udp":"[::1]:8094","measurement":"m","max_datagram":1400}}}
            """#
        )
        var expected = Config()
        expected.logs.directory = "/var/log/gopm"
        expected.logs.maxSize = 5 << 20
        expected.logs.maxFiles = 20
        var server = Config.MCPServer()
        server.device = ["eth0", "::1"]
        server.port = 65_535
        server.uri = "/x"
        server.allow = [.read]
        server.reveal = true
        server.metrics = true
        expected.mcpServer = server
        var telegraf = Config.Telegraf()
        telegraf.udp = "[::1]:8094"
        telegraf.measurement = "m"
        telegraf.maxDatagram = 1_400
        expected.telegraf = telegraf
        #expect(config == expected)
        #expect(warnings == [])
    }

    @Test func unknownKeysAreWarnings() throws {
        let (config, warnings) = try parse(
            #"{"log":{},"logs":{"dir":"x"},"mcpserver":{"host":1},"telemetry":{"statsd":{},"telegraf":{"tcp":""}}}"#
        )
        #expect(config.telegraf == Config.Telegraf())
        let paths = warnings.map(\.path).sorted()
        #expect(paths == ["log", "logs.dir", "mcpserver.host", "telemetry.statsd", "telemetry.telegraf.tcp"])
        #expect(Set(warnings.map(\.message)) == ["unknown field, ignored"])
    }

    @Test(
        arguments: [
            ("[]", "expected an object, found an array"), (#"{"logs":7}"#, "logs: expected an object, found a number"),
            (#"{"logs":{"directory":"logs"}}"#, #"logs.directory: "logs" is not an absolute path"#),
            (
                #"{"logs":{"max_size":"1"}}"#,
                #"logs.max_size: "1" is not a size (such as 500K, 10M, 1G; 1K to 1T)"#
            ),
            (#"{"logs":{"directory":"/a\u0000b"}}"#, "logs.directory: cannot hold a NUL character"),
            (#"{"logs":{"max_files":2.5}}"#, "logs.max_files: expected a whole number, found a number"),
            (#"{"$schema":1}"#, ##"["$schema"]: expected a string, found a number"##),
            (#"{"logs":{"max_files":-1}}"#, "logs.max_files: -1 is out of range (0 to 1000)"),
            (#"{"mcpserver":true}"#, "mcpserver: expected an object, found true or false"),
            (#"{"mcpserver":{"device":"eth0"}}"#, "mcpserver.device: expected a list of strings, found a string"),
            (#"{"mcpserver":{"device":[1]}}"#, "mcpserver.device[0]: expected a string, found a number"),
            (#"{"mcpserver":{"port":0}}"#, "mcpserver.port: 0 is out of range (1 to 65535)"),
            (#"{"mcpserver":{"port":65536}}"#, "mcpserver.port: 65536 is out of range (1 to 65535)"),
            (#"{"mcpserver":{"uri":"mcp"}}"#, #"mcpserver.uri: "mcp" does not begin with "/""#),
            (
                #"{"mcpserver":{"allow":["read","write"]}}"#,
                #"mcpserver.allow: "write" is not allowed (read, control, start)"#
            ),
            (#"{"mcpserver":{"reveal":1}}"#, "mcpserver.reveal: expected true or false, found a number"),
            (#"{"telemetry":[]}"#, "telemetry: expected an object, found an array"),
            (#"{"telemetry":{"telegraf":1}}"#, "telemetry.telegraf: expected an object, found a number"),
            (
                #"{"telemetry":{"telegraf":{"udp":"localhost"}}}"#,
                #"telemetry.telegraf.udp: "localhost" is not host:port (such as 127.0.0.1:8094)"#
            ),
            (
                #"{"telemetry":{"telegraf":{"udp":"localhost:99999"}}}"#,
                #"telemetry.telegraf.udp: "localhost:99999" is not host:port (such as 127.0.0.1:8094)"#
            ),
            (#"{"telemetry":{"telegraf":{"measurement":""}}}"#, "telemetry.telegraf.measurement: cannot be empty"),
            (
                #"{"telemetry":{"telegraf":{"max_datagram":511}}}"#,
                "telemetry.telegraf.max_datagram: 511 is out of range (512 to 65507)"
            ),
        ] as [(String, String)]
    )
    func faults(text: String, line: String) {
        #expect(lines(text) == [line])
    }

    @Test(arguments: [":8094", "localhost:+8094", "localhost:", "a:b:8094", "x[::1]:80", "[]:80", "[a]b]:80"])
    func udpWithoutARightHostOrPort(udp: String) {
        #expect(lines(#"{"telemetry":{"telegraf":{"udp":"\#(udp)"}}}"#).count == 1)
    }

    @Test func allFaultsAreListedInOneGo() {
        let text = #"{"logs":{"max_files":"3"},"mcpserver":{"port":0,"uri":"x"},"telemetry":7}"#
        #expect(
            lines(text) == [
                "logs.max_files: expected a whole number, found a string",
                "mcpserver.port: 0 is out of range (1 to 65535)",
                #"mcpserver.uri: "x" does not begin with "/""#, "telemetry: expected an object, found a number",
            ]
        )
    }

    @Test func brokenJSONSaysWhere() {
        #expect(lines("{\n  logs: {}}").first?.hasPrefix("line 2, column 3:") == true)
        #expect(ConfigError.unreadable("permission denied").lines == ["permission denied"])
    }

    @Test func homeFolderAndEmptyDirectory() throws {
        #expect(try parse(#"{"logs":{"directory":"~/l"}}"#).config.logs.directory == "~/l")
        #expect(try parse(#"{"logs":{"directory":""}}"#).config.logs.directory == nil)
        #expect(try parse(#"{"mcpserver":{"device":[]}}"#).config.mcpServer?.device == [])
    }
}
