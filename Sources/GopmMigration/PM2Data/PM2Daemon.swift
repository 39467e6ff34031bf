import CLinux
package import GopmModel
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// PM2's daemon of one home, looked at from outside: any `pm2` command would start one where there is none.
package enum PM2Daemon: Sendable, Hashable {
    case running(pid: Int32?)
    /// It lives, and nobody answers at its socket: a `pm2` command would start a second one beside it.
    case unreachable(pid: Int32)
    case none

    package static func look(_ home: String) -> PM2Daemon {
        let pid = self.pid(home)
        let descriptor = "\(home)/rpc.sock".withCString { gopm_unix_socket($0, 0, 0) }
        if descriptor >= 0 {
            close(descriptor)
            return .running(pid: pid)
        }
        return pid.map { .unreachable(pid: $0) } ?? .none
    }

    /// Of `pm2.pid`, if that process is a daemon of PM2 for this home; the number may be another's by now.
    private static func pid(_ home: String) -> Int32? {
        guard let bytes = try? FileSystem.read("\(home)/pm2.pid", limit: 64),
            let pid = Int32(String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }), pid > 0,
            let stat = ProcStat.read(pid), !stat.isZombie, let shown = homeInTitle(pid)
        else { return nil }
        return "\(home))".hasPrefix(shown) ? pid : nil
    }

    /// What stands in the title `PM2 v7.0.3: God Daemon (/home/me/.pm2)` after the bracket; a long one is cut, as a title
    /// has no more room than the command line had.
    private static func homeInTitle(_ pid: Int32) -> Substring? {
        guard let words = try? FileSystem.read("/proc/\(pid)/cmdline", limit: 1 << 20) else { return nil }
        let title = String(decoding: words.prefix { $0 != 0 }, as: UTF8.self)
        guard title.hasPrefix("PM2 v"), title.contains("God Daemon"), let open = title.firstIndex(of: "(") else {
            return nil
        }
        return title[title.index(after: open)...]
    }

    /// The homes of all daemons of PM2 that run here, as far as their titles show them.
    static func homes() -> [String] {
        let titles = ProcessTraces.pids().compactMap { homeInTitle($0) }
        return Set(titles.filter { $0.hasSuffix(")") }.map { String($0.dropLast()) }).sorted()
    }

    /// The stop signal that it was told with PM2_KILL_SIGNAL.
    package var killSignal: Signal? {
        guard case .running(let pid?) = self else { return nil }
        return ProcessTraces.variables(of: pid)["PM2_KILL_SIGNAL"].flatMap { Signal($0) }
    }

    /// The node that runs it; `pm2` is beside that where it is installed with `npm -g`.
    var executable: String? {
        guard case .running(let pid?) = self else { return nil }
        return FileSystem.linkTarget("/proc/\(pid)/exe")
    }
}
