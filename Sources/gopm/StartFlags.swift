import ArgumentParser
import GopmCommandLine
import GopmModel
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// The flags of `start` that make up a ``StartRequest``.
struct StartFlags: ParsableArguments {
    @Option(help: "Process name (default: the program's file name).", transform: StartFlags.name)
    var name: String?

    @Option(
        help: ArgumentHelp("Working directory (default: the current one).", valueName: "folder"),
        completion: .directory
    )
    var cwd: String?

    @Option(
        help: ArgumentHelp("Interpreter for a script: python3, node, bash, …", valueName: "program"),
        completion: .file()
    )
    var interpreter: String?

    @Option(
        help: ArgumentHelp(
            "Environment variable; a bare KEY takes the shell's value (repeatable).",
            valueName: "KEY=VAL"
        ),
        transform: StartFlags.variable
    )
    var env: [Variable] = []

    @Option(
        help: ArgumentHelp("When to restart: always, on-failure or never (default: always).", valueName: "mode"),
        completion: .list(RestartPolicy.Mode.allCases.map(\.rawValue))
    )
    var autorestart: RestartPolicy.Mode?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Consecutive restarts before giving up; 0 = unlimited.", valueName: "n"),
        transform: StartFlags.count
    )
    var maxRestarts: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A run this long resets the restart counter (default: 5s).", valueName: "time"),
        transform: StartFlags.duration
    )
    var minUptime: Duration?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Delay between restarts (default: 2s).", valueName: "time"),
        transform: StartFlags.duration
    )
    var restartDelay: Duration?

    @Flag(help: "Double the delay with each consecutive restart.")
    var expBackoff = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Most that --exp-backoff waits (default: 30s).", valueName: "time"),
        transform: StartFlags.duration
    )
    var maxDelay: Duration?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Restart after these exit codes whatever --autorestart says (such as 75,99).",
            valueName: "codes"
        ),
        transform: StartFlags.exitCodes
    )
    var restartOnExit: [Int]?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Never restart after these exit codes; the strongest rule.", valueName: "codes"),
        transform: StartFlags.exitCodes
    )
    var noRestartOnExit: [Int]?

    @Option(
        help: ArgumentHelp("First signal of a stop (default: SIGTERM).", valueName: "signal"),
        completion: .list(Signal.allNames),
        transform: StartFlags.signal
    )
    var killSignal: Signal?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Time before SIGKILL (default: 5s).", valueName: "time"),
        transform: StartFlags.duration
    )
    var killTimeout: Duration?

    @Option(help: ArgumentHelp("Log file for standard output.", valueName: "file"), completion: .file())
    var logOut: String?

    @Option(
        help: ArgumentHelp(
            "Log file for standard error; the same as --log-out makes one log of both.",
            valueName: "file"
        ),
        completion: .file()
    )
    var logErr: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Rotate a log at this size (default: 100M).", valueName: "size"),
        transform: StartFlags.size
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
        request.searchPath = getenv("PATH").map { String(cString: $0) }
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

// MARK: - Values

extension StartFlags {
    private static func name(_ text: String) throws -> String {
        guard ProcessName.isValid(text) else { throw ValidationError("a name is \(ProcessName.rule)") }
        return text
    }

    private static func variable(_ text: String) throws -> Variable {
        guard let equals = text.firstIndex(of: "=") else {
            guard let value = getenv(text) else {
                throw ValidationError("\(text) is not set in this shell; write KEY=VALUE")
            }
            return Variable(name: text, value: String(cString: value))
        }
        guard equals != text.startIndex else { throw ValidationError("the variable has no name; write KEY=VALUE") }
        return Variable(name: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
    }

    private static func duration(_ text: String) throws -> Duration {
        guard let duration = DurationText.parse(text) else {
            throw ValidationError("a duration is a number and a unit, such as 500ms, 5s, 1m30s, 2h")
        }
        return duration
    }

    private static func count(_ text: String) throws -> Int {
        guard let count = Int(text), (0...1_000_000_000).contains(count) else {
            throw ValidationError("a whole number from 0 is allowed")
        }
        return count
    }

    private static func exitCodes(_ text: String) throws -> [Int] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let code = Int(part), (0...255).contains(code) else {
                throw ValidationError("exit codes are 0 to 255, separated by commas")
            }
            return code
        }
    }

    private static func signal(_ text: String) throws -> Signal {
        guard let signal = Signal(text) else {
            throw ValidationError("a signal is a name such as SIGINT or a number from 1 to 64")
        }
        return signal
    }

    private static func size(_ text: String) throws -> Int64 {
        guard let size = ByteSize.parse(text), ByteSize.logSizeRange.contains(size) else {
            throw ValidationError("a size is a number and a unit, such as 500K, 10M, 1G (1K to 1T)")
        }
        return size
    }
}

extension RestartPolicy.Mode: ExpressibleByArgument {}
