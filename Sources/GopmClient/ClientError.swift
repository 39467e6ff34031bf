import GopmSystem
package import GopmWire
import SystemPackage

/// Why a request to the supervisor was not done, in one line for people.
package struct ClientError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// No supervisor answers, and none was or could be started.
        case unavailable
        /// It went away, or what it said made no sense.
        case lost
        case timedOut
        /// It answered with an error.
        case refused(RequestError.Code)
    }

    package var code: Code
    package var description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// Nobody listens: the one failure that starting a supervisor mends.
    package static let notRunning = ClientError(.unavailable, "the daemon is not running")

    init(connecting path: String, _ errno: Errno) {
        switch errno {
        case .noSuchFileOrDirectory, .connectionRefused:
            self = .notRunning
        case .permissionDenied:
            self.init(
                .unavailable,
                "cannot reach the daemon at \(path): permission denied (it belongs to another user)"
            )
        case .fileNameTooLong:
            self.init(.unavailable, "the socket's path \(path) is over 107 bytes; choose a shorter GOPM_HOME")
        default:
            self.init(.unavailable, "cannot reach the daemon at \(path): \(errno.words)")
        }
    }

    static func unwrapping(_ result: Result<[UInt8], RequestError>) throws(ClientError) -> [UInt8] {
        switch result {
        case .success(let data): return data
        case .failure(let error): throw ClientError(.refused(error.code), error.message)
        }
    }
}

extension ReceivedReply {
    /// The data, or the error as clients report it.
    package func unwrapped() throws(ClientError) -> [UInt8] {
        try ClientError.unwrapping(result)
    }
}
