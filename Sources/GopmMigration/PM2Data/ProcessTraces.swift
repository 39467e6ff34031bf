import CLinux
import GopmModel
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// The living processes of one of PM2's entries, found by what PM2 puts into their environment, whatever PM2 says.
///
/// PM2's daemon leaves them behind when it is killed, and stops no child that has a session of its own.
struct ProcessTraces: Sendable {
    private let markers: [[UInt8]]
    /// Processes that have it from a shell that was itself started by PM2.
    private let excluded: Set<Int32>

    /// Besides `excluded` this process does not count.
    init(of processes: [PM2Process], excluding excluded: Set<Int32> = []) {
        markers = Set(processes.compactMap(\.uniqueID)).map { Array($0.utf8) }
        self.excluded = excluded.union([getpid()])
    }

    /// One process, safe from the reuse of its number.
    struct Trace: Sendable, Hashable {
        var pid: Int32
        var startTicks: UInt64
    }

    func living() -> [Trace] {
        guard !markers.isEmpty else { return [] }
        return ProcessTraces.pids().compactMap { pid in
            guard !excluded.contains(pid), bears(pid), !isOfGopm(pid), let stat = ProcStat.read(pid), !stat.isZombie
            else { return nil }
            return Trace(pid: pid, startTicks: stat.startTicks)
        }
    }

    static func pids() -> [Int32] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var pids: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let pid = Int32(name) { pids.append(pid) }
        }
        return pids
    }

    /// Whether this process runs below it: to stop it would end us in the middle.
    static func isInside(_ processes: [PM2Process]) -> Bool {
        let here = ProcessTraces(of: processes)
        return !here.markers.isEmpty && here.bears(getpid())
    }

    /// gopm's daemon and its keeper have the environment of the shell that started them, which may have been PM2's.
    private func isOfGopm(_ pid: Int32) -> Bool {
        FileSystem.linkTarget("/proc/\(pid)/exe").map { PathText.lastPart($0).hasPrefix("gopmd") } ?? false
    }

    private func bears(_ pid: Int32) -> Bool {
        guard let bytes = try? FileSystem.read("/proc/\(pid)/environ", limit: 4 << 20) else { return false }
        return markers.contains { ProcessTraces.contains(bytes, $0) }
    }

    private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        text.withUnsafeBytes { text in
            var start = 0
            while text.count - start >= word.count, let base = text.baseAddress,
                let found = memchr(base + start, Int32(word[0]), text.count - start - word.count + 1)
            {
                if memcmp(found, word, word.count) == 0 { return true }
                start = found - UnsafeMutableRawPointer(mutating: base) + 1
            }
            return false
        }
    }

    /// Waits until none lives.
    ///
    /// - Returns: Those that still do at the deadline.
    func waitUntilGone(_ deadline: Duration) -> [Trace] {
        let end = Clock.boot + deadline.wholeNanoseconds
        while true {
            let left = living()
            if left.isEmpty || Clock.boot >= end { return left }
            // Strangers' ends can be waited for by pidfd; that no new process bears the mark can only be looked for.
            poll(nil, 0, 20)
        }
    }

    /// Ends them as PM2 would have done, for the time when there is no PM2 that has them.
    ///
    /// - Returns: Those that don't end.
    func end(with signal: Signal, killTimeout: Duration) -> [Trace] {
        for trace in living() { send(signal.number, to: trace) }
        guard !waitUntilGone(killTimeout).isEmpty else { return [] }
        for trace in living() { send(SIGKILL, to: trace) }
        return waitUntilGone(.seconds(5))
    }

    private func send(_ signal: Int32, to trace: Trace) {
        let pidfd = gopm_pidfd_open(trace.pid)
        guard pidfd >= 0 else { return }
        defer { close(pidfd) }
        // The number was its own when the descriptor was opened if it is now: a descriptor is of one process.
        guard ProcStat.read(trace.pid)?.startTicks == trace.startTicks else { return }
        _ = gopm_pidfd_send_signal(pidfd, signal)
    }

    static func variables(of pid: Int32) -> [String: String] {
        guard let bytes = try? FileSystem.read("/proc/\(pid)/environ", limit: 4 << 20) else { return [:] }
        var variables: [String: String] = [:]
        for word in bytes.split(separator: 0) {
            let text = String(decoding: word, as: UTF8.self)
            guard let equals = text.firstIndex(of: "=") else { continue }
            variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        return variables
    }
}
