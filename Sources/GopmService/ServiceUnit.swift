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
    /// Where the programs really are.
    package var programs: String

    package static let systemFolder = "/etc/systemd/system"
    package static let systemPath = "\(systemFolder)/gopm.service"
    package static let mcpPath = "\(systemFolder)/gopm-mcp.service"

    /// Where the unit of a user's own systemd is.
    package static func userPath(environment: (String) -> String?) -> String {
        let configured = environment("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (configured ?? (environment("HOME") ?? "/") + "/.config") + "/systemd/user/gopm.service"
    }

    /// The unit whose daemon serves a home; `nil` if there is none.
    package static func serving(_ home: Home, environment: (String) -> String?) -> ServiceUnit? {
        let units = [
            read(systemPath, .system), read(userPath(environment: environment), .user),
        ]
        return units.compactMap { $0 }.first { $0.home == home.path }
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
        let target = scope == .system ? "multi-user.target" : "default.target"
        return FileSystem.exists("\(PathText.folder(path))/\(target).wants/gopm.service")
    }

    /// What to type to have systemd do something.
    package func command(_ verb: String) -> String {
        scope == .system ? "sudo systemctl \(verb) gopm" : "systemctl --user \(verb) gopm"
    }

    /// What to type for one of our commands about the service.
    package func gopmCommand(_ name: String) -> String {
        scope == .system ? "sudo gopm \(name)" : "gopm \(name)"
    }
}
