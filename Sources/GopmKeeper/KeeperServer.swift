import CLinux
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// The keeper process: `gopmd --keeper HOME EXECUTABLE [ARGUMENT…]`.
///
/// It inherits the listening socket as descriptor 3 from the gopmd that launched it, so that there is never a moment at
/// which a connection is refused.
package enum KeeperServer {
    /// The first argument of a keeper.
    package static let flag = "--keeper"

    private static let inheritedListener: Int32 = 3
    /// Descriptors that the keeper leaves free for connections and for taking a message.
    private static let spareDescriptors = 32

    /// Becomes the keeper if the command line of this process says so.
    ///
    /// To be called before anything else is done.
    package static func runIfAsked(_ arguments: [String]) {
        guard arguments.count > 2, arguments[1] == flag else { return }
        run(home: arguments[2], daemonArguments: Array(arguments.dropFirst(3)))
    }

    static func arguments(executable: String, home: String, daemonArguments: [String]) -> [String] {
        [executable, flag, home, executable] + daemonArguments
    }

    /// - Parameters:
    ///   - home: An absolute path.
    ///   - daemonArguments: What starts gopmd again: its executable and its arguments. The new one finds the
    ///     environment, folder, umask and limits that the keeper was started with.
    package static func run(home: String, daemonArguments: [String]) -> Never {
        for number in [SIGHUP, SIGINT, SIGPIPE] { signal(number, SIG_IGN) }
        // Ignored, too: the kernel then buries our children by itself. Their end is seen through a pidfd.
        signal(SIGCHLD, SIG_IGN)
        nameProcess()

        var hardLimit: UInt64 = 0
        let openFiles = gopm_open_files_limit(&hardLimit)
        let capacity = gopm_set_open_files_limit(hardLimit) == 0 ? hardLimit : openFiles
        let oomScore = protectFromOutOfMemory()

        guard isListening(inheritedListener) else { exit(1) }
        _ = fcntl(inheritedListener, F_SETFD, FD_CLOEXEC)
        let loop = KeeperLoop(
            home: home,
            listener: inheritedListener,
            daemon: launcher(of: inheritedListener),
            command: daemonArguments,
            capacity: Int(clamping: capacity) - spareDescriptors,
            startDaemon: { DetachedStart(command: $0, openFiles: openFiles, oomScore: oomScore).run() }
        )
        _ = loop.run()
        exit(0)
    }

    /// Not so if somebody has typed the flag by hand.
    private static func isListening(_ descriptor: Int32) -> Bool {
        var isListening: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0 && isListening != 0
    }

    /// The process that called listen(2), which a socket remembers: the first gopmd to be watched.
    private static func launcher(of listener: Int32) -> pid_t {
        var pid: pid_t = 0
        var uid: uid_t = 0
        return gopm_peer_credentials(listener, &pid, &uid) == 0 ? pid : 0
    }

    /// Not `gopmd`, so that nobody who looks for that by name finds the keeper.
    private static func nameProcess() {
        write("gopm-keeper", to: "/proc/self/comm")
    }

    /// Returns the setting before, which is for gopmd and its programs.
    private static func protectFromOutOfMemory() -> String? {
        let path = "/proc/self/oom_score_adj"
        guard let before = try? FileSystem.read(path) else { return nil }
        write("-500", to: path)  // only for those who may
        return String(decoding: before.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    private static func write(_ text: String, to path: String) {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = Glibc.write(file, text, text.utf8.count)
        close(file)
    }
}
