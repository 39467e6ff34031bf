import CLinux
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The start of a program that gopm itself needs: its daemon, systemctl, getent.
///
/// Managed programs are started otherwise (``SpawnRequest``). posix_spawn(3) is all that this takes: with
/// swift-subprocess 1.0 a static program has 8.3 instead of 6.8 MB, and a run of `/bin/true` takes 17 instead of 1.4 ms.
package struct DirectSpawn {
    /// The file to execute.
    package var path: String
    /// Without the program's own name.
    package var arguments: [String]
    /// Standard output and error; they stay the caller's.
    package var output: Int32
    package var error: Int32
    /// In a session of its own, so that the terminal's signals don't reach it.
    package var hasOwnSession = false
    /// One descriptor that it is to have, as its number 3; it stays the caller's.
    package var inherited: Int32?

    package init(_ path: String, _ arguments: [String], output: Int32, error: Int32) {
        self.path = path
        self.arguments = arguments
        self.output = output
        self.error = error
    }

    /// Starts it with our environment, nothing to read, no signal blocked, and none of our other
    /// descriptors.
    ///
    /// A program that serves others has sockets open; they must not live on in a daemon that it has started.
    package func start() -> Result<Int32, Errno> {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        if let inherited { posix_spawn_file_actions_adddup2(&actions, inherited, 3) }
        gopm_spawn_close_from(&actions, inherited == nil ? 3 : 4)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // POSIX_SPAWN_SETSID, which <spawn.h> has for _GNU_SOURCE only.
        let ownSession: Int32 = hasOwnSession ? 0x80 : 0
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | ownSession)
        )
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, path, &actions, &attributes, &words, environ)
        return result == 0 ? .success(pid) : .failure(Errno(rawValue: result))
    }
}
