import CLinux
import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Starts another image of gopmd just to see whether it can start: it loads its libraries and the config, and ends.
@SupervisorActor
struct TrialRun {
    let executable: String
    let arguments: [String]

    private static let deadline = Duration.seconds(5)

    /// What is wrong with it, in one line; `nil` if nothing is.
    func run() async -> String? {
        var ends: [Int32] = [-1, -1]
        guard gopm_pipe(&ends) == 0 else { return "no pipe: \(Errno.last.words)" }
        defer { close(ends[0]) }
        let child = start(complainingTo: ends[1])
        close(ends[1])
        switch child {
        case .failure(let error):
            return "\(error)"
        case .success(let pid):
            let pidfd = gopm_pidfd_open(pid)
            guard pidfd >= 0 else { return "no pidfd: \(Errno.last.words)" }
            defer { close(pidfd) }
            return await outcome(pidfd, ends[0])
        }
    }

    private func start(complainingTo output: Int32) -> Result<pid_t, SystemError> {
        DirectSpawn(executable, ["--trial"] + arguments, output: output, error: output).start()
            .mapError { SystemError("execute", executable, $0) }
    }

    private func outcome(_ pidfd: Int32, _ complaints: Int32) async -> String? {
        guard await waitForEnd(of: pidfd) else {
            _ = gopm_pidfd_send_signal(pidfd, SIGKILL)
            _ = await waitForEnd(of: pidfd)
            return "its trial run took over \(TrialRun.deadline)"
        }
        var code: Int32 = 0
        var value: Int32 = 0
        guard gopm_reap(pidfd, &code, &value) == 1 else { return "its trial run went astray" }
        if code == 1, value == 0 { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = max(read(complaints, &buffer, buffer.count), 0)
        let said = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").first.map(String.init)
        return said.map { $0.hasPrefix("gopmd: ") ? String($0.dropFirst(7)) : $0 }
            ?? "its trial run ended with \(value)"
    }

    private func waitForEnd(of pidfd: Int32) async -> Bool {
        await withCheckedContinuation { continuation in
            let wait = EndWait(continuation)
            wait.begin(pidfd, TrialRun.deadline)
        }
    }
}

/// Resumes once: when a child ends, or at the deadline.
@SupervisorActor
private final class EndWait {
    private var continuation: CheckedContinuation<Bool, Never>?
    private var source: LoopDescriptor?
    private var timer: LoopTimer?

    init(_ continuation: CheckedContinuation<Bool, Never>) {
        self.continuation = continuation
    }

    /// The closures keep this object until one of them has run.
    func begin(_ pidfd: Int32, _ deadline: Duration) {
        timer = LoopTimer { self.finish(false) }
        timer?.arm(after: deadline)
        source = LoopDescriptor(pidfd, events: UInt32(EPOLLIN.rawValue)) { self.finish(true) }
    }

    private func finish(_ isEnded: Bool) {
        continuation?.resume(returning: isEnded)
        continuation = nil
        // Not at once: one of the two is what is running.
        let (oldSource, oldTimer) = (source, timer)
        oldSource?.setEnabled(false)
        oldTimer?.cancel()
        SupervisorActor.task {
            self.source = nil
            self.timer = nil
        }
    }
}
