import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmService
import GopmSystem
import GopmTerminal
import GopmWire

#if canImport(Glibc)
    import Glibc
#endif

struct InstallCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "install",
        abstract: "Have systemd run the daemon, also after a reboot of the machine.",
        discussion: """
            Links the programs into /usr/local/bin, writes /etc/systemd/system/gopm.service, enables and starts it. A \
            daemon that was started by hand is replaced under its running programs. Run it again after an upgrade: the \
            links and the unit are renewed and the daemon is swapped, also under running programs.
            """
    )

    @Option(help: ArgumentHelp("Whose processes it runs. (default: who called sudo, else you)", valueName: "name"))
    var user: String?

    @Flag(help: "Install it for your own systemd, without root; it runs while you are logged in.")
    var userService = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if userService, user != nil {
            throw ValidationError("--user-service is always for yourself, so it takes no --user")
        }
        if global.config != nil {
            throw ValidationError("--config: the service reads gopm.config.json in its home, else in /etc")
        }
    }

    func run() throws {
        guard Systemctl.isBooted else {
            throw CommandFailure(
                .failed,
                [
                    "systemd does not run this machine (there is no /run/systemd/system)",
                    "gopm works without it: the first command starts the daemon",
                ]
            )
        }
        if userService, geteuid() == 0, Environment.value("SUDO_USER") != nil {
            throw CommandFailure("--user-service is for yourself: run it without sudo")
        }
        guard userService || geteuid() == 0 else {
            throw CommandFailure(
                .failed,
                [
                    "install needs root: sudo gopm install", "without root there is: gopm install --user-service",
                ]
            )
        }
        let account = try findAccount()
        let installation = Installation(
            scope: userService ? .user : .system,
            account: account,
            home: home(of: account),
            programs: PathText.folder(FileSystem.ownExecutable ?? "/"),
            environment: Environment.value
        )
        let problems = installation.problems()
        guard problems.isEmpty else { throw CommandFailure(.failed, problems) }
        try perform(installation)
    }

    /// In the manual's order: the flag, who called sudo, who we are.
    private func findAccount() throws(CommandFailure) -> UserAccount {
        if userService { return try account("\(geteuid())", from: "you") }
        if let user { return try account(user, from: "--user") }
        if let caller = Environment.value("SUDO_USER"), !caller.isEmpty {
            return try account(caller, from: "SUDO_USER")
        }
        return try account("\(geteuid())", from: "you")
    }

    private func account(_ name: String, from source: String) throws(CommandFailure) -> UserAccount {
        guard let account = UserAccount.find(name) else {
            throw CommandFailure("there is no user \"\(DisplayText.sanitized(name))\" (\(source))")
        }
        return account
    }

    private func home(of account: UserAccount) -> Home {
        Home { name in name == "HOME" ? account.directory : Environment.value(name) }
    }

    private func perform(_ installation: Installation) throws(CommandFailure) {
        let access = DaemonAccess(home: installation.home)
        // One that runs already, by hand or as the service: no program of it may notice.
        let before = RunningPrograms(access)
        let wasInstalled = installation.before != nil
        let links: [String]
        do throws(SystemError) {
            links = try installation.write()
        } catch {
            throw CommandFailure("\(error)")
        }
        do throws(ServiceError) {
            try installation.start()
        } catch {
            throw CommandFailure(.failed, error.lines + ["the unit is installed; see: \(journal(installation))"])
        }
        let kept = before.pids.intersection(RunningPrograms(access).pids).count
        if global.json { return encode(installation, links, kept: kept) }
        var lines: [String] = []
        if !links.isEmpty {
            let names = installation.links.present.joined(separator: ", ")
            lines.append("linked \(names) into \(installation.links.folder)")
        }
        let whose = "user \(installation.account.name), home \(installation.home.path)"
        lines.append("\(wasInstalled ? "renewed" : "installed") \(installation.path) (\(whose))")
        lines.append("enabled and \(wasInstalled && before.isDaemonThere ? "reloaded" : "started")")
        if kept > 0 { lines.append("\(HumanFormat.processes(kept)) went on running, with the same PID") }
        lines += nextSteps(installation)
        for line in lines { Console.out(DisplayText.sanitized(line)) }
    }

    private func nextSteps(_ installation: Installation) -> [String] {
        guard installation.scope == .system else {
            return [
                "to run it also while you are logged out: loginctl enable-linger",
                "to look at it: systemctl --user status gopm",
            ]
        }
        let hasMCP = installation.links.present.contains("gopm-mcp")
        return (hasMCP ? ["to serve MCP too: sudo systemctl enable --now gopm-mcp"] : []) + [
            "to look at it: systemctl status gopm"
        ]
    }

    private func journal(_ installation: Installation) -> String {
        installation.scope == .system ? "sudo journalctl -u gopm -n 20" : "journalctl --user -u gopm -n 20"
    }

    private func encode(_ installation: Installation, _ links: [String], kept: Int) {
        let state = Systemctl(installation.scope).state(of: "gopm.service")
        Console.json { json in
            json.object { json in
                json.member("success", true)
                json.member("unit_file", installation.path)
                json.member("scope", installation.scope.rawValue)
                json.member("user", installation.account.name)
                json.member("home", installation.home.path)
                json.member("links", links)
                json.member("enabled", state.file == "enabled")
                json.member("state", state.active)
                json.member("daemon_pid", Int(state.mainPID))
                json.member("taken_over", kept)
            }
        }
    }
}

/// What a daemon that answers has running.
struct RunningPrograms {
    private(set) var isDaemonThere = false
    private(set) var pids: Set<Int32> = []

    init(_ access: DaemonAccess) {
        guard let connection = try? access.connect(), let data = try? connection.call(.list),
            let records = try? RecordReading.records(data)
        else { return }
        isDaemonThere = true
        pids = Set(records.map(\.pid).filter { $0 > 0 })
    }
}
