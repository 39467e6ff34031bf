import CLinux
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The folder of one supervisor: `$GOPM_HOME`, else `~/.gopm`.
///
/// All paths of files in it are made here.
package struct Home: Sendable, Hashable {
    /// Absolute, without a slash at the end.
    package let path: String

    /// - Parameter environment: Looks up a variable.
    package init(environment: (String) -> String?) {
        if let chosen = environment("GOPM_HOME"), !chosen.isEmpty {
            path = Home.absolute(chosen)
        } else {
            path = PathText.normalized(".gopm", relativeTo: Home.absolute(Home.userDirectory(environment)))
        }
    }

    package init(path: String) {
        self.path = Home.absolute(path)
    }

    package var config: String { path + "/gopm.config.json" }
    package var socket: String { path + "/gopm.sock" }
    package var pidFile: String { path + "/daemon.pid" }
    package var daemonLog: String { path + "/daemon.log" }
    package var dump: String { path + "/dump.json" }
    package var lock: String { path + "/run/lock" }
    var lastGoodConfig: String { path + "/run/config.last" }
    /// The journal of the last move from PM2, and who works on it.
    package var pm2Migration: String { path + "/pm2-migration.json" }
    package var pm2Lock: String { path + "/run/pm2.lock" }
    package var run: String { path + "/run" }
    /// Locked by a gopm-mcp that serves HTTP; says who it is.
    var mcpLock: String { path + "/run/mcp" }
    /// Whoever bears it may use gopm-mcp.
    package var mcpToken: String { path + "/mcp.token" }
    package var logs: String { path + "/logs" }

    /// Makes the home and its folders, mode 0700; one that exists keeps its mode but for others' rights.
    package func create() throws(SystemError) {
        for folder in [path, run, logs] {
            if mkdir(folder, 0o700) == 0 || errno == EEXIST { continue }
            if errno == ENOENT, folder == path {
                try FileSystem.makeFolders(path, mode: 0o700)
                continue
            }
            throw SystemError("create the folder", folder)
        }
        var info = stat()
        guard stat(path, &info) == 0 else { throw SystemError("look at", path) }
        guard info.st_mode & S_IFMT == S_IFDIR else { throw SystemError("use", path, .notDirectory) }
        if info.st_mode & 0o077 != 0, chmod(path, 0o700) != 0 { throw SystemError("protect", path) }
        guard access(path, W_OK) == 0 else { throw SystemError("write to", path) }
    }

    /// A short name for this home that is unlike any other's, for things outside of it (FNV-1a of the path).
    package var tag: String {
        let hash = path.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }

    /// The user id that owns the home, `nil` if there is none yet.
    package var owner: UInt32? {
        var info = stat()
        return stat(path, &info) == 0 ? info.st_uid : nil
    }

    /// What a login would set `HOME` to, where a timer or a container has none.
    private static func userDirectory(_ environment: (String) -> String?) -> String {
        if let home = environment("HOME"), !home.isEmpty { return home }
        return UserAccount.find(uid: getuid())?.directory ?? "/"
    }

    private static func absolute(_ text: String) -> String {
        PathText.normalized(text, relativeTo: FileSystem.currentFolder)
    }
}
