package import ArgumentParser
package import GopmClient
package import GopmSystem
import GopmTerminal

/// The flags that every command has.
package struct GlobalOptions: ParsableArguments {
    @Flag(help: "Print JSON and nothing else.")
    package var json = false

    @Option(
        help: ArgumentHelp("Config file. (default: gopm.config.json in the home, then in /etc)", valueName: "path"),
        completion: .file(extensions: ["json"]),
        transform: FlagValue.text
    )
    package var config: String?

    @Flag(help: "Log level debug for a daemon that this command starts.")
    package var debug = false

    package init() {}
}

extension GlobalOptions {
    package var home: Home {
        Home(environment: Environment.value)
    }

    /// The way to the daemon of this home.
    package var access: DaemonAccess {
        var access = DaemonAccess(home: home)
        if let config {
            access.daemonArguments += ["--config", PathText.normalized(config, relativeTo: FileSystem.currentFolder)]
        }
        if debug { access.daemonArguments.append("--debug") }
        access.onNotice = { Console.error("gopm: \(DisplayText.sanitized($0))") }
        return access
    }

    /// Connects to the daemon, starting it if it does not run.
    package func connect() throws(CommandFailure) -> ControlConnection {
        try connectTellingStart().connection
    }

    /// The same, for commands that want to know whether it was started.
    package func connectTellingStart() throws(CommandFailure) -> DaemonAccess.Started {
        try reporting { () throws(ClientError) in try access.connectStarting() }
    }

    /// Connects to a daemon that runs.
    package func connectToRunning() throws(CommandFailure) -> ControlConnection {
        try reporting { () throws(ClientError) in try access.connect() }
    }
}

extension GlobalOptions {
    /// The config that is in effect for this home.
    package func loadConfig() throws(CommandFailure) -> ConfigLoader.Loaded {
        do throws(ConfigProblem) {
            return try ConfigLoader.load(flag: config, home: home)
        } catch {
            throw CommandFailure(.failed, error.lines)
        }
    }
}

/// Turns a client's error into a command's.
package func reporting<Value>(_ body: () throws(ClientError) -> Value) throws(CommandFailure) -> Value {
    do throws(ClientError) {
        return try body()
    } catch {
        throw CommandFailure(error)
    }
}

extension CommandFailure {
    package init(_ error: ClientError) {
        self.init(
            error.code == .unavailable ? .unavailable : .failed,
            error.description.split(separator: "\n").map(String.init)
        )
    }
}
