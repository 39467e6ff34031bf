import Glibc
import GopmTestSupport
import Synchronization

/// Calls `gopm list` all the time, as a person or a monitor does, and notes how long each takes.
final class ListCalls: Sendable {
    /// Ten a second.
    private static let interval = Duration.milliseconds(100)

    private struct Call {
        let begin: Int64
        let end: Int64

        var milliseconds: Double { Double(end - begin) / 1e6 }
    }

    /// From the kill of a gopmd until the next one answers.
    struct Outage {
        let begin: Int64
        let end: Int64
    }

    private struct Story {
        var calls: [Call] = []
        var failures: [String] = []
        var hasEnded = false
    }

    private let daemon: DaemonFixture
    private let story = Mutex(Story())

    init(_ daemon: DaemonFixture) {
        self.daemon = daemon
    }

    /// Returns once ``end()`` was called.
    func run() {
        while !story.withLock({ $0.hasEnded }) {
            call()
            // The pace is what a busy administrator's machine has.
            pause(Self.interval)
        }
    }

    func end() {
        story.withLock { $0.hasEnded = true }
    }

    private func call() {
        let begin = Deadline.now
        let result = Result { try daemon.run("list") }
        let call = Call(begin: begin, end: Deadline.now)
        var failure: String?
        switch result {
        case .success(let result):
            // A line for each program, and four for the frame.
            let lines = result.output.count { $0 == 10 }
            if result.status != 0 || lines != Fleet.count + 4 {
                failure = "\(result.status), \(lines) lines, \(result.stderr)"
            }
        case .failure(let error): failure = "\(error)"
        }
        story.withLock { story in
            story.calls.append(call)
            if let failure { story.failures.append(failure) }
        }
    }

    var failure: String? { story.withLock { $0.failures.first } }

    /// The calls that met an outage, and the others.
    func judge(_ outages: [Outage]) -> (quiet: Latencies, disturbed: Latencies) {
        var (quiet, disturbed) = (Latencies(), Latencies())
        for call in story.withLock({ $0.calls }) {
            if outages.contains(where: { call.begin <= $0.end && $0.begin <= call.end }) {
                disturbed.add(call.milliseconds)
            } else {
                quiet.add(call.milliseconds)
            }
        }
        return (quiet, disturbed)
    }
}

/// How long things took, in milliseconds.
struct Latencies {
    private var values: [Double] = []

    mutating func add(_ milliseconds: Double) {
        values.append(milliseconds)
    }

    /// The smallest value that so large a part of all does not exceed; 0 if there are none.
    func percentile(_ part: Double) -> Double {
        guard !values.isEmpty else { return 0 }
        return values.sorted()[max(Int((Double(values.count) * part).rounded(.up)) - 1, 0)]
    }

    var text: String {
        let parts: [(String, Double)] = [("median", 0.5), ("p99", 0.99), ("longest", 1)]
        let words = parts.map { name, part in "\(name) \(Int(percentile(part).rounded(.up))) ms" }
        return "\(values.count), \(words.joined(separator: ", "))"
    }
}

/// A thread of its own for work that blocks.
final class Beside {
    private var thread = pthread_t()

    private final class Work {
        let body: () -> Void

        init(_ body: @escaping () -> Void) {
            self.body = body
        }
    }

    init(_ body: @escaping @Sendable () -> Void) throws {
        let work = Unmanaged.passRetained(Work(body))
        let error = pthread_create(
            &thread,
            nil,
            { work in
                if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
                return nil
            },
            work.toOpaque()
        )
        guard error == 0 else { throw TestFailure("no thread: \(String(cString: strerror(error)))") }
    }

    func join() {
        pthread_join(thread, nil)
    }
}
