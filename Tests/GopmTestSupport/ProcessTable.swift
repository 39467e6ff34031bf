package import Glibc

/// What `/proc` tells of processes.
package enum ProcessTable {
    package static var pids: [pid_t] { TestFiles.names(in: "/proc").compactMap { pid_t($0) } }

    /// Alive, and not a zombie.
    package static func isAlive(_ pid: pid_t) -> Bool {
        guard let state = state(pid) else { return false }
        return state != "Z" && state != "X"
    }

    /// The letter of `/proc/PID/stat`; `nil` if there is no such process.
    package static func state(_ pid: pid_t) -> String? { afterName(pid)?.first }

    package static func parent(_ pid: pid_t) -> pid_t? { afterName(pid).flatMap { pid_t($0[1]) } }

    package static func commandLine(_ pid: pid_t) -> String { joined("/proc/\(pid)/cmdline") }

    /// As it was at exec.
    package static func environment(_ pid: pid_t) -> String { joined("/proc/\(pid)/environ") }

    /// Living children, the newest last.
    package static func children(of pid: pid_t) -> [pid_t] {
        pids.filter { parent($0) == pid && isAlive($0) }.sorted()
    }

    /// A field of `/proc/PID/status` in its unit, such as `VmRSS` (KiB) or `Threads`.
    package static func statusNumber(_ field: String, of pid: pid_t) -> Int? {
        for line in TestFiles.text("/proc/\(pid)/status").split(separator: "\n") where line.hasPrefix("\(field):") {
            return line.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " }).dropFirst().first.flatMap {
                Int($0)
            }
        }
        return nil
    }

    /// The mark that gopmd gives every process of one life (`RLIMIT_LOCKS`); `nil` for all others.
    package static func lifeID(_ pid: pid_t) -> UInt64? {
        guard let life = Kernel.locksLimit(of: pid), life >= 1 << 48, life < 1 << 62 else { return nil }
        return life
    }

    /// The open descriptors of a process, counted by kind: `pipe`, `socket`, `pidfd`, `fifo`, or a file's name.
    package static func descriptors(of pid: pid_t) -> [String: Int] {
        var kinds: [String: Int] = [:]
        for name in TestFiles.names(in: "/proc/\(pid)/fd") {
            guard let target = TestFiles.target(of: "/proc/\(pid)/fd/\(name)") else { continue }
            kinds[kind(target), default: 0] += 1
        }
        return kinds
    }

    private static func kind(_ target: String) -> String {
        if target.hasPrefix("anon_inode:") { return target.dropFirst(11).filter { $0 != "[" && $0 != "]" } }
        if target.hasPrefix("pipe:") || target.hasPrefix("socket:") { return String(target.prefix { $0 != ":" }) }
        if target.contains("/run/"), target.contains(".out") || target.contains(".err") { return "fifo" }
        return target.split(separator: "/").last.map(String.init) ?? target
    }

    private static func afterName(_ pid: pid_t) -> [String]? {
        let text = TestFiles.text("/proc/\(pid)/stat")
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ").map(String.init)
        return fields.count > 1 ? fields : nil
    }

    private static func joined(_ path: String) -> String {
        String(decoding: (TestFiles.read(path) ?? []).map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self)
    }
}
