package import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// A unit of gopm's that is installed, read from its file: nobody needs to be asked for it, and no rights are needed.
package struct ServiceUnit: Sendable, Hashable {
    /// Whose systemd runs it.
    package enum Scope: String, Sendable {
        case system, user
    }

    package var scope: Scope
    /// Of the file.
    package var path: String
    /// `$GOPM_HOME` of the service.
    package var home: String
    /// `nil` in a user's own service.
    package var user: String?
    /// Where the programs really are; empty in a package's unit.
    package var programs: String
    /// As systemctl(1) takes it: `gopm`, or `gopm@alice` of a package's template.
    package var name = "gopm"

    /// Whether `systemctl mask` forbids to start it.
    package var isMasked = false

    /// Whether a package brought it: then it is systemctl that turns it on and off.
    package var isPackaged: Bool { name != "gopm" }

    static let systemFolder = "/etc/systemd/system"
    package static let systemPath = "\(systemFolder)/gopm.service"
    package static let mcpPath = "\(systemFolder)/gopm-mcp.service"

    /// Where the unit of a user's own systemd is.
    static func userPath(environment: (String) -> String?) -> String {
        let configured = environment("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (configured ?? (environment("HOME") ?? "/") + "/.config") + "/systemd/user/gopm.service"
    }

    /// The unit whose daemon serves a home; `nil` if there is none.
    package static func serving(_ home: Home, environment: (String) -> String?) -> ServiceUnit? {
        let units = [
            read(systemPath, .system), read(userPath(environment: environment), .user),
        ]
        return units.compactMap { $0 }.first { $0.home == home.path } ?? packaged(home)
    }

    /// The system services of other homes.
    package static func ofOtherHomes(_ home: Home) -> [ServiceUnit] {
        ([read(systemPath, .system)].compactMap { $0 } + packaged()).filter { $0.home != home.path }
    }

    /// The instance of a package's template, `gopm@USER`, whose user has this home.
    package static func packaged(_ home: Home) -> ServiceUnit? {
        packaged().first { $0.home == home.path }
    }

    /// The instances that are enabled or masked.
    private static func packaged() -> [ServiceUnit] {
        let masked = FileSystem.names(in: systemFolder).filter {
            $0.hasPrefix("gopm@") && FileSystem.linkTarget("\(systemFolder)/\($0)") == "/dev/null"
        }
        return Set(masked + FileSystem.names(in: wantsFolder)).sorted().compactMap { link in
            guard link.hasPrefix("gopm@"), link.hasSuffix(".service") else { return nil }
            let user = String(link.dropFirst(5).dropLast(8))
            guard let account = UserAccount.find(user) else { return nil }
            var unit = ServiceUnit(user: user, home: "\(account.directory)/.gopm")
            unit.path = FileSystem.linkTarget("\(wantsFolder)/\(link)") ?? unit.path
            unit.isMasked = masked.contains(link)
            return unit
        }
    }

    private static let wantsFolder = "\(systemFolder)/multi-user.target.wants"
    private static let templatePath = "/lib/systemd/system/gopm@.service"

    /// Whether there can be a service for each user.
    package static var hasTemplate: Bool {
        FileSystem.exists(templatePath) || FileSystem.exists("/usr/local\(templatePath)")
    }

    private init(user: String, home: String) {
        scope = .system
        path = ServiceUnit.templatePath
        self.home = home
        self.user = user
        programs = ""
        name = "gopm@\(user)"
    }

    /// `nil` if there is no such file, or gopm did not write it.
    package static func read(_ path: String, _ scope: Scope) -> ServiceUnit? {
        guard let bytes = try? FileSystem.read(path, limit: 1 << 20) else { return nil }
        return ServiceUnit(text: String(decoding: bytes, as: UTF8.self), path: path, scope: scope)
    }

    package init?(text: String, path: String, scope: Scope) {
        func value(after beginning: String) -> String? {
            let line = text.split(separator: "\n").first { $0.hasPrefix(beginning) }
            return line.map { UnitFile.unescaped(String($0.dropFirst(beginning.count))) }
        }
        guard let programs = value(after: "X-Gopm-Programs="),
            let home = value(after: "Environment=\"GOPM_HOME="), home.hasSuffix("\"")
        else { return nil }
        self.scope = scope
        self.path = path
        self.programs = programs
        self.home = String(home.dropLast())
        user = value(after: "User=")
    }

    /// Whether systemd starts it by itself, at boot or at the user's login; after `gopm suspend` it does not.
    package var isEnabled: Bool {
        if isPackaged { return !isMasked }
        let target = scope == .system ? "multi-user.target" : "default.target"
        return FileSystem.exists("\(PathText.folder(path))/\(target).wants/gopm.service")
    }

    /// What to type to have systemd do something.
    package func command(_ verb: String) -> String {
        scope == .system ? "sudo systemctl \(verb) \(name)" : "systemctl --user \(verb) gopm"
    }

    /// What to type for one of our commands about the service.
    package func gopmCommand(_ verb: String) -> String {
        guard isPackaged else { return scope == .system ? "sudo gopm \(verb)" : "gopm \(verb)" }
        switch verb {
        case "suspend": return "sudo systemctl mask --now \(name)"
        case "unsuspend": return "sudo systemctl unmask \(name) && sudo systemctl start \(name)"
        default: return "sudo systemctl disable --now \(name)"
        }
    }
}
