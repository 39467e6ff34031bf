import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// gopm-mcp with the official client of the protocol, and with those who mean harm.
@Suite(.daemonLog)
struct MCPTests {
    /// Every tool, resource, prompt and subscription over both transports, in both eras at once.
    @Test func theOfficialClientDoesEverything() throws {
        try MCPFixture.with { try $0.run("official_client.py", Programs.mcp, Programs.testapp) }
    }

    /// Every method of every revision; the official models look at each message.
    @Test func everyRevisionIsSpokenAsItIsWritten() throws {
        try MCPFixture.with { fixture in
            try fixture.daemon.start("nap", "--run-forever")
            try fixture.run("revisions.py", Programs.mcp)
        }
    }

    /// Web pages, other users, damaged, huge and slow requests, a crowd, a daemon that dies.
    @Test func attackersGetNothing() throws {
        try MCPFixture.with { try $0.run("attacks.py", Programs.testapp) }
    }

    @Test func aStreamEndsWithItsLastWordWhenTheServerIsToEnd() throws {
        try MCPFixture.with { fixture in
            let listen = """
                {"jsonrpc":"2.0","id":"s","method":"subscriptions/listen","params":{"notifications":{},"_meta":{\
                "io.modelcontextprotocol/protocolVersion":"2026-07-28",\
                "io.modelcontextprotocol/clientCapabilities":{}}}}
                """
            try fixture.daemon.write(listen, to: "listen.json")
            let script = """
                import http.client, sys
                connection = http.client.HTTPConnection("127.0.0.1", \(fixture.port), timeout=30)
                connection.request("POST", "/mcp", open("listen.json").read(), {"Content-Type": "application/json",
                    "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "subscriptions/listen"})
                response = connection.getresponse()
                print(response.status, flush=True)
                for line in response:
                    print(line.decode().strip(), flush=True)
                    if b"acknowledged" in line: open("acknowledged", "w").close()
                """
            try fixture.daemon.write(script, to: "listen.py")
            let python = try RunningCommand(
                "/usr/bin/env",
                ["python3", "listen.py"],
                environment: fixture.daemon.environment,
                folder: fixture.daemon.folder
            )
            #expect(eventually { TestFiles.exists("\(fixture.daemon.folder)/acknowledged") })
            fixture.server.signal(SIGTERM)
            let result = try python.finish(timeout: .seconds(10)).check()
            #expect(result.lines.first == "200")
            #expect(result.stdout.contains("notifications/subscriptions/acknowledged"))
            let last = result.lines.last { $0.hasPrefix("data: ") } ?? ""
            #expect(last.contains(#""id":"s""#) && last.contains(#""resultType":"complete""#), "\(result)")
        }
    }

    /// The server's sockets must not live on in a daemon that it has started.
    @Test func aDaemonThatItStartsInheritsNothing() throws {
        var port: UInt16 = 0
        try MCPFixture.with { fixture in
            port = fixture.port
            try fixture.daemon.run("kill").check()
            let call = """
                {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"gopm_ping","_meta":{\
                "io.modelcontextprotocol/protocolVersion":"2026-07-28",\
                "io.modelcontextprotocol/clientCapabilities":{}}}}
                """
            let head = """
                POST /mcp HTTP/1.1\r\nHost: localhost:\(port)\r\nContent-Type: application/json\r\n\
                MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: gopm_ping\r\n\
                Content-Length: \(call.utf8.count)\r\n\r\n
                """
            #expect(LocalPort.ask(port, head + call)?.contains(#""isError":false"#) == true)
            fixture.server.signal(SIGTERM)
            #expect(eventually { LocalPort.ask(port, "") == nil }, "somebody still listens")
            #expect(fixture.daemon.daemonPID != nil)
        }
    }

