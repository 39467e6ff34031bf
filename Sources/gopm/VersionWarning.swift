import GopmCommandLine
import GopmModel
import GopmTerminal

/// The line that says that the daemon is older or newer than the command.
enum VersionWarning {
    /// `nil` if the versions agree or no daemon runs.
    static func text(daemonVersion: String?) -> String? {
        guard let daemonVersion, daemonVersion != GopmVersion.text else { return nil }
        let versions = "gopm CLI version \(GopmVersion.text) != daemon version \(DisplayText.sanitized(daemonVersion))"
        return "WARNING: \(versions) — restart the daemon to pick up the new binary (gopm reboot)"
    }

    /// The same in red, where standard output wants colours.
    static func line(daemonVersion: String?) -> String? {
        text(daemonVersion: daemonVersion).map { Console.styled($0, .red) }
    }
}
