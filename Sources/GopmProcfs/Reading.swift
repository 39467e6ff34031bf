package import SystemPackage

/// What was read of a process, or why it may not be.
package enum Reading<Value: Sendable>: Sendable {
    case known(Value)
    case unreadable(Errno)

    package init(_ body: () throws(Errno) -> Value) {
        do throws(Errno) {
            self = .known(try body())
        } catch {
            self = .unreadable(error)
        }
    }

    package var value: Value? {
        if case .known(let value) = self { value } else { nil }
    }

    package var errno: Errno? {
        if case .unreadable(let errno) = self { errno } else { nil }
    }

    package func map<Other>(_ body: (Value) -> Other) -> Reading<Other> {
        switch self {
        case .known(let value): .known(body(value))
        case .unreadable(let errno): .unreadable(errno)
        }
    }
}

extension Errno {
    /// Why a part of a process is not shown.
    package var reasonUnreadable: String {
        switch self {
        case .permissionDenied, .notPermitted: "not permitted (another user's process: try as that user or root)"
        case .noSuchProcess: "the process has ended"
        case .noSuchFileOrDirectory: "there is none"
        default: description
        }
    }
}
