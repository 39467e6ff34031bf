import Glibc

/// A value behind a mutex.
///
/// `Synchronization.Mutex` would do, but the thread sanitizer does not see it on Linux (Swift 6.3.1) and reports races
/// where there are none.
final class Locked<Value>: @unchecked Sendable {
    // Sendable: nobody gets at the value without the lock.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}
