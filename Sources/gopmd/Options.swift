import GopmDaemon
import GopmModel
import GopmSystem

/// The command line of gopmd.
struct Options {
    enum Action {
        case run, help, version
    }

    var action = Action.run
    var daemon = DaemonOptions(home: Home(environment: Environment.value))
    /// Started by a command: readiness and early errors go to standard output and error, which then become /dev/null.
    var isBackground = false

    static let help = """
        OVERVIEW: The supervisor of gopm: keeps processes alive and captures their logs.

        gopm starts gopmd when it is needed, and systemd can run it as a service. One
        gopmd serves one home: $GOPM_HOME, or ~/.gopm. SIGTERM and SIGINT end every
        process in good order and then gopmd itself.

        USAGE: gopmd [<options>]

        OPTIONS:
          --log-level <level>     What daemon.log tells: debug, info, warn or error.
                                  (default: debug)
          --config <path>         Config file. (default: gopm.config.json in the home,
                                  then in /etc)
          --debug                 The same as --log-level debug.
          --version               Show the version.
          -h, --help              Show help information.
        """

    /// Reads `--flag value` and `--flag=value`.
    init(parsing arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            func value() throws(UsageError) -> String {
                if parts.count == 2 { return parts[1] }
                guard let next = rest.popFirst() else { throw UsageError("missing value for \"\(parts[0])\"") }
                return next
            }
            switch parts[0] {
            case "--config": daemon.configFile = PathText.normalized(try value(), relativeTo: FileSystem.currentFolder)
            case "--log-level": daemon.logLevel = try Options.level(try value())
            case "--debug": daemon.logLevel = .debug
            case "--background": isBackground = true
            case "--handover": daemon.handover = Handover(word: try value())
            case "--trial": daemon.isTrial = true
            case "--sample-interval": daemon.sampleInterval = try Options.sampleInterval(try value())
            case "--version": action = .version
            case "--help", "-h": action = .help
            case let flag where flag.hasPrefix("-"): throw UsageError("unknown option \"\(flag)\"")
            default: throw UsageError("unexpected argument \"\(word)\"")
            }
        }
    }

    /// For tests that have a day pass in minutes.
    private static func sampleInterval(_ text: String) throws(UsageError) -> Duration {
        guard let interval = DurationText.parse(text), interval >= .milliseconds(1) else {
            throw UsageError("--sample-interval: \"\(text)\" is not \(DurationText.rule)")
        }
        return interval
    }

    private static func level(_ text: String) throws(UsageError) -> DaemonOptions.LogLevel {
        guard let level = DaemonOptions.LogLevel(rawValue: text) else {
            throw UsageError("--log-level: \"\(text)\" is not allowed (debug, info, warn or error)")
        }
        return level
    }
}

/// What is wrong with the command line, in one line.
struct UsageError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
