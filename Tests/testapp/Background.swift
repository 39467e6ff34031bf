import Glibc

/// A thread that nobody waits for.
enum Background {
    private final class Work: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func run(_ work: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Work(work)).toOpaque()
        let error = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context
        )
        guard error == 0 else {
            Output.error.line("testapp: no thread: \(describe(error))")
            _exit(71)  // EX_OSERR
        }
    }
}

/// Waits that don't drift: each is counted from the end of the one before.
struct Pace {
    private var next = timespec()

    init() { clock_gettime(CLOCK_MONOTONIC, &next) }

    static func sleep(_ duration: Duration) {
        var pace = Pace()
        pace.wait(duration)
    }

    mutating func wait(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        next.tv_sec += Int(seconds)
        next.tv_nsec += Int(attoseconds / 1_000_000_000)
        if next.tv_nsec >= 1_000_000_000 {
            next.tv_sec += 1
            next.tv_nsec -= 1_000_000_000
        }
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, nil) == EINTR {}
    }
}
