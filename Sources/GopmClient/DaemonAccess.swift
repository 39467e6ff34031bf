import GopmModel
import GopmService
package import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// Reaches the supervisor of a home, starting one if the command wants that.
package struct DaemonAccess: Sendable {
    package let home: Home
    /// Passed on to a supervisor that is started.
    package var daemonArguments: [String] = []
    /// Told, in one line for people, when a supervisor was started that brings programs back.
    package var onNotice: @Sendable (String) -> Void = { _ in }

    package init(home: Home) {
        self.home = home
    }

    /// Connects to a running supervisor.
    package func connect() throws(ClientError) -> ControlConnection {
        try ControlConnection(home: home)
    }

    /// A connection, and what was done for it.
    package struct Started {
        package var connection: ControlConnection
        /// How many programs a supervisor that was started for it brings back; `nil` if one ran already.
        package var resurrecting: Int?
    }

    /// Connects; if nobody listens, starts a supervisor first.
    package func connectStarting() throws(ClientError) -> Started {
        let started = try connectOrLaunch()
        started.connection.startAgain = { () throws(ClientError) in try connectOrLaunch().connection }
        return started
    }

    private func connectOrLaunch() throws(ClientError) -> Started {
        do throws(ClientError) {
            return Started(connection: try connect())
        } catch {
            guard error == .notRunning else { throw error }
        }
        if let unit = ServiceUnit.serving(home, environment: Environment.value) {
            return Started(connection: try waitForService(unit))
        }
        if let owner = home.owner, owner != getuid() {
            throw ClientError(
                .unavailable,
                "the daemon is not running, and \(home.path) belongs to another user (uid \(owner))"
            )
        }
        return try launch()
    }

    /// Starts a supervisor, or waits for one that somebody else starts.
    ///
    /// One that was killed can hold the lock a little longer than its socket: whoever is sent away by it tries again.
    private func launch() throws(ClientError) -> Started {
        let launcher = DaemonLauncher(home: home, arguments: daemonArguments)
        let end = Clock.boot + 5_000_000_000
        while true {
            switch try launcher.launch() {
            case .ready(let count, let remarks):
                for remark in remarks { onNotice(remark) }
                if count > 0 { onNotice("daemon started, bringing back \(HumanFormat.processes(count))") }
                if count == 0, let remark = remarkOnOthers { onNotice(remark) }
                return Started(connection: try connect(), resurrecting: count)
            case .someoneElse:
                if let connection = connectWhenListening() { return Started(connection: connection) }
                guard Clock.boot < end else { throw .notRunning }
            }
        }
    }

    /// For whoever looks for programs that another user's daemon runs, as with sudo, and finds an empty list.
    private var remarkOnOthers: String? {
        var users = ServiceUnit.ofOtherHomes(home).compactMap(\.user)
        if getuid() == 0, let caller = Environment.value("SUDO_USER"), caller != "root" { users.insert(caller, at: 0) }
        guard let user = users.first else { return nil }
        return "started a daemon of its own for \(home.path); for programs of \(user): sudo -u \(user) gopm ..."
    }

    /// Where systemd runs the supervisor nobody else starts one: it would run in the wrong group, without the service's
    /// limits, and be in the way of the service.
    private func waitForService(_ unit: ServiceUnit) throws(ClientError) -> ControlConnection {
        guard unit.isEnabled else {
            let advice = "gopm is suspended, no process runs; to go on: \(unit.gopmCommand("unsuspend"))"
            throw ClientError(.unavailable, advice)
        }
        let end = Clock.boot + DaemonAccess.serviceDeadline
        while Clock.boot < end {
            if let connection = try? connect() { return connection }
            // There is no event for "a socket listens" that is cheaper than trying.
            poll(nil, 0, 10)
        }
        throw ClientError(.unavailable, "the daemon is not running; start it with: \(unit.command("start"))")
    }

    /// Nanoseconds: systemd starts a supervisor that was killed within much less.
    private static let serviceDeadline: Int64 = 5_000_000_000

    /// Another command's supervisor holds the lock and listens in a moment; `nil` if it does not within 50 ms.
    private func connectWhenListening() -> ControlConnection? {
        let end = Clock.boot + 50_000_000
        while true {
            if let connection = try? connect() { return connection }
            guard Clock.boot < end else { return nil }
            // There is no event for "a socket listens" that is cheaper than trying.
            poll(nil, 0, 2)
        }
    }
}
