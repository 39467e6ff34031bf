package import GopmModel

/// All tools, and what they work with.
package struct Toolbox: Sendable {
    let daemon: DaemonCalls
    let policy: EnvironmentPolicy
    let settings: Settings

    /// What of the config matters to tools.
    package struct Settings: Sendable {
        /// Where logs go that name no path.
        package var logFolder: String
        package var maxLogSize: Int64
        package var allow: [Config.MCPAccess]
        /// Of programs that are started without a folder.
        package var userFolder: String
        /// `PATH` of programs that are started.
        package var searchPath: String?

        package init(
            logFolder: String,
            maxLogSize: Int64,
            allow: [Config.MCPAccess],
            userFolder: String,
            searchPath: String?
        ) {
            self.logFolder = logFolder
            self.maxLogSize = maxLogSize
            self.allow = allow
            self.userFolder = userFolder
            self.searchPath = searchPath
        }
    }

    package init(daemon: DaemonCalls, policy: EnvironmentPolicy, settings: Settings) {
        self.daemon = daemon
        self.policy = policy
        self.settings = settings
    }

    /// Every tool that there is, in the order in which people look for them.
    var all: [Tool] {
        [
            list, describe, isRunning, logs, pid, ping, start, stop, restart, delete, flush, resurrect, export,
            importTool,
        ]
    }

    /// Those that the config allows.
    package var allowed: [Tool] { all.filter { settings.allow.contains($0.group) } }
}

/// Who may see secrets in environments.
package struct EnvironmentPolicy: Sendable, Hashable {
    /// What `mcpserver.reveal` says.
    package var mayReveal: Bool

    package init(mayReveal: Bool) {
        self.mayReveal = mayReveal
    }

    /// Whether values are shown as they are.
    func reveals(_ call: ToolCall) throws(ToolFailure) -> Bool {
        guard call.flag("reveal") else { return false }
        guard mayReveal else {
            throw ToolFailure(
                "reveal: not allowed here; the user can allow it with \"reveal\": true in the mcpserver section of "
                    + "gopm.config.json"
            )
        }
        return true
    }
}

/// Arguments that several tools have.
enum Argument {
    static let process = Schema.Property(
        "target",
        .string(),
        "name or id of a process, as gopm_list shows it",
        isRequired: true
    )

    static let processOrAll = Schema.Property(
        "target",
        .string(),
        "name or id of a process, or \"all\"",
        isRequired: true
    )

    static let reveal = Schema.Property(
        "reveal",
        .boolean,
        "show values of the environment that look like secrets; only if the user's config allows it"
    )
}