    /// Threads that want a priority that such a user may not have would complain on standard error.
    @Test func anOrdinaryUserReadsWhereItListensAndNothingElse() throws {
        let port = LocalPort.free()
        try DaemonFixture.with(startsDaemon: false, config: #"{"mcpserver": {"port": \#(port)}}"#) { daemon in
            try daemon.becomeOrdinaryUser()
            let bytes = try #require(TestFiles.read(Programs.mcp))
            try TestFiles.write(bytes, to: "\(daemon.folder)/bin/gopm-mcp", mode: 0o755)
            let fixture = MCPFixture(daemon: daemon, server: try daemon.begin(["mcp"]), port: port)
            #expect(eventually { fixture.health == "ok" })
            fixture.server.signal(SIGTERM)
            let result = try fixture.server.finish(timeout: .seconds(10)).check()
            #expect(result.standardError == "gopm-mcp: listening on \(fixture.url)\n")
        }
    }

    @Test func whatIsPipedInIsAnsweredToTheEnd() throws {
        try DaemonFixture.with { daemon in
            let tooLong = String(repeating: " ", count: 1 << 20) + "{}"
            let answers = try daemon.mcp(
                #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"gopm_ping"}}"#,
                "{",
                tooLong,
                #"{"jsonrpc":"2.0","method":"notifications/no/such"}"#,
                #"{"jsonrpc":"2.0","id":2,"method":"ping"}"#
            )
            #expect(answers.count == 4)
            #expect(answers.compactMap { $0["error"]?["code"]?.integerValue }.sorted() == [-32700, -32600])
            let ping = answers.first { $0["id"] == 1 }
            #expect(ping?["result"]?["structuredContent"]?["pid"]?.integerValue == daemon.daemonPID.map(Int64.init))
            #expect(answers.contains { $0["id"] == 2 })
        }
    }

