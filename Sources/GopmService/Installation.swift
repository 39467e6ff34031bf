package import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// A service as it shall be installed: everything that could go wrong is looked at before anything is changed.
package struct Installation: Sendable {
    package var scope: ServiceUnit.Scope
    package var account: UserAccount
    /// `$GOPM_HOME` of the service.
    package var home: Home
    package var links: ProgramLinks
    /// Of the unit.
    package var path: String

    package init(
        scope: ServiceUnit.Scope,
        account: UserAccount,
        home: Home,
        programs: String,
        environment: (String) -> String?
    ) {
        self.scope = scope
        self.account = account
        self.home = home
        links = ProgramLinks(to: programs)
        path = scope == .system ? ServiceUnit.systemPath : ServiceUnit.userPath(environment: environment)
    }

    /// A user's own service needs no links, which would need root.
    private var binaries: String { scope == .system ? links.binaries : links.programs }

    private var hasMCP: Bool { scope == .system && links.present.contains("gopm-mcp") }

    /// The unit that is there already, if it is gopm's.
    package var before: ServiceUnit? { ServiceUnit.read(path, scope) }

    // MARK: - Looking

    /// Why it can't be installed, in lines for people; empty if it can.
    package func problems() -> [String] {
        if let problem = problemWithFolder() ?? problemWithHome() ?? problemWithUnits() { return [problem] }
        if scope == .user, !Systemctl.isUserManagerThere {
            return [
                "systemd does not run for \(account.name) now (there is nothing in \(Systemctl.runtimeFolder))",
                "log in as that user, or have it run always: sudo loginctl enable-linger \(account.name)",
            ]
        }
        guard scope == .system else { return [] }
        let obstacles = links.obstacles(before: before?.programs)
        return obstacles.isEmpty ? [] : obstacles + ["move it away and try again; nothing was changed"]
    }

    private func problemWithFolder() -> String? {
        guard links.present.contains("gopmd") else { return "there is no gopmd beside gopm in \(links.programs)" }
        for path in [links.programs, home.path] where !UnitFile.canHold(path) {
            return "\(path) has a character that a unit can't hold (a quote, backslash, dollar or control character)"
        }
        if let closed = account.firstClosed(to: "\(links.programs)/gopmd") {
            return "\(account.name) may not execute \(links.programs)/gopmd, as \(closed) is closed to that user;"
                + " move the programs to /opt/gopm and install from there"
        }
        return nil
    }

    private func problemWithHome() -> String? {
        if let owner = home.owner, owner != account.uid {
            return "\(home.path) belongs to uid \(owner), not to \(account.name);"
                + " to change that: chown -R \(account.name): \(home.path)"
        }
        if home.owner == nil, !account.mayWrite(to: PathText.folder(home.path)) {
            return "\(account.name) can't make the folder \(home.path);"
                + " to do that: install -d -m 700 -o \(account.name) \(home.path)"
        }
        return nil
    }

    private func problemWithUnits() -> String? {
        for unitPath in [path] + (hasMCP ? [ServiceUnit.mcpPath] : []) where FileSystem.exists(unitPath) {
            let text = (try? FileSystem.read(unitPath)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            guard text.contains("\nX-Gopm-Programs=") else {
                return "\(unitPath) is in the way: not written by this gopm; move it away and try again"
            }
        }
        if let before, before.home != home.path || before.user != (scope == .system ? account.name : nil) {
            let whose = before.user.map { " of \($0)" } ?? ""
            let advice = "gopm is installed already for the home \(before.home)\(whose);"
            if scope == .system, ServiceUnit.hasTemplate {
                return advice + " beside it: sudo systemctl enable --now gopm@\(account.name)"
            }
            return advice + " before it can be for another: \(before.gopmCommand("uninstall"))"
        }
        // Two services of one home would be in each other's way.
        let other = scope == .system ? account.ownUnitPath : ServiceUnit.systemPath
        if let unit = ServiceUnit.packaged(home) {
            return "the home \(home.path) has a service already, \(unit.name); first: \(unit.gopmCommand("uninstall"))"
        }
        if let unit = ServiceUnit.read(other, scope == .system ? .user : .system), unit.home == home.path {
            return "the home \(home.path) has a service already, \(other); first: \(unit.gopmCommand("uninstall"))"
        }
        return nil
    }

    // MARK: - Changing

    /// Writes the units and makes the links; returns the links.
    package func write() throws(SystemError) -> [String] {
        let values = UnitFile.Values(
            binaries: binaries,
            programs: links.programs,
            home: home.path,
            user: account.name
        )
        let made = scope == .system ? try links.make() : []
        try FileSystem.makeFolders(PathText.folder(path), mode: 0o755)
        let unit: UnitFile = scope == .system ? .system : .user
        try FileSystem.replace(path, with: Array(unit.text(values).utf8), mode: 0o644, isDurable: true)
        if hasMCP {
            let text = UnitFile.mcp.text(values)
            try FileSystem.replace(ServiceUnit.mcpPath, with: Array(text.utf8), mode: 0o644, isDurable: true)
        }
        return made
    }

    /// Has systemd run it, now and from now on; one that runs already gets the new programs under its own.
    package func start() throws(ServiceError) {
        let systemctl = Systemctl(scope)
        try systemctl.run("daemon-reload")
        try systemctl.run("enable", "gopm.service")
        let isRunning = systemctl.state(of: "gopm.service").active == "active"
        try systemctl.run(isRunning ? "reload" : "start", "gopm.service")
        if hasMCP { try systemctl.run("try-restart", "gopm-mcp.service") }
    }
}

extension UserAccount {
    /// Whether this user may make something in a folder, by its mode alone.
    fileprivate func mayWrite(to folder: String) -> Bool {
        var info = stat()
        guard stat(folder, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else { return false }
        let bit: mode_t = info.st_uid == uid ? 0o200 : 0o022
        return uid == 0 || info.st_mode & bit != 0
    }

    /// Where this user's own unit would be.
    fileprivate var ownUnitPath: String { "\(directory)/.config/systemd/user/gopm.service" }

    /// The first folder or file on a path that this user may not enter or execute, by its mode alone.
    fileprivate func firstClosed(to path: String) -> String? {
        if uid == 0 { return nil }
        var place = ""
        for part in path.split(separator: "/") {
            place += "/\(part)"
            var info = stat()
            guard stat(place, &info) == 0 else { return place }
            let bit: mode_t = info.st_uid == uid ? 0o100 : info.st_gid == gid ? 0o010 : 0o001
            // Membership of further groups is not known here; systemd will tell.
            if info.st_mode & bit == 0, info.st_mode & 0o010 == 0 || info.st_uid == uid { return place }
        }
        return nil
    }
}
