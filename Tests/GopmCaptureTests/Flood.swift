import CLinux
import Glibc
import Synchronization
import Testing

/// A thread that writes lines without pause until it is told to stop.
final class Flood: Sendable {
    private let descriptor: Int32
    private let isStopped = Atomic(false)
    private let hasEnded = Atomic(false)

    init(into program: Int32) {
        descriptor = fcntl(program, F_DUPFD_CLOEXEC, 0)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = capture_thread(
            { argument in
                guard let argument else { return nil }
                Unmanaged<Flood>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            Unmanaged.passRetained(self).toOpaque()
        )
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
        eventually { hasEnded.load(ordering: .acquiring) }
    }

    private func run() {
        let lines = Array(String(repeating: "flood of lines\n", count: 1000).utf8)
        while !isStopped.load(ordering: .relaxed) {
            _ = lines.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        }
        close(descriptor)
        hasEnded.store(true, ordering: .releasing)
    }
}
