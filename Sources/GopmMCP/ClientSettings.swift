package import GopmJSON

/// What to tell an AI tool so that it finds this server, in the form of `claude_desktop_config.json`, which most take.
package struct ClientSettings: Sendable {
    /// Absolute path of gopm-mcp.
    package var program: String
    /// Of every start: `--config`.
    package var arguments: [String]
    /// Variables that a start of its own would lack.
    package var environment: [String: String]
    /// nil where the config switches HTTP off.
    package var url: String?
    package var token: String

    package init(
        program: String,
        arguments: [String],
        environment: [String: String],
        url: String?,
        token: String
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.url = url
        self.token = token
    }

    /// The client starts the server and talks to it through pipes.
    package func encodeStdio(into json: inout JSONWriter) {
        servers(&json) { json in
            json.member("command", program)
            json.member("args", ["--stdio"] + arguments)
            guard !environment.isEmpty else { return }
            json.member("env") { json in
                json.object { json in
                    for (name, value) in environment.sorted(by: { $0.key < $1.key }) { json.member(name, value) }
                }
            }
        }
    }

    /// The client connects to one that runs.
    package func encodeHTTP(_ url: String, into json: inout JSONWriter) {
        servers(&json) { json in
            json.member("type", "http")
            json.member("url", url)
            json.member("headers") { json in json.object { $0.member("Authorization", "Bearer \(token)") } }
        }
    }

    /// The command with which Claude Code adds the server.
    package var claudeCommand: String {
        let variables = environment.sorted { $0.key < $1.key }.map {
            "-e \(ClientSettings.quoted("\($0.key)=\($0.value)"))"
        }
        let words = [program, "--stdio"] + arguments
        return (["claude mcp add gopm"] + variables + ["--"] + words.map(ClientSettings.quoted)).joined(separator: " ")
    }

    private func servers(_ json: inout JSONWriter, _ members: (inout JSONWriter) -> Void) {
        json.object { json in
            json.member("mcpServers") { json in
                json.object { json in json.member("gopm") { json in json.object(members) } }
            }
        }
    }

    /// A word of a shell's command line.
    private static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                    || "/._-=:@+".utf8.contains(byte)
            }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
