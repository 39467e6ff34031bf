package import SystemPackage

/// Why the log thread or its records could not be set up.
///
/// Faults of log files are no errors but events: they never stop a program or the daemon.
package struct CaptureError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The record file could not be opened, allocated or mapped.
        case recordsUnavailable
        /// Every slot is in use, or the disk has no room for more.
        case noSlot
        /// The pipe, buffers or thread could not be made.
        case threadUnavailable
    }

    package let code: Code
    /// What was tried, as a verb with its object: `map /home/x/.gopm/run/records`.
    package let operation: String
    package let errno: Errno

    package init(_ code: Code, _ operation: String, _ errno: Errno) {
        self.code = code
        self.operation = operation
        self.errno = errno
    }

    package var description: String { "\(operation): \(errno)" }
}

extension Errno {
    /// That of the last call on this thread.
    static var current: Errno { Errno(rawValue: lastError()) }
}
