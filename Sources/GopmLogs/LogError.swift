import Glibc

/// Why a log cannot be read.
///
/// A log that does not exist is no error: it is empty.
package struct LogError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// `open(2)` or `fstat(2)` failed.
        case cannotOpen
        /// `pread(2)` failed.
        case cannotRead
        /// A directory, a FIFO, a device (`--log-out /dev/null`): there is nothing to read back.
        case notARegularFile
    }

    package let code: Code
    package let path: String
    /// The error number of the call, nil for ``Code/notARegularFile``.
    package let errno: Int32?

    /// One line, `read /x/api-out.log: Input/output error`.
    ///
    /// The path is as it is: show it through `DisplayText`.
    package var description: String {
        let reason = errno.map { String(cString: strerror($0)) }
        return switch code {
        case .cannotOpen: "open \(path): \(reason ?? "unknown error")"
        case .cannotRead: "read \(path): \(reason ?? "unknown error")"
        case .notARegularFile: "read \(path): not a regular file (nothing can be read back from it)"
        }
    }
}
