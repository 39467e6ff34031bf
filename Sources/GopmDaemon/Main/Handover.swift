import CLinux
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// What one image of the daemon leaves open for the next in the same process.
package struct Handover: Sendable, Hashable {
    /// The home's lock: held all the time, so that no other supervisor can begin meanwhile.
    package var lock: Int32
    /// The control socket: clients that come meanwhile wait in its queue.
    package var listener: Int32
    /// Clients that wait for nothing: their next request is for the next image.
    package var clients: [Int32]

    init(lock: Int32, listener: Int32, clients: [Int32]) {
        self.lock = lock
        self.listener = listener
        self.clients = clients
    }

    private var all: [Int32] { [lock, listener] + clients }

    /// Reads `LOCK,LISTENER,CLIENT…`; `nil` if it is not that, or they are not open.
    package init?(word: String) {
        let numbers = word.split(separator: ",").compactMap { Int32($0) }
        guard numbers.count >= 2, numbers.allSatisfy({ $0 > 2 && fcntl($0, F_GETFD) >= 0 }) else { return nil }
        self.init(lock: numbers[0], listener: numbers[1], clients: Array(numbers[2...]))
        for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
    }

    /// Executes the next image; returns only if that fails.
    func execute(_ executable: String, _ arguments: [String]) {
        for number in all { _ = fcntl(number, F_SETFD, 0) }
        // Our signals stay blocked: one that comes meanwhile, such as a stop, waits for the next image.
        let words = [executable] + arguments + ["--handover", all.map(String.init).joined(separator: ",")]
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        execv(executable, &pointers)
        for pointer in pointers { free(pointer) }
    }
}
