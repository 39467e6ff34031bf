import GopmModel
package import GopmSystem
import Logging

/// The options of gopmd.
package struct DaemonOptions: Sendable {
    package enum LogLevel: String, Sendable, CaseIterable {
        case debug, info, warn, error
    }

    package var home: Home
    package var configFile: String?
    package var logLevel = LogLevel.debug
    /// What the image before this one left open, in a hot reboot.
    package var handover: Handover?
    /// Look at everything that a start needs and end: the trial run before a hot reboot.
    package var isTrial = false
    /// How often CPU and memory of the programs are looked at.
    package var sampleInterval = Duration.seconds(2)
    /// How often the history takes a snapshot and all ports are looked at: once a minute.
    var longInterval: Duration { sampleInterval * 30 }

    /// The command line that makes the same options again.
    package var arguments: [String] {
        (configFile.map { ["--config", $0] } ?? []) + ["--log-level", logLevel.rawValue]
            + (sampleInterval == .seconds(2) ? [] : ["--sample-interval", DurationText.format(sampleInterval)])
    }

    package init(home: Home) {
        self.home = home
    }
}

/// Runs gopmd on the calling thread until it is asked to end.
///
/// `onReady`: Called when clients are served.
///
/// Returns the exit code.
package func runDaemon(_ options: DaemonOptions, onReady: @escaping @Sendable (DaemonStart) -> Void)
    throws(DaemonError) -> Int32
{
    try Daemon.run(options, onReady: onReady)
}

/// What whoever started gopmd is told when clients are served.
package struct DaemonStart: Sendable {
    /// How many programs are being brought back.
    package var resurrecting: Int
    /// What was wrong with the saved state, a line each.
    package var remarks: [String]
}

/// Why gopmd can't run, in lines for people.
package struct DaemonError: Error, Sendable {
    package var lines: [String]
    /// What gopmd ends with.
    package var exitCode: Int32 = 1

    /// Another gopmd holds this home: a command that lost the race for the lock waits instead of complaining.
    package static let alreadyRunning: Int32 = 75
    /// Another service's gopmd holds this home: the units name it as no reason to try again.
    package static let servedElsewhere: Int32 = 81
}

extension DaemonOptions.LogLevel {
    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warn: .warning
        case .error: .error
        }
    }
}
