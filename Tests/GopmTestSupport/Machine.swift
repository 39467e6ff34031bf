import Glibc

/// Who uses the machine: ordinary tests share it, a test that loads it has it to itself.
package enum Machine {
    private static let gate = Gate()

    package static func share<Value>(_ body: () throws -> Value) rethrows -> Value {
        gate.enter()
        defer { gate.leave() }
        return try body()
    }

    /// Waits for the tests that run, and holds back those that come.
    package static func alone<Value>(_ body: () throws -> Value) rethrows -> Value {
        gate.enterAlone()
        defer { gate.leave() }
        return try body()
    }
}

/// A readers-writer lock that prefers the writer.
///
/// Tests block their threads here on purpose: how many of them run at
/// once is the number of cores.
private final class Gate: @unchecked Sendable {
    // All fields are used under the mutex only.
    private var mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var inside = 0
    private var waitingAlone = 0
    private var isAlone = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    func enter() {
        pthread_mutex_lock(mutex)
        while isAlone || waitingAlone > 0 { pthread_cond_wait(condition, mutex) }
        inside += 1
        pthread_mutex_unlock(mutex)
    }

    func enterAlone() {
        pthread_mutex_lock(mutex)
        waitingAlone += 1
        while isAlone || inside > 0 { pthread_cond_wait(condition, mutex) }
        waitingAlone -= 1
        isAlone = true
        inside = 1
        pthread_mutex_unlock(mutex)
    }

    func leave() {
        pthread_mutex_lock(mutex)
        inside -= 1
        isAlone = false
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}
