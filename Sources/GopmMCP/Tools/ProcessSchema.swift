/// The process object, for clients that want to know its fields.
enum ProcessSchema {
    static let summary = Schema.object(common, isClosed: false)

    static let full = Schema.object(
        common + [
            .init("command", .string(), "absolute path"),
            .init("args", .array(of: .string()), ""),
            .init("cwd", .string(), "working directory"),
            .init("env", .map(of: .string()), "declared variables; \"\(SecretMask.text)\" stands for a secret"),
            .init("interpreter", .string(), ""),
            .init("restart_policy", .map(of: .anything), "when it is restarted, and how it is stopped"),
            .init("created_at", .string(), "RFC 3339"),
            .init("exit_code", .integer(Int.min...Int.max), "of the last end; -1 after a signal"),
            .init("exit_signal", .integer(0...Int.max), "number of the signal that ended it, or 0"),
            .init("log_out", .string(), "path of the log of standard output"),
            .init("log_err", .string(), "path of the log of standard error"),
            .init("wanted", .string(), "\"up\" or \"down\": what the user asked for"),
            .init("tree", .array(of: .map(of: .anything)), "its living processes: pid, parent, depth, command"),
        ],
        isClosed: false
    )

    private static let common: [Schema.Property] = [
        .init("id", .integer(0...Int.max), "stays the same while the process is in the list", isRequired: true),
        .init("name", .string(), "", isRequired: true),
        .init(
            "status",
            .string(),
            "online, stopped or errored; one that waits for a restart is stopped",
            isRequired: true
        ),
        .init("state", .string(), "starting, running, stopping, waiting, stopped or errored"),
        .init("status_reason", .string(), "why, in words"),
        .init("pid", .integer(0...Int.max), "0 if it does not run"),
        .init("restarts", .integer(0...Int.max), "consecutive restarts"),
        .init("uptime", .string(), "time of the last start, RFC 3339"),
        .init("memory", .integer(0...Int.max), "bytes"),
        .init("cpu", .number, "percent of one core"),
        .init("listeners", .array(of: .string()), "listening sockets"),
    ]

    /// Several processes as a result.
    static let processes = Schema.result(.init("processes", .array(of: full), "", isRequired: true))
}
