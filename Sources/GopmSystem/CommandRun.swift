import CLinux
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Another program, run to its end, with what it said.
package struct CommandRun: Sendable, Hashable {
    /// The exit code, or the negative number of the signal that ended it.
    package var status: Int32
    package var output: String
    package var standardError: String
    /// Whether it said more than was kept.
    package var isCut = false

    /// Runs a program and waits for its end.
    ///
    /// `program`: A path, or a name to be looked for where the system's programs are.
    ///
    /// `deadline`: After it the program is killed.
    ///
    /// `limit`: The most that is kept of each stream, in bytes.
    ///
    /// `hasOwnSession`: Whether the terminal's signals don't reach it.
    ///
    /// `inherited`: A descriptor that it is to have, such as that of a lock.
    ///
    /// Throws `noSuchFileOrDirectory` if there is no such program, `timedOut` after the deadline.
    package static func run(
        _ program: String,
        _ arguments: [String],
        deadline: Duration,
        limit: Int = 1 << 20,
        hasOwnSession: Bool = false,
        inherited: Int32? = nil
    ) throws(SystemError) -> CommandRun {
        guard let path = find(program) else { throw SystemError("find", program, .noSuchFileOrDirectory) }
        var output: [Int32] = [-1, -1]
        var error: [Int32] = [-1, -1]
        guard pipe(&output) == 0, pipe(&error) == 0 else { throw SystemError("run", path) }
        var streams = [Stream(descriptor: output[0]), Stream(descriptor: error[0])]
        for end in output + error { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { for stream in streams where stream.descriptor >= 0 { close(stream.descriptor) } }
        var spawn = DirectSpawn(path, arguments, output: output[1], error: error[1])
        spawn.hasOwnSession = hasOwnSession
        spawn.inherited = inherited
        let started = spawn.start()
        // Only the program may hold these ends, else its death is not seen.
        for end in [output[1], error[1]] { close(end) }
        let pid: pid_t
        switch started {
        case .success(let child): pid = child
        case .failure(let reason): throw SystemError("execute", path, reason)
        }
        let (seconds, attoseconds) = deadline.components
        let end = Clock.boot + seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        while streams.contains(where: { $0.descriptor >= 0 }) {
            guard Stream.readSome(&streams, until: end, limit: limit) else { break }
        }
        guard let status = reap(pid, until: end) else { throw SystemError("wait for", path, .timedOut) }
        return CommandRun(
            status: status,
            output: streams[0].text,
            standardError: streams[1].text,
            isCut: streams.contains { $0.isCut }
        )
    }

    /// systemd and libc are in the system's own folders, whatever PATH says.
    private static func find(_ program: String) -> String? {
        if program.contains("/") { return program }
        return ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"].map { "\($0)/\(program)" }
            .first { access($0, X_OK) == 0 }
    }

    /// Waits for the end; kills a child that has not ended by then, and returns `nil`.
    private static func reap(_ pid: pid_t, until end: Int64) -> Int32? {
        let pidfd = gopm_pidfd_open(pid)
        defer { if pidfd >= 0 { close(pidfd) } }
        var isLate = false
        var watched = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        while pidfd >= 0 {
            let wait = Int32(clamping: (max(end - Clock.boot, 0) + 999_999) / 1_000_000)
            let result = poll(&watched, 1, wait)
            if result < 0, errno == EINTR { continue }
            isLate = result == 0
            break
        }
        if isLate { kill(pid, SIGKILL) }
        var status: Int32 = 0
        retryingInterrupted { waitpid(pid, &status, 0) }
        if isLate { return nil }
        return status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
    }
}

/// One output of a program, on its way into memory.
private struct Stream {
    /// -1 after its end.
    var descriptor: Int32
    var bytes: [UInt8] = []
    var isCut = false

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Returns false at the deadline.
    static func readSome(_ streams: inout [Stream], until end: Int64, limit: Int) -> Bool {
        var requests = streams.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        let count = poll(&requests, nfds_t(requests.count), Int32(clamping: max(end - Clock.boot, 0) / 1_000_000))
        if count < 0, errno == EINTR { return true }
        guard count > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        for index in streams.indices where requests[index].revents != 0 {
            let length = retryingInterrupted { read(requests[index].fd, &buffer, buffer.count) }
            guard length > 0 else {
                close(requests[index].fd)
                streams[index].descriptor = -1
                continue
            }
            let kept = min(length, limit - streams[index].bytes.count)
            streams[index].bytes += buffer[..<kept]
            if kept < length { streams[index].isCut = true }
        }
        return true
    }
}
