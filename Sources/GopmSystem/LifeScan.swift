import CLinux

#if canImport(Glibc)
    import Glibc
#endif

/// Finds living processes by the life id that they inherited as the soft value of `RLIMIT_LOCKS`.
///
/// The kernel does not enforce that limit (getrlimit(2), since Linux 2.4.25), so it is 64 free bits that fork, exec and
/// setsid pass on, that a process can't lose by closing descriptors or emptying its environment, and that cost under
/// 2 µs a process to read.
package enum LifeScan {
    /// One living process of a life that was asked for.
    package struct Member: Sendable, Hashable {
        package var pid: Int32
        package var lifeID: UInt64
    }

    /// The numbers that are life ids: larger than a limit that somebody sets for its own sake, and never unlimited.
    package static let ids: Range<UInt64> = 1 << 48..<1 << 62

    /// Whether a process bears a life id, of whichever supervisor.
    package static func belongsToProgram(_ pid: Int32) -> Bool {
        lifeID(of: pid).map { ids.contains($0) } ?? false
    }

    /// Looks at every process once.
    ///
    /// - Returns: Those of the given lives; zombies don't count.
    package static func members(of lives: Set<UInt64>) -> [Member] {
        var found: [Member] = []
        forEachProcess { pid, life in
            if lives.contains(life), !isZombie(pid) { found.append(Member(pid: pid, lifeID: life)) }
        }
        return found
    }

    /// Gives every process that bears a life id, of whichever supervisor, zombies included: about 1 µs each.
    package static func forEachProcess(_ body: (_ pid: Int32, _ lifeID: UInt64) -> Void) {
        guard let folder = opendir("/proc") else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let pid = withUnsafeBytes(of: &entry.pointee.d_name) { number(named: $0) }
            guard let pid, let life = lifeID(of: pid), ids.contains(life) else { continue }
            body(pid, life)
        }
    }

    /// The life id of a process; `nil` if it is gone or has none that can be read.
    package static func lifeID(of pid: Int32) -> UInt64? {
        var life: UInt64 = 0
        if gopm_life_of(pid, &life) == 0 { return life }
        // Another user's process, seen by root without CAP_SYS_RESOURCE: the limits file is readable by all.
        return errno == EPERM ? lifeIDFromLimitsFile(pid) : nil
    }

    /// Sends a signal to a process only if it is still of the life: the pidfd makes sure that the process that is
    /// looked at is the one that is hit.
    package static func signal(_ member: Member, _ number: Int32) {
        signal(member.pid, number) { lifeID(of: member.pid) == member.lifeID }
    }

    /// Sends a signal to a process that is still the one that was meant, by a test that is made once it is held fast.
    package static func signal(_ pid: Int32, _ number: Int32, ifStill isMeant: () -> Bool) {
        let pidfd = gopm_pidfd_open(pid)
        guard pidfd >= 0 else { return }
        defer { close(pidfd) }
        if isMeant() { _ = gopm_pidfd_send_signal(pidfd, number) }
    }

    /// The number that a folder's name is; `nil` for the names that are none.
    private static func number(named name: UnsafeRawBufferPointer) -> Int32? {
        var value: Int32 = 0
        for byte in name {
            if byte == 0 { return value > 0 ? value : nil }
            guard let digit = byte.asciiDigit, value < 100_000_000 else { return nil }
            value = value * 10 + digit
        }
        return nil
    }

    private static func lifeIDFromLimitsFile(_ pid: Int32) -> UInt64? {
        guard let bytes = try? FileSystem.read("/proc/\(pid)/limits", limit: 65536) else { return nil }
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: "Max file locks".utf8) {
            let words = line.dropFirst(14).split(separator: UInt8(ascii: " "))
            return words.first.flatMap { UInt64(String(decoding: $0, as: UTF8.self)) }
        }
        return nil
    }

    private static func isZombie(_ pid: Int32) -> Bool {
        ProcStat.read(pid)?.isZombie ?? true
    }
}

extension UInt8 {
    fileprivate var asciiDigit: Int32? {
        self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") ? Int32(self) - 48 : nil
    }
}

extension LifeScan {
    /// Whether a process is of a process group; 0 is no group.
    package static func isMember(_ pid: Int32, ofGroup group: Int32) -> Bool {
        group != 0 && getpgid(pid) == group
    }
}
