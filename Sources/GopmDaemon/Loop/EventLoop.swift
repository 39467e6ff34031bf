import CLinux
import CSystemd
import GopmSystem
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// libsystemd's event loop as a Swift executor: the one thread on which the supervisor decides.
///
/// It is a serial executor, so that ``SupervisorActor`` runs on it, and a task executor, so that tasks made with
/// `Task(executorPreference:)` never leave the thread: without the preference the first `await` of a task's value starts
/// the global pool, three more threads.
final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// The loop of this process.
    ///
    /// It belongs to the thread that first touches it, which must be the one that runs it.
    static let shared = EventLoop()

    /// Used by the loop's thread only.
    let event: OpaquePointer
    private let thread: pthread_t
    /// Jobs of the Swift runtime; any thread may add to them.
    private let jobs = Mutex<[UnownedJob]>([])
    private let wake: Int32
    private var wakeSource: OpaquePointer?

    private init() {
        var event: OpaquePointer?
        let result = sd_event_new(&event)
        wake = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard result >= 0, let event, wake >= 0 else {
            // Nothing can be done without a loop, and nobody is there yet to tell.
            Abort.now("cannot make the event loop: error \(-result)")
        }
        self.event = event
        thread = pthread_self()
    }

    /// Runs until ``stop(code:)``; the calling thread must be the loop's.
    ///
    /// - Returns: The code given to `stop`, or a negative errno if the loop broke.
    func run() -> Int32 {
        sd_event_add_io(
            event,
            &wakeSource,
            wake,
            UInt32(EPOLLIN.rawValue),
            { _, _, _, _ in
                EventLoop.shared.runJobs()
                return 0
            },
            nil
        )
        // After descriptors and signals that are ready, so that a task sees the newest state.
        return sd_event_loop(event)
    }

    /// Ends ``run()`` after the current turn.
    func stop(code: Int32) {
        sd_event_exit(event, code)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = jobs.withLock { jobs in
            jobs.append(job)
            return jobs.count == 1
        }
        guard isFirst else { return }
        var one: UInt64 = 1
        write(wake, &one, 8)
    }

    private func runJobs() {
        var count: UInt64 = 0
        read(wake, &count, 8)
        // Only what is here now: a job that makes jobs must not keep the loop from its descriptors.
        let ready = jobs.withLock { jobs in
            defer { jobs = [] }
            return jobs
        }
        for job in ready {
            job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        }
    }

    func isIsolatingCurrentContext() -> Bool? {
        pthread_equal(thread, pthread_self()) != 0
    }

    func checkIsolated() {
        precondition(pthread_equal(thread, pthread_self()) != 0, "not on the event loop's thread")
    }
}

/// The supervisor's isolation: everything that is marked with it runs on the event loop's thread, one at a time.
@globalActor
actor SupervisorActor {
    static let shared = SupervisorActor()

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        EventLoop.shared.asUnownedSerialExecutor()
    }

    /// Begins work that waits for things; all of it runs on the loop's thread.
    @discardableResult
    static func task<Value: Sendable>(
        _ body: @escaping @SupervisorActor @Sendable () async -> Value
    ) -> Task<Value, Never> {
        Task(executorPreference: EventLoop.shared, operation: body)
    }

    /// Enters the isolation from a C callback of the loop.
    static func assumeIsolated<Result>(_ body: @SupervisorActor () -> Result) -> Result {
        EventLoop.shared.checkIsolated()
        // What MainActor.assumeIsolated does: the check above is what the type system can't see.
        return withoutActuallyEscaping(body) { body in
            unsafeBitCast(body, to: (() -> Result).self)()
        }
    }
}

/// The one way to end for reasons that leave nothing else to do.
enum Abort {
    static func now(_ reason: String) -> Never {
        let line = "gopmd: \(reason)\n"
        _ = line.withCString { write(2, $0, strlen($0)) }
        exit(70)
    }
}
