import Glibc

/// How the program ends when nobody else ends it.
enum Ending: Sendable {
    case exit
    /// Like `exit`, but the code is 1 unless said otherwise.
    case crash
    case abort
    case segfault
}

extension Plan {
    func end(after delay: Duration) {
        Pace.sleep(delay)
        end()
    }

    /// Ends at once, from any thread: `_exit`, so that no other thread's state is looked at.
    func end() -> Never {
        switch ending {
        case .exit?:
            finish(exitCode ?? 0)
        case .crash?:
            finish(exitCode ?? 1)
        case .abort?:
            Output.standard.line("abort")
            Glibc.abort()
        case .segfault?:
            Output.standard.line("segfault")
            UnsafeMutablePointer<UInt8>(bitPattern: 8)?.pointee = 1
            _exit(70)
        case nil:
            _exit(exitCode ?? 0)
        }
    }

    private func finish(_ code: Int32) -> Never {
        Output.standard.line("exit \(code)")
        _exit(code)
    }
}
