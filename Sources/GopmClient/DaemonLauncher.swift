import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Starts a supervisor in the background and waits until it serves clients.
struct DaemonLauncher {
    let home: Home
    /// Passed on: `--config`, `--log-level`.
    var arguments: [String] = []

    /// A supervisor that has not answered by then is given up; resurrecting programs is not part of it.
    private static let deadlineMilliseconds: Int64 = 10_000

    enum Outcome {
        /// Serving, and bringing back so many programs.
        case ready(resurrecting: Int, remarks: [String])
        /// Somebody else started one at the same time.
        case someoneElse
    }

    func launch() throws(ClientError) -> Outcome {
        guard let program = ToolPath.find("gopmd") else {
            throw ClientError(.unavailable, "gopmd is neither beside gopm nor on PATH")
        }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ClientError(.unavailable, "cannot start the daemon: \(Errno.last.words)") }
        defer { close(ends[0]) }
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        let started = Result { () throws(ClientError) in try start(program, output: ends[1]) }
        // Only the supervisor may hold this end, else its death is not seen.
        close(ends[1])
        let pid = try started.get()
        return try waitForWord(from: ends[0], of: pid)
    }

    private func start(_ program: String, output: Int32) throws(ClientError) -> pid_t {
        var spawn = DirectSpawn(program, ["--background"] + arguments, output: output, error: output)
        spawn.hasOwnSession = true
        switch spawn.start() {
        case .success(let pid): return pid
        case .failure(let error): throw ClientError(.unavailable, "cannot start \(program): \(error.words)")
        }
    }

    /// Reads what the supervisor says until it is ready or gone.
    private func waitForWord(from descriptor: Int32, of pid: pid_t) throws(ClientError) -> Outcome {
        let end = Clock.boot + DaemonLauncher.deadlineMilliseconds * 1_000_000
        var text: [UInt8] = []
        while true {
            let left = (end - Clock.boot) / 1_000_000
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let result = poll(&request, 1, Int32(max(left, 0)))
            if result < 0, errno == EINTR { continue }
            guard result > 0 else {
                throw ClientError(.unavailable, "the daemon was started but is not ready after 10s")
            }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = retryingInterrupted { read(descriptor, &buffer, buffer.count) }
            guard count > 0 else { break }
            text += buffer[..<count]
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            if text.last == UInt8(ascii: "\n"), let last = lines.last, last.hasPrefix("ready ") {
                let remarks = lines.filter { $0.hasPrefix("remark ") }.map { String($0.dropFirst(7)) }
                return .ready(resurrecting: Int(last.dropFirst(6)) ?? 0, remarks: remarks)
            }
        }
        var status: Int32 = 0
        _ = retryingInterrupted { waitpid(pid, &status, 0) }
        if (status >> 8) & 0xff == 75 { return .someoneElse }
        // As it would say it to a user: its name, and more lines under the first.
        let said = String(decoding: text, as: UTF8.self).split(separator: "\n").map { line in
            line.hasPrefix("gopmd: ") ? line.dropFirst(7) : line.drop { $0 == " " }
        }
        let reason = said.isEmpty ? "it ended at once" : said.joined(separator: "\n")
        throw ClientError(.unavailable, "the daemon cannot start: \(reason)")
    }
}
