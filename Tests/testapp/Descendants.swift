import Glibc

/// Starts further testapps, each with `posix_spawn` of our own file: no code runs between fork and exec.
enum Descendants {
    static func startChild(_ plan: Plan) {
        report("child", spawn(family(plan) + life(plan) + ["--run-forever"]))
    }

    /// Keeps our standard output open, writes a line to it at the end.
    static func startHolder(_ plan: Plan, duration: String) {
        let acts = ["--sleep", duration, "--say", "holder done", "--exit", "0"]
        report("holder", spawn(family(plan) + life(plan) + acts))
    }

    /// First fork: a middle process in a session of its own, without environment, that says the grandchild's pid and
    /// is waited for, so that the pid is on stdout before the next act.
    static func startDetached(_ plan: Plan) {
        let inherited = plan.childIgnoresSigterm ? ["--child-ignores-sigterm"] : []
        let middle = spawn(family(plan) + inherited + ["--detach"], isolated: true)
        guard middle > 0 else { return report("detached", middle) }
        while waitpid(middle, nil, 0) < 0, errno == EINTR {}
    }

    /// Second fork, in the middle process: after its end nothing connects the grandchild to us.
    static func detach(_ plan: Plan) {
        closefrom(3)
        let arguments = family(plan) + life(plan) + ["--run-forever"]
        report("detached", spawn(arguments, isolated: true, withoutStandardFiles: true))
    }

    private static func family(_ plan: Plan) -> [String] {
        ["testapp"] + (plan.marker.map { ["--marker", $0] } ?? [])
    }

    private static func life(_ plan: Plan) -> [String] {
        plan.childIgnoresSigterm ? ["--ignore-sigterm"] : []
    }

    /// The new process's pid, or a negative error number.
    ///
    /// Signals are back to their defaults and none is blocked. `isolated`: own session, empty environment.
    private static func spawn(
        _ arguments: [String],
        isolated: Bool = false,
        withoutStandardFiles: Bool = false
    ) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let session: Int32 = isolated ? 0x80 : 0  // POSIX_SPAWN_SETSID, which spawn.h hides from Swift
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | session))

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if withoutStandardFiles {
            for descriptor in STDIN_FILENO...STDERR_FILENO {
                posix_spawn_file_actions_addclose(&actions, descriptor)
            }
        }

        var argv = arguments.map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var emptyEnvironment: [UnsafeMutablePointer<CChar>?] = [nil]
        var pid: pid_t = 0
        let error =
            isolated
            ? posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, &argv, &emptyEnvironment)
            : posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, &argv, environ)
        return error == 0 ? pid : -error
    }

    private static func report(_ kind: String, _ pid: pid_t) {
        Output.standard.line(pid > 0 ? "\(kind) \(pid)" : "\(kind) failed: \(describe(-pid))")
    }
}
