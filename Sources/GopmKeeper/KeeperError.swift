import GopmSystem
package import SystemPackage

/// Why there is no keeper to talk to.
package struct KeeperError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// Nobody listens.
        case notRunning
        /// Somebody does, but did not answer in time: stopped, or very busy.
        case noAnswer
        /// It said something that is no answer, or belongs to another user.
        case notAKeeper
        /// A call failed; see `errno`.
        case system
    }

    package var code: Code
    /// A verb phrase such as `connect to`.
    package var operation: String
    package var path: String
    package var errno: Errno?

    init(_ code: Code, _ operation: String, _ path: String, _ errno: Errno? = nil) {
        self.code = code
        self.operation = operation
        self.path = path
        self.errno = errno
    }

    package var description: String {
        let reason =
            switch code {
            case .notRunning: "no keeper is running"
            case .noAnswer: "the keeper does not answer"
            case .notAKeeper: "what listens there is no keeper of ours"
            case .system: errno?.words ?? "unknown error"
            }
        return "cannot \(operation) \(path): \(reason)"
    }
}
