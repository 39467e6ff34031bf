import Glibc
import Synchronization

/// A program that a test started, its output on the way into memory.
package final class RunningCommand {
    package let pid: Int32
    private let words: [String]
    private var streams: [Stream]

    private struct Stream {
        var descriptor: Int32
        var bytes: [UInt8] = []
    }

    /// Between the making of a pipe and the spawn no other spawn may happen: it would inherit the pipe's ends, and a
    /// daemon that holds them would keep us waiting for the end of the output.
    private static let spawning = Mutex(())

    /// Starts the program at a path, with this environment and nothing of ours.
    package init(
        _ program: String,
        _ arguments: [String],
        environment: [String: String],
        folder: String
    ) throws {
        words = [program] + arguments
        var out: [Int32] = [-1, -1]
        var err: [Int32] = [-1, -1]
        let (pid, error) = RunningCommand.spawning.withLock { _ -> (pid_t, Int32) in
            pipe(&out)
            pipe(&err)
            for end in out + err { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            defer {
                close(out[1])
                close(err[1])
            }
            return RunningCommand.spawn([program] + arguments, environment, folder, out[1], err[1])
        }
        self.pid = pid
        streams = [Stream(descriptor: out[0]), Stream(descriptor: err[0])]
        guard error == 0 else { throw TestFailure("cannot start \(program): \(String(cString: strerror(error)))") }
    }

    deinit {
        for stream in streams where stream.descriptor >= 0 { close(stream.descriptor) }
    }

    /// Reads to the end of both outputs and reaps; a program that takes longer is killed, and that is an error.
    package func finish(timeout: Duration = .seconds(60)) throws -> CommandResult {
        let deadline = Deadline(timeout)
        while streams.contains(where: { $0.descriptor >= 0 }) {
            guard readSome(deadline) else {
                kill(pid, SIGKILL)
                _ = reap()
                throw TestFailure(
                    "\(words.joined(separator: " ")): no end within \(timeout); so far: \(text(0)) \(text(1))"
                )
            }
        }
        // A program may close its outputs and go on.
        if !Kernel.waitForEnd(of: pid, deadline) { kill(pid, SIGKILL) }
        let status = reap()
        return CommandResult(words: words, status: status, output: streams[0].bytes, standardError: text(1))
    }

    package func signal(_ number: Int32) {
        kill(pid, number)
    }

    private func text(_ index: Int) -> String {
        String(decoding: streams[index].bytes, as: UTF8.self)
    }

    private func readSome(_ deadline: Deadline) -> Bool {
        var requests = streams.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        let count = poll(&requests, nfds_t(requests.count), deadline.milliseconds)
        if count < 0, errno == EINTR { return true }
        guard count > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        for index in streams.indices where requests[index].revents != 0 {
            let length = read(streams[index].descriptor, &buffer, buffer.count)
            if length > 0 {
                streams[index].bytes += buffer[..<length]
            } else if length == 0 || errno != EINTR {
                close(streams[index].descriptor)
                streams[index].descriptor = -1
            }
        }
        return true
    }

    /// The exit code, or the negative number of the signal.
    private func reap() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
    }

    private static func spawn(
        _ words: [String],
        _ environment: [String: String],
        _ folder: String,
        _ out: Int32,
        _ err: Int32
    ) -> (pid_t, Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, out, 1)
        posix_spawn_file_actions_adddup2(&actions, err, 2)
        // Whatever else this process has open is not for the programs under test.
        Kernel.add(folder: folder, closingFrom: 3, to: &actions)
        var argv = words.map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in argv + envp { free(word) } }
        // The threads that tests run on have their signals blocked; a program under test must not.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pid: pid_t = -1
        let error = posix_spawn(&pid, words[0], &actions, &attributes, &argv, &envp)
        return (pid, error)
    }
}
