package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

extension Errno {
    /// The error of the last failed call of this thread.
    package static var last: Errno { Errno(rawValue: errno) }

    /// Lower-case words as they end a sentence: `no such file or directory`.
    package var words: String {
        let text = String(cString: strerror(rawValue))
        guard let first = text.first, text.dropFirst().first?.isLowercase ?? true else { return text }
        return first.lowercased() + text.dropFirst()
    }
}

/// A call that failed on a path or other object: "act object: reason".
package struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A verb phrase such as `open` or `rename`.
    package var operation: String
    /// The path, or what else the call was about.
    package var object: String
    package var errno: Errno

    package init(_ operation: String, _ object: String, _ errno: Errno = .last) {
        self.operation = operation
        self.object = object
        self.errno = errno
    }

    package var description: String { "cannot \(operation) \(object): \(errno.words)" }
}

/// Repeats a call that a signal interrupted.
///
/// The result is negative only for other errors.
@discardableResult
package func retryingInterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result < 0, errno == EINTR { continue }
        return result
    }
}
