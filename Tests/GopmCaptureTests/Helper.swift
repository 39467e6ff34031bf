import CLinux
import Glibc
import Synchronization
import Testing

/// The program `capture-helper`, which lies beside the test: a log thread that can be killed for real.
struct Helper {
    private let pid: pid_t
    /// It ends when this is closed.
    private let input: Int32

    init(_ capture: Capture) throws {
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        input = ends[1]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        let arguments = [Self.path, capture.folder + "/helper-records", capture.fifo, capture.log, "100000", "100000"]
        var pointers = arguments.map { strdup($0) } + [nil]
        var pid: pid_t = -1
        let result = posix_spawn(&pid, Self.path, &actions, nil, &pointers, environ)
        for pointer in pointers { free(pointer) }
        posix_spawn_file_actions_destroy(&actions)
        close(ends[0])
        self.pid = pid
        try #require(result == 0)
    }

    /// kill -9.
    func kill() {
        Glibc.kill(pid, SIGKILL)
        wait()
        close(input)
    }

    /// Lets it drain and end.
    func end() {
        close(input)
        wait()
    }

    private func wait() {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }

    private static var path: String {
        let own = target(of: "/proc/self/exe")
        // `swift test` runs the tests in a tool of its own, which is told where they are.
        let tests = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? own
        return tests.prefix(through: tests.lastIndex(of: "/") ?? tests.startIndex) + "capture-helper"
    }
}

/// A thread that writes 0, 1, 2 … as fast as it can.
final class NumberedLines: Sendable {
    private let descriptor: Int32
    private let isStopped = Atomic(false)
    private let count = Atomic(-1)

    init(into program: Int32) {
        descriptor = program
        _ = capture_thread(
            { argument in
                guard let argument else { return nil }
                Unmanaged<NumberedLines>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            Unmanaged.passRetained(self).toOpaque()
        )
    }

    /// Returns how many lines there are.
    func stop() -> Int {
        isStopped.store(true, ordering: .relaxed)
        eventually { count.load(ordering: .acquiring) >= 0 }
        return count.load(ordering: .acquiring)
    }

    private func run() {
        var number = 0
        while !isStopped.load(ordering: .relaxed) {
            var lines: [UInt8] = []
            for _ in 0..<200 {
                lines += "\(number)\n".utf8
                number += 1
            }
            var rest = lines[...]
            while !rest.isEmpty {
                let length = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                rest = rest.dropFirst(max(0, length))
            }
        }
        count.store(number, ordering: .releasing)
    }
}
