import GopmCommandLine
import GopmLogs
import GopmSystem
import GopmTerminal

#if canImport(Glibc)
    import Glibc
#endif

/// What `GOPM_LOGS_DEBUG=1` says on standard error while logs are followed: every wake-up, every rotation, and why
/// nothing comes.
struct FollowTrace {
    let isOn: Bool

    /// Without anything new for so long, the state of each log is told.
    static let stallMilliseconds: Int32 = 5000

    init() {
        isOn = Environment.value("GOPM_LOGS_DEBUG").map { !["", "0"].contains($0) } ?? false
    }

    /// `counts`: the lines that each log gave.
    func note(_ follower: LogFollower, _ counts: [Int]) {
        for (source, count) in counts.enumerated() where count > 0 {
            let log = follower[source]
            say("\(log.path) size=\(sizeOnDisk(log.path)) inode=\(log.inode) read=\(log.position) lines=\(count)")
        }
    }

    func note(_ event: FollowedLog.Event, of path: String) {
        guard isOn else { return }
        switch event {
        case .opened(_, let size, let inode): say("OPENED \(path) size=\(size) inode=\(inode)")
        case .rotated(let from, let to): say("ROTATION \(path) inode \(from) -> \(to), opened")
        case .truncated: say("TRUNCATED \(path), reading from its beginning")
        case .lost(let bytes): say("LOST \(path) bytes=\(bytes.map(String.init) ?? "unknown")")
        }
    }

    /// Says whether we or the program are the reason that nothing came for a while.
    func stall(_ follower: LogFollower) {
        for source in 0..<follower.count {
            let log = follower[source]
            let size = sizeOnDisk(log.path)
            if size > log.position {
                say(
                    "STALL \(log.path) has \(size) bytes, \(log.position) are read: a fault of gopm-logs, please report it"
                )
            } else {
                say(
                    "STALL \(log.path) does not grow (\(size) bytes): the program writes nothing, or a line without"
                        + " its newline, which is written to the log when the newline comes"
                )
            }
        }
    }

    private func sizeOnDisk(_ path: String) -> Int {
        var info = stat()
        return stat(path, &info) == 0 ? info.st_size : 0
    }

    private func say(_ text: String) {
        Console.error("gopm-logs: debug: \(DisplayText.sanitized(text))")
    }
}