    @Test func theConfigLimitsWhatExists() throws {
        let config = #"{"mcpserver": {"allow": ["read"], "reveal": true}}"#
        try DaemonFixture.with(config: config) { daemon in
            try daemon.start("api", flags: ["--env", "API_TOKEN=visible", "--env", "PORT=1"], "--run-forever")
            let answers = try daemon.mcp(
                #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
                #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"gopm_stop","arguments":{"target":"api"}}}"#,
                #"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"gopm_describe","arguments":{"target":"api","reveal":true}}}"#,
                #"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"gopm_describe","arguments":{"target":"api"}}}"#
            )
            func answer(_ id: Int64) throws -> JSONValue { try #require(answers.first { $0["id"] == .integer(id) }) }
            let tools = try answer(1)["result"]?["tools"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
            #expect(
                Set(tools) == [
                    "gopm_list", "gopm_describe", "gopm_isrunning", "gopm_logs", "gopm_pid", "gopm_ping", "gopm_export",
                ]
            )
            #expect(try answer(2)["error"]?["code"] == -32602)
            #expect(try daemon.state("api") == "running")
            let shown = try answer(3)["result"]?["structuredContent"]?["env"]
            #expect(shown == ["API_TOKEN": "visible", "PORT": "1"])
            let masked = try answer(4)["result"]?["structuredContent"]?["env"]
            #expect(masked == ["API_TOKEN": "<masked>", "PORT": "1"])
        }
    }

    @Test(arguments: [true, false])
    func metricsAreThereForAScrapeIfTheConfigSaysSo(_ isOn: Bool) throws {
        try MCPFixture.with(section: isOn ? #""metrics": true"# : "") { server in
            try server.daemon.start("api", "--run-forever")
            let answer = server.get("/metrics")
            #expect(answer.hasPrefix(isOn ? "HTTP/1.1 200 " : "HTTP/1.1 404 "), "\(answer)")
            #expect(answer.hasSuffix("# EOF\n") == isOn && answer.contains("name=\"api\"") == isOn, "\(answer)")
            guard isOn else { return }
            try server.daemon.run("kill").check()
            #expect(server.get("/metrics").hasPrefix("HTTP/1.1 503 ") && server.daemon.daemonPID == nil)
        }
    }

    @Test func theDaemonsLogSaysWhoWantedIt() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("api", "--run-forever")
            let stop =
                #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"gopm_stop","arguments":{"target":"api"}}}"#
            _ = try daemon.mcp(stop)
            #expect(try daemon.state("api") == "stopped")
            #expect(!daemon.daemonLog(#"client="shell 1""#, "method=stop", "target=api").isEmpty)
        }
    }

    @Test func whatCannotBeServedIsSaidInOneLine() throws {
        let port = LocalPort.free()
        for (section, word) in [
            ("null", "switches HTTP off"), (#"{"device": ["no-such-interface0"]}"#, "no-such-interface0"),
            (#"{"device": ["127.0.0.1", "192.0.2.1"], "port": \#(port)}"#, "192.0.2.1"),
        ] {
            try DaemonFixture.with(startsDaemon: false, config: #"{"mcpserver": \#(section)}"#) { daemon in
                let result = try daemon.run("mcp")
                #expect(result.status == 1, "\(result)")
                #expect(result.standardError.contains(word), "\(result)")
                let json = try daemon.run("mcp", "--json")
                #expect(json.status == 1)
                #expect(try json.json()["error"]?.stringValue?.contains(word) == true, "\(json)")
            }
        }
        try MCPFixture.with { fixture in
            let result = try fixture.daemon.run("mcp")
            #expect(result.status == 1, "\(result)")
            #expect(result.standardError.contains("port \(fixture.port) of 127.0.0.1 is in use"), "\(result)")
        }
    }

    @Test func withoutHTTPStandardInputStillWorks() throws {
        try DaemonFixture.with(config: #"{"mcpserver": null}"#) { daemon in
            let answers = try daemon.mcp(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)
            #expect(answers == [["jsonrpc": "2.0", "id": 1, "result": [:]]])
        }
    }

    @Test func configPrintsWhatToPaste() throws {
        try DaemonFixture.with(startsDaemon: false, config: #"{"mcpserver": {"port": 4321, "uri": "/x"}}"#) { daemon in
            let first = try daemon.run("mcp", "config", "--json").check().json()
            let stdio = first["stdio"]?["mcpServers"]?["gopm"]
            #expect(stdio?["command"]?.stringValue == Programs.mcp)
            #expect(stdio?["args"] == ["--stdio"])
            #expect(stdio?["env"]?["GOPM_HOME"]?.stringValue == daemon.home)
            let http = first["http"]?["mcpServers"]?["gopm"]
            #expect(http?["url"] == "http://127.0.0.1:4321/x")
            let token = TestFiles.text("\(daemon.home)/mcp.token").filter { !$0.isWhitespace }
            #expect(token.count == 64)
            #expect(http?["headers"]?["Authorization"]?.stringValue == "Bearer \(token)")
            var info = stat()
            #expect(stat("\(daemon.home)/mcp.token", &info) == 0 && info.st_mode & 0o777 == 0o600)
            #expect(try daemon.run("mcp", "config", "--json").check().json() == first)
            let text = try daemon.run("mcp", "config").check()
            #expect(text.stdout.contains("claude mcp add gopm -e GOPM_HOME=\(daemon.home) -- \(Programs.mcp) --stdio"))
        }
    }

    @Test func statusTellsWhetherItServes() throws {
        try MCPFixture.with { fixture in
            #expect(
                try fixture.daemon.run("status").check().stdout.contains(
                    "Enabled: yes (running, PID \(fixture.server.pid))"
                )
            )
            let status = try fixture.daemon.run("status", "--json").check().json()
            #expect(status["mcp_pid"]?.integerValue == Int64(fixture.server.pid))
        }
        try DaemonFixture.with { daemon in
            let text = try daemon.run("status").check().stdout
            #expect(text.contains("Enabled: yes (not running: gopm mcp)"))
            let status = try daemon.run("status", "--json").check().json()
            #expect(status["mcp_pid"] == 0)
        }
    }
}
