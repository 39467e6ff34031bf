import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmService
import GopmSystem
import GopmTerminal

#if canImport(Glibc)
    import Glibc
#endif

struct UninstallCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "uninstall",
        abstract: "Stop the service and remove what install made.",
        discussion: "All processes are stopped. The home with its list, logs and config is kept."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard let unit = try ServiceTarget.find(global.home, toDo: "uninstall") else {
            return tell("gopm is not installed as a service, nothing to do", removed: [])
        }
        let systemctl = Systemctl(unit.scope)
        var removed: [String] = []
        try ServiceTarget.reporting { () throws(ServiceError) in
            if unit.scope == .system, ServiceTarget.isOursMCP {
                try systemctl.run("disable", "--now", "gopm-mcp.service")
                if unlink(ServiceUnit.mcpPath) == 0 { removed.append(ServiceUnit.mcpPath) }
            }
            try systemctl.run("disable", "--now", "gopm.service", deadline: Systemctl.stopDeadline)
            if unlink(unit.path) == 0 { removed.append(unit.path) }
            if unit.scope == .system { removed += ProgramLinks(to: unit.programs).remove() }
            try systemctl.run("daemon-reload")
        }
        // A unit that has failed would be remembered.
        _ = try? systemctl.run("reset-failed", "gopm.service")
        tell(
            "stopped the service and removed \(removed.joined(separator: ", ")); \(unit.home) is kept",
            removed: removed
        )
    }

    private func tell(_ line: String, removed: [String]) {
        guard global.json else { return Console.out(DisplayText.sanitized(line)) }
        Console.json { json in
            json.object { json in
                json.member("success", true)
                json.member("removed", removed)
            }
        }
    }
}

struct SuspendCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "suspend",
        abstract: "Stop the service and all processes until unsuspend.",
        discussion: "Neither a reboot of the machine nor another command starts it again. The list is kept."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let unit = try ServiceTarget.require(global.home, toDo: "suspend")
        let count = RunningPrograms(DaemonAccess(home: Home(path: unit.home))).pids.count
        try ServiceTarget.reporting { () throws(ServiceError) in
            try Systemctl(unit.scope).run("disable", "--now", "gopm.service", deadline: Systemctl.stopDeadline)
        }
        if global.json { return ServiceTarget.tellSuccess(unit) }
        Console.out("suspended, \(HumanFormat.processes(count)) stopped; to go on: \(unit.gopmCommand("unsuspend"))")
    }
}

struct UnsuspendCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "unsuspend",
        abstract: "Start the service again, with what was online."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let unit = try ServiceTarget.require(global.home, toDo: "unsuspend")
        try ServiceTarget.reporting { () throws(ServiceError) in
            try Systemctl(unit.scope).run("enable", "--now", "gopm.service")
        }
        if global.json { return ServiceTarget.tellSuccess(unit) }
        Console.out("gopm is back; see: gopm list")
    }
}

/// The service that a command is about, and what all of them say.
enum ServiceTarget {
    /// The one of this home, else the machine's: with sudo the home is root's.
    ///
    /// Throws if there is one that we may not touch.
    static func find(_ home: Home, toDo verb: String) throws(CommandFailure) -> ServiceUnit? {
        guard Systemctl.isBooted else {
            throw CommandFailure("systemd does not run this machine (there is no /run/systemd/system)")
        }
        let unit =
            ServiceUnit.serving(home, environment: Environment.value)
            ?? ServiceUnit.read(ServiceUnit.systemPath, .system)
        guard let unit else {
            guard FileSystem.exists(ServiceUnit.systemPath) else { return nil }
            throw CommandFailure("\(ServiceUnit.systemPath) was not written by this gopm, it is left alone")
        }
        if unit.isPackaged {
            throw CommandFailure(
                .failed,
                [
                    "\(unit.name) is a service of the gopm package, systemd alone turns it on and off:",
                    unit.gopmCommand(verb),
                ]
            )
        }
        guard unit.scope == .user || geteuid() == 0 else {
            throw CommandFailure("\(verb) needs root: sudo gopm \(verb)")
        }
        return unit
    }

    static func require(_ home: Home, toDo verb: String) throws(CommandFailure) -> ServiceUnit {
        guard let unit = try find(home, toDo: verb) else {
            throw CommandFailure(
                .failed,
                [
                    "gopm is not installed as a service (sudo gopm install does that)",
                    "to stop all processes and the daemon: gopm kill",
                ] + ServiceUnit.ofOtherHomes(home).map { "of \($0.user ?? "?"): \($0.gopmCommand(verb))" }
            )
        }
        return unit
    }

    static var isOursMCP: Bool {
        ServiceUnit.read(ServiceUnit.mcpPath, .system) != nil
    }

    static func reporting(_ body: () throws(ServiceError) -> Void) throws(CommandFailure) {
        do throws(ServiceError) {
            try body()
        } catch {
            throw CommandFailure(.failed, error.lines)
        }
    }

    static func tellSuccess(_ unit: ServiceUnit) {
        let state = Systemctl(unit.scope).state(of: "gopm.service")
        Console.json { json in
            json.object { json in
                json.member("success", true)
                json.member("enabled", state.file == "enabled")
                json.member("state", state.active)
            }
        }
    }
}
