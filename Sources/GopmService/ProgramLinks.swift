package import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// The symbolic links that put the programs on everybody's PATH, `/usr/local/bin/gopm` and its family.
package struct ProgramLinks: Sendable, Hashable {
    package static let family = ["gopm", "gopmd", "gopm-logs", "gopm-pid", "gopm-mcp", "gopm-pm2"]

    /// Where the links are.
    package var folder = "/usr/local/bin"
    /// Where the programs are.
    package var programs: String

    package init(to programs: String) {
        self.programs = programs
    }

    /// Whether the programs are on PATH by themselves, as a package installs them.
    var areNeeded: Bool { programs != folder && programs != "/usr/bin" }

    /// From where systemd starts the programs: links stay the same over an upgrade into another folder.
    package var binaries: String { areNeeded ? folder : programs }

    /// The programs of the family that this build has.
    package var present: [String] {
        ProgramLinks.family.filter { access("\(programs)/\($0)", X_OK) == 0 }
    }

    /// What is in the way of the links, a line each: a file, or a link that leads elsewhere.
    ///
    /// `before`: Where the links of an earlier installation lead.
    func obstacles(before: String?) -> [String] {
        guard areNeeded else { return [] }
        return present.compactMap { name in
            let path = "\(folder)/\(name)"
            switch ProgramLinks.look(path) {
            case .nothing: return nil
            case .file: return "\(path) is in the way: not a link of gopm's"
            case .link(let target):
                let isOurs = PathText.folder(target) == programs || PathText.folder(target) == before
                return isOurs ? nil : "\(path) is in the way: a link to \(target)"
            }
        }
    }

    /// Makes or renews the links; returns their paths.
    ///
    /// Each is replaced in one step, so that at no instant a command is missing.
    package func make() throws(SystemError) -> [String] {
        guard areNeeded else { return [] }
        try FileSystem.makeFolders(folder, mode: 0o755)
        var made: [String] = []
        for name in present {
            let path = "\(folder)/\(name)"
            unlink(path + ".new")
            guard symlink("\(programs)/\(name)", path + ".new") == 0, rename(path + ".new", path) == 0 else {
                throw SystemError("make the link", path)
            }
            made.append(path)
        }
        return made
    }

    /// Removes the links that lead to the programs; returns their paths.
    package func remove() -> [String] {
        guard areNeeded else { return [] }
        return ProgramLinks.family.map { "\(folder)/\($0)" }.filter { path in
            guard case .link(let target) = ProgramLinks.look(path), PathText.folder(target) == programs else {
                return false
            }
            return unlink(path) == 0
        }
    }

    private enum Found {
        case nothing, file
        /// Absolute.
        case link(String)
    }

    private static func look(_ path: String) -> Found {
        var info = stat()
        guard lstat(path, &info) == 0 else { return .nothing }
        guard let target = FileSystem.linkTarget(path) else { return .file }
        return .link(PathText.normalized(target, relativeTo: PathText.folder(path)))
    }
}
