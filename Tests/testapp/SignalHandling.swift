import Glibc

/// The signals that are caught or ignored on request; all others keep the action they came with.
enum SignalHandling {
    struct Settings: Sendable {
        var trapsSigterm = false
        var ignoresSigterm = false
        var shutdownDelay: Duration?
        var exitCode: Int32?
    }

    /// Blocked and ignored when the program began.
    static let inherited: (blocked: [Int32], ignored: [Int32]) = {
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        let signals = Int32(1)...Int32(names.count)
        return (signals.filter { sigismember(&mask, $0) == 1 }, signals.filter(isIgnored))
    }()

    /// To be called first, while there is one thread: the others inherit the mask.
    ///
    /// Caught signals are blocked and taken by a thread with `sigwait(3)`: no handler, and none of the acts is ever
    /// interrupted, a write to a full pipe neither.
    static func begin(_ plan: Plan) {
        _ = inherited
        // Swift's runtime catches these to write a backtrace; a test wants the plain signal, at once and silent.
        for number in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] where !isIgnored(number) {
            signal(number, SIG_DFL)
        }
        let settings = plan.signals
        if settings.ignoresSigterm { signal(SIGTERM, SIG_IGN) }
        let caught = caught(settings)
        guard !caught.isEmpty else { return }

        var mask = sigset_t()
        sigemptyset(&mask)
        for number in caught { sigaddset(&mask, number) }
        pthread_sigmask(SIG_BLOCK, &mask, nil)
        Background.run { [mask] in
            var mask = mask
            var number: Int32 = 0
            while sigwait(&mask, &number) == 0 { handle(number, plan) }
        }
    }

    static func name(_ number: Int32) -> String {
        "SIG" + (names.indices.contains(Int(number) - 1) ? names[Int(number) - 1] : "\(number)")
    }

    /// By number from 1, `signal(7)`.
    private static let names = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ]

    private static func caught(_ settings: Settings) -> [Int32] {
        if settings.exitCode != nil { return [SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM] }
        if settings.shutdownDelay != nil { return [SIGINT, SIGTERM] }
        return settings.trapsSigterm ? [SIGTERM] : []
    }

    private static func handle(_ number: Int32, _ plan: Plan) {
        let settings = plan.signals
        if let delay = settings.shutdownDelay {
            Output.standard.line("\(name(number)): shutting down, takes \(delay)")
            Pace.sleep(delay)
            Output.standard.line("shutdown complete")
            _exit(settings.exitCode ?? plan.exitCode ?? 0)
        } else if let code = settings.exitCode {
            Output.standard.line("\(name(number)): exit \(code)")
            _exit(code)
        } else {
            Output.standard.line("\(name(number)): going on")
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        return handler == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
