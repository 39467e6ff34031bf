import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// Why the service manager did not do something, in lines for people.
package struct ServiceError: Error, Sendable, Hashable {
    package var lines: [String]

    package init(_ lines: String...) {
        self.lines = lines
    }
}

/// systemctl(1), with a deadline.
package struct Systemctl: Sendable {
    package var scope: ServiceUnit.Scope

    /// Whether systemd runs this machine (sd_booted(3)).
    package static var isBooted: Bool { FileSystem.isFolder("/run/systemd/system") }

    /// A stop waits for every program, however long that takes.
    package static let stopDeadline = Duration.seconds(3600)

    package init(_ scope: ServiceUnit.Scope) {
        self.scope = scope
        // A shell by way of su has no such variable, though the user's systemd may well run.
        if scope == .user, getenv("XDG_RUNTIME_DIR") == nil { setenv("XDG_RUNTIME_DIR", Systemctl.runtimeFolder, 1) }
    }

    /// Where this user's systemd is to be found.
    static var runtimeFolder: String { "/run/user/\(getuid())" }

    /// Whether this user's own systemd runs.
    static var isUserManagerThere: Bool { FileSystem.exists("\(runtimeFolder)/systemd/private") }

    /// Runs it and returns what it printed.
    @discardableResult
    package func run(_ words: String..., deadline: Duration = .seconds(120)) throws(ServiceError) -> String {
        let outcome = try call(words, deadline)
        guard outcome.status == 0 else {
            let said = outcome.standardError.split(separator: "\n").map(String.init)
            var error = ServiceError("systemctl \(words.joined(separator: " ")) failed with \(outcome.status)")
            error.lines += said.prefix(5)
            throw error
        }
        return outcome.output
    }

    /// What is known of a unit; words as in systemctl(1), empty if the manager can't be asked.
    package struct State: Sendable, Hashable {
        /// Such as `active`, `activating`, `inactive` or `failed`.
        package var active = ""
        /// Such as `running`, `dead` or `auto-restart`.
        package var sub = ""
        /// Such as `enabled` or `disabled`.
        package var file = ""
        /// The main process, 0 if there is none.
        package var mainPID: Int32 = 0

        package init() {}
    }

    package func state(of unit: String) -> State {
        var state = State()
        let words = ["show", unit, "--property=ActiveState,SubState,UnitFileState,MainPID"]
        guard let outcome = try? call(words, .seconds(10)), outcome.status == 0 else { return state }
        for line in outcome.output.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = String(parts[1])
            switch parts[0] {
            case "ActiveState": state.active = value
            case "SubState": state.sub = value
            case "UnitFileState": state.file = value
            case "MainPID": state.mainPID = Int32(value) ?? 0
            default: break
            }
        }
        return state
    }

    private func call(_ words: [String], _ deadline: Duration) throws(ServiceError) -> CommandRun {
        let arguments = (scope == .user ? ["--user"] : []) + ["--no-pager", "--no-ask-password"] + words
        do throws(SystemError) {
            return try CommandRun.run("systemctl", arguments, deadline: deadline)
        } catch {
            throw ServiceError("\(error)")
        }
    }
}
