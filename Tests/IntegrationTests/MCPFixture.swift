import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// A gopm-mcp that serves HTTP for one test.
struct MCPFixture {
    let daemon: DaemonFixture
    let server: RunningCommand
    let port: UInt16

    var url: String { "http://127.0.0.1:\(port)/mcp" }

    /// Runs a test's body beside a server with a port of its own; `section`: more of the config's `mcpserver`.
    static func with(section: String = "", _ body: (MCPFixture) throws -> Void) throws {
        let port = LocalPort.free()
        let config = #"{"mcpserver": {"port": \#(port)\#(section.isEmpty ? "" : ", " + section)}}"#
        try DaemonFixture.with(config: config) { daemon in
            // Makes the token, as a user would.
            try daemon.run("mcp", "config").check()
            let server = try daemon.begin(["mcp"])
            let fixture = MCPFixture(daemon: daemon, server: server, port: port)
            #expect(eventually { fixture.health == "ok" }, "it does not listen")
            do {
                try body(fixture)
            } catch {
                _ = try? fixture.end()
                throw error
            }
            let result = try fixture.end()
            #expect(result.status == 0, "\(result)")
        }
    }

    /// What `GET /health` says.
    var health: String? {
        let text = get("/health").split(separator: "\r\n").last.map(String.init) ?? ""
        return (try? JSONValue.parse(Array(text.utf8)))?["status"]?.stringValue
    }

    /// The whole answer, head and all; empty if there is none.
    func get(_ path: String) -> String {
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n"
        return LocalPort.ask(port, request) ?? ""
    }

    private func end() throws -> CommandResult {
        server.signal(SIGTERM)
        return try server.finish(timeout: .seconds(10))
    }

    /// Runs a script of `Tests/mcp` with Python and the official client, and lets it say what failed.
    func run(_ script: String, _ arguments: String...) throws {
        let tests = #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 }
        let told = getenv("GOPM_TEST_MCP_PYTHON").map { String(cString: $0) }
        let python = told ?? "\(tests)/../.build-mcp/bin/python"
        guard access(python, X_OK) == 0 else {
            throw TestFailure("the official MCP client is missing: make mcp-client (looked for \(python))")
        }
        var environment = daemon.environment
        environment["GOPM_TEST_TIMEOUT"] = getenv("GOPM_TEST_TIMEOUT").map { String(cString: $0) } ?? "1"
        // The scripts' own folder stays as it is.
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        let command = try RunningCommand(
            python,
            ["-W", "ignore", "\(tests)/mcp/\(script)", url] + arguments,
            environment: environment,
            folder: daemon.folder
        )
        let result = try command.finish(timeout: .seconds(120))
        #expect(result.status == 0, "\(result)")
    }
}

extension DaemonFixture {
    /// The answers of `gopm-mcp --stdio` to messages after `initialize`; the client ends at once.
    func mcp(_ messages: String..., revision: String = "2025-11-25") throws -> [JSONValue] {
        let initialize = """
            {"jsonrpc":"2.0","id":"first","method":"initialize","params":{"protocolVersion":"\(revision)",\
            "capabilities":{},"clientInfo":{"name":"shell","version":"1"}}}
            """
        try write(([initialize] + messages).joined(separator: "\n") + "\n", to: "messages")
        let command = try RunningCommand(
            "/bin/sh",
            ["-c", "exec '\(Programs.mcp)' --stdio <messages"],
            environment: environment,
            folder: folder
        )
        return try command.finish(timeout: .seconds(20)).check().lines.dropFirst().map {
            try JSONValue.parse(Array($0.utf8))
        }
    }
}
