import GopmJSON
import GopmModel

extension Toolbox {
    var export: Tool {
        Tool(
            name: "gopm_export",
            title: "Export processes",
            description: """
                Show processes as an ecosystem file, {"apps": [...]}, which "gopm start FILE" and gopm_import read: to \
                keep, to edit, or to set up another machine. Variables whose values look like secrets are left out and \
                named in "env_masked" of their app.
                """,
            group: .read,
            effects: .none,
            input: .arguments(
                .init("target", .string(), "name or id of a process, or \"all\"; default: all"),
                .init("full", .boolean, "also what has its default value"),
                Argument.reveal
            ),
            output: .result(
                .init("apps", .array(of: .map(of: .anything)), "as in an ecosystem file", isRequired: true)
            )
        ) { [daemon, policy, settings] call async throws(ToolFailure) in
            let isRevealed = try policy.reveals(call)
            let target = call.text("target") ?? "all"
            let records = target == "all" ? try await daemon.records() : [try await daemon.record(target)]
            let apps = records.map { record in
                var request = StartRequest(
                    exporting: record.spec,
                    logFolder: settings.logFolder,
                    maxLogSize: settings.maxLogSize,
                    isFull: call.flag("full")
                )
                let secrets = isRevealed ? [] : SecretMask.secrets(of: request.env)
                for name in secrets { request.env[name] = nil }
                return Toolbox.app(request, secrets: secrets, isFull: call.flag("full"))
            }
            let file: JSONValue = ["apps": .array(apps)]
            return ToolOutput(
                String(decoding: JSONFormatter.indented(file.encoded), as: UTF8.self),
                structured: file.encoded
            )
        }
    }

    private static func app(_ request: StartRequest, secrets: [String], isFull: Bool) -> JSONValue {
        var json = JSONWriter()
        json.object { json in
            request.encodeMembers(into: &json, includesDefaults: isFull)
            if !secrets.isEmpty { json.member("env_masked", secrets) }
        }
        return (try? JSONValue.parse(json.bytes)) ?? .null
    }
}

extension SecretMask {
    /// The names of variables whose values are hidden, sorted.
    static func secrets(of environment: [String: String]) -> [String] {
        environment.filter { isSecret(name: $0.key, value: $0.value) }.keys.sorted()
    }
}
