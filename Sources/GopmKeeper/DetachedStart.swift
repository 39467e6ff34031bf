import CLinux

#if canImport(Glibc)
    import Glibc
#endif

/// Starts a program in a session of its own, without descriptors but /dev/null, outside of any program's life.
struct DetachedStart {
    /// An executable's path and its arguments.
    var command: [String]
    /// Becomes descriptor 3.
    var passed: Int32 = -1
    /// So that it is no child of ours.
    var forksTwice = false
    /// Soft limit of open files.
    var openFiles: UInt64?
    var fileMask: UInt32?
    var oomScore: String?

    /// Returns when the program has been executed: its pid, 0 if it was forked twice, or nil with `errno`.
    func run() -> pid_t? {
        guard let path = command.first else {
            errno = EINVAL
            return nil
        }
        var argv = command.map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        let score = oomScore.map { strdup($0) } ?? nil
        defer { free(score) }
        let pid = path.withCString { path in
            argv.withUnsafeMutableBufferPointer { argv in
                var start = gopm_detached()
                start.path = path
                start.argv = UnsafePointer(argv.baseAddress)
                start.passed = passed
                start.forks_twice = forksTwice ? 1 : 0
                start.open_files = openFiles ?? 0
                start.file_mask = fileMask.map { Int32($0) } ?? -1
                start.oom_score = UnsafePointer(score)
                return gopm_start_detached(&start)
            }
        }
        return pid < 0 ? nil : pid
    }
}
