import Glibc

/// Says what the program was given by whoever started it, one fact a line.
enum Inspection {
    static func printArguments() {
        for (index, argument) in CommandLine.arguments.enumerated() { Output.standard.line("arg \(index) \(argument)") }
    }

    static func printEnvironment(_ name: String?) {
        if let name {
            let value = getenv(name).map { String(cString: $0) }
            return Output.standard.line(value.map { "env \(name)=\($0)" } ?? "env \(name) unset")
        }
        var entry = environ
        while let text = entry.pointee {
            Output.standard.line("env \(String(cString: text))")
            entry += 1
        }
    }

    static func printWorkingDirectory() {
        guard let path = getcwd(nil, 0) else { return Output.standard.line("cwd unknown: \(describe(errno))") }
        defer { free(path) }
        Output.standard.line("cwd \(String(cString: path))")
    }

    static func printSignals() {
        let inherited = SignalHandling.inherited
        Output.standard.line("signals blocked: \(names(inherited.blocked)) ignored: \(names(inherited.ignored))")
    }

    static func printDescriptors() {
        guard let directory = opendir("/proc/self/fd") else { return Output.standard.line("fds: \(describe(errno))") }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let descriptor = Int32(name), descriptor != dirfd(directory) else { continue }
            Output.standard.line("fd \(descriptor) \(access(descriptor)) \(target(descriptor))")
        }
    }

    static func closeDescriptors() {
        closefrom(3)
        Output.standard.line("closed descriptors from 3 on")
    }

    static func printLimits() {
        for (index, name) in limitNames.enumerated() {
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(UInt32(index)), &limit) == 0 else { continue }
            Output.standard.line("limit \(name) soft=\(text(limit.rlim_cur)) hard=\(text(limit.rlim_max))")
        }
    }

    /// What the program finds behind its standard descriptors: `stdout fifo 0622 write-only size=65536 nonblock`.
    static func checkStandardFiles() {
        for (descriptor, name) in [(STDIN_FILENO, "stdin"), (STDOUT_FILENO, "stdout"), (STDERR_FILENO, "stderr")] {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else {
                Output.standard.line("\(name) \(describe(errno))")
                continue
            }
            let mode = String(status.st_mode & 0o7777, radix: 8)
            var line = "\(name) \(kind(status.st_mode)) 0\(mode) \(access(descriptor))"
            let size = fcntl(descriptor, 1_032)  // F_GETPIPE_SZ; fcntl(2)
            if size >= 0 { line += " size=\(size)" }
            if fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0 { line += " nonblock" }
            Output.standard.line(line)
        }
    }

    private static func names(_ signals: [Int32]) -> String {
        signals.isEmpty ? "none" : signals.map(SignalHandling.name).joined(separator: ",")
    }

    private static func access(_ descriptor: Int32) -> String {
        switch fcntl(descriptor, F_GETFL) & O_ACCMODE {
        case O_RDONLY: "read-only"
        case O_WRONLY: "write-only"
        default: "read-write"
        }
    }

    private static func target(_ descriptor: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlink("/proc/self/fd/\(descriptor)", &buffer, Int(PATH_MAX))
        guard length >= 0 else { return describe(errno) }
        return String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFIFO: "fifo"
        case S_IFREG: "file"
        case S_IFCHR: "device"
        case S_IFSOCK: "socket"
        default: "other"
        }
    }

    private static func text(_ limit: rlim_t) -> String { limit == rlim_t.max ? "unlimited" : "\(limit)" }

    /// By resource number, `getrlimit(2)` and asm-generic/resource.h.
    private static let limitNames = [
        "CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NPROC", "NOFILE", "MEMLOCK", "AS", "LOCKS", "SIGPENDING",
        "MSGQUEUE", "NICE", "RTPRIO", "RTTIME",
    ]
}
