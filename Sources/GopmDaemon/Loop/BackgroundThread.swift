import GopmSystem
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// One thread for disk work that may wait: saving the dump, the daemon's own log.
///
/// Jobs run in the order they came.
///
/// The control thread hands over bytes and never waits; jobs that answer do so through ``EventLoop``.
final class BackgroundThread: @unchecked Sendable {
    /// Protected by `mutex`, as is everything below it.
    private var jobs: [@Sendable () -> Void] = []
    private var isStopping = false
    private var mutex = pthread_mutex_t()
    private var condition = pthread_cond_t()
    private var thread: pthread_t?

    init() {
        pthread_mutex_init(&mutex, nil)
        pthread_cond_init(&condition, nil)
    }

    func start() throws(SystemError) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let error = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<BackgroundThread>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context
        )
        guard error == 0 else { throw SystemError("start", "the disk thread", Errno(rawValue: error)) }
        self.thread = thread
    }

    func run(_ job: @escaping @Sendable () -> Void) {
        pthread_mutex_lock(&mutex)
        jobs.append(job)
        pthread_cond_signal(&condition)
        pthread_mutex_unlock(&mutex)
    }

    /// Does a job behind all that is queued, and waits for it: for the very end only.
    func wait<Value: Sendable>(for job: @escaping @Sendable () -> Value) -> Value? {
        let result = Result<Value>()
        let done = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        defer { done.deallocate() }
        guard sem_init(done, 0, 0) == 0 else { return nil }
        defer { sem_destroy(done) }
        let signal = SendableSemaphore(pointer: done)
        run {
            result.value.withLock { $0 = job() }
            sem_post(signal.pointer)
        }
        retryingInterrupted { sem_wait(done) }
        return result.value.withLock { $0 }
    }

    private final class Result<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }

    /// Lives until it was posted, which is the last that the other thread does with it.
    private struct SendableSemaphore: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<sem_t>
    }

    /// Lets the thread end when it has done what is queued, without waiting for it.
    func end() {
        pthread_mutex_lock(&mutex)
        if let thread { pthread_detach(thread) }
        thread = nil
        isStopping = true
        pthread_cond_signal(&condition)
        pthread_mutex_unlock(&mutex)
    }

    /// Does what is queued and ends the thread.
    func stop() {
        guard let thread else { return }
        pthread_mutex_lock(&mutex)
        isStopping = true
        pthread_cond_signal(&condition)
        pthread_mutex_unlock(&mutex)
        pthread_join(thread, nil)
        self.thread = nil
    }

    private func run() {
        while true {
            pthread_mutex_lock(&mutex)
            while jobs.isEmpty, !isStopping { pthread_cond_wait(&condition, &mutex) }
            let ready = jobs
            jobs = []
            let isLast = isStopping
            pthread_mutex_unlock(&mutex)
            for job in ready { job() }
            if isLast, ready.isEmpty { return }
        }
    }
}
