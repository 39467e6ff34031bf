import ArgumentParser
import GopmCommandLine
import GopmModel
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// The flags of `start` that make up a ``StartRequest``.
struct StartFlags: ParsableArguments {
    @Option(help: "Process name. (default: the program's file name)", transform: FlagValue.name)
    var name: String?

    @Option(
        help: ArgumentHelp("Working directory. (default: the current one)", valueName: "folder"),
        completion: .directory,
        transform: FlagValue.text
    )
    var cwd: String?

    @Option(
        help: ArgumentHelp("Interpreter of a script, such as python3, node or bash.", valueName: "program"),
        completion: .file(),
        transform: FlagValue.text
    )
    var interpreter: String?

    @Option(
        help: ArgumentHelp(
            "Environment variable; KEY alone takes the shell's value. (repeatable)",
            valueName: "KEY=VALUE"
        ),
        transform: StartFlags.variable
    )
    var env: [Variable] = []

    @Option(
        help: ArgumentHelp("When to restart: always, on-failure or never. (default: always)", valueName: "mode"),
        completion: .list(RestartPolicy.Mode.allCases.map(\.rawValue)),
        transform: FlagValue.mode
    )
    var autorestart: RestartPolicy.Mode?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Consecutive restarts before giving up; 0 = unlimited. (default: 0)", valueName: "n"),
        transform: FlagValue.whole(0...1_000_000_000)
    )
    var maxRestarts: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Uptime that resets the restart counter. (default: 5s)", valueName: "duration"),
        transform: FlagValue.duration
    )
    var minUptime: Duration?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Delay before a restart. (default: 2s)", valueName: "duration"),
        transform: FlagValue.duration
    )
    var restartDelay: Duration?

    @Flag(help: "Double the delay with each consecutive restart.")
    var expBackoff = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Longest delay with --exp-backoff. (default: 30s)", valueName: "duration"),
        transform: FlagValue.duration
    )
    var maxDelay: Duration?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Restart after these exit codes, such as 75,99, whatever --autorestart says.",
            valueName: "codes"
        ),
        transform: FlagValue.exitCodes
    )
    var restartOnExit: [Int]?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Never restart after these exit codes; the strongest rule.", valueName: "codes"),
        transform: FlagValue.exitCodes
    )
    var noRestartOnExit: [Int]?

    @Option(
        help: ArgumentHelp("First signal of a stop. (default: SIGTERM)", valueName: "signal"),
        completion: .list(Signal.allNames),
        transform: FlagValue.signal
    )
    var killSignal: Signal?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Time from that signal to SIGKILL. (default: 5s)", valueName: "duration"),
        transform: FlagValue.duration
    )
    var killTimeout: Duration?

    @Option(
        help: ArgumentHelp("Log file for standard output.", valueName: "file"),
        completion: .file(),
        transform: FlagValue.text
    )
    var logOut: String?

    @Option(
        help: ArgumentHelp(
            "Log file for standard error; the same as --log-out makes one log of both.",
            valueName: "file"
        ),
        completion: .file(),
        transform: FlagValue.text
    )
    var logErr: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Rotate a log at this size. (default: 100M)", valueName: "size"),
        transform: FlagValue.logSize
    )
    var maxLogSize: Int64?

    struct Variable {
        var name: String
        var value: String
    }
}

extension StartFlags {
    /// Puts the flags into a request; relative paths are the shell's.
    func apply(to request: inout StartRequest) {
        let folder = FileSystem.currentFolder
        request.name = name
        request.cwd = PathText.normalized(cwd ?? folder, relativeTo: folder)
        request.interpreter = interpreter.map { $0.contains("/") ? PathText.normalized($0, relativeTo: folder) : $0 }
        request.env = Dictionary(env.map { ($0.name, $0.value) }) { $1 }
        request.searchPath = Environment.value("PATH")
        request.policy.mode = autorestart ?? request.policy.mode
        request.policy.maxRestarts = maxRestarts ?? request.policy.maxRestarts
        request.policy.minUptime = minUptime ?? request.policy.minUptime
        request.policy.restartDelay = restartDelay ?? request.policy.restartDelay
        request.policy.usesBackoff = expBackoff
        request.policy.maxDelay = maxDelay ?? request.policy.maxDelay
        request.policy.restartOnExit = restartOnExit ?? []
        request.policy.noRestartOnExit = noRestartOnExit ?? []
        request.policy.killSignal = killSignal ?? request.policy.killSignal
        request.policy.killTimeout = killTimeout ?? request.policy.killTimeout
        request.logOut = logOut.map { PathText.normalized($0, relativeTo: folder) }
        request.logErr = logErr.map { PathText.normalized($0, relativeTo: folder) }
        request.maxLogSize = maxLogSize
    }

    /// The flags that were given and that an ecosystem file says for itself.
    var givenNames: [String] {
        var names: [String] = []
        func note(_ isGiven: Bool, _ flag: String) { if isGiven { names.append(flag) } }
        note(name != nil, "--name")
        note(cwd != nil, "--cwd")
        note(interpreter != nil, "--interpreter")
        note(!env.isEmpty, "--env")
        note(autorestart != nil, "--autorestart")
        note(maxRestarts != nil, "--max-restarts")
        note(minUptime != nil, "--min-uptime")
        note(restartDelay != nil, "--restart-delay")
        note(expBackoff, "--exp-backoff")
        note(maxDelay != nil, "--max-delay")
        note(restartOnExit != nil, "--restart-on-exit")
        note(noRestartOnExit != nil, "--no-restart-on-exit")
        note(killSignal != nil, "--kill-signal")
        note(killTimeout != nil, "--kill-timeout")
        note(logOut != nil, "--log-out")
        note(logErr != nil, "--log-err")
        note(maxLogSize != nil, "--max-log-size")
        return names
    }
}

extension StartFlags {
    private static func variable(_ text: String) throws -> Variable {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !name.isEmpty else {
            throw FlagValue.refusal(text, "allowed (KEY=VALUE, or KEY alone for this shell's value)")
        }
        if parts.count == 2 { return Variable(name: name, value: parts[1]) }
        guard let value = Environment.value(name) else {
            throw FlagValue.refusal(name, "set in this shell (write KEY=VALUE)")
        }
        return Variable(name: name, value: value)
    }
}
