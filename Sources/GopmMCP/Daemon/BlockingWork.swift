import Glibc

/// Runs calls that block (the control socket, files of `/proc`, logs) on threads of their own, a bounded number at once.
///
/// The threads of the event loop and of Swift's tasks are few and never wait for a disk or another program.
package actor BlockingWork {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// `threads`: How many may run at once; further work waits for its turn.
    package init(threads: Int = 32) {
        free = threads
    }

    package func run<Value: Sendable>(_ body: @Sendable @escaping () -> Value) async -> Value {
        await enter()
        defer { leave() }
        return await withCheckedContinuation { continuation in
            let work: @Sendable () -> Void = { continuation.resume(returning: body()) }
            // Without a thread it is done here: late is better than never.
            if !OneThread.start(work) { work() }
        }
    }

    private func enter() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func leave() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}

/// A thread for one closure.
enum OneThread {
    /// Bytes; what runs here parses JSON of 64 levels and little else.
    private static let stackSize = 1 << 20

    /// Returns whether there was a thread to be had; if not, the closure is not called.
    static func start(_ body: @Sendable @escaping () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackSize)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(run: body))
        let error = pthread_create(
            &thread,
            &attributes,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        if error != 0 { context.release() }
        return error == 0
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @Sendable @escaping () -> Void) {
            self.run = run
        }
    }
}
