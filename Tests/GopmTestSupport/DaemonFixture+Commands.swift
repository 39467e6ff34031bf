package import Glibc
package import GopmJSON

extension DaemonFixture {
    /// Runs `gopm` in this home and waits for its end.
    package func run(_ arguments: String..., timeout: Duration = .seconds(60)) throws -> CommandResult {
        try run(arguments, timeout: timeout)
    }

    package func run(_ arguments: [String], timeout: Duration = .seconds(60)) throws -> CommandResult {
        try begin(arguments).finish(timeout: timeout)
    }

    /// Runs `gopm` with some variables more, or others; in another folder.
    package func run(
        _ arguments: [String],
        with variables: [String: String],
        in folder: String? = nil
    ) throws -> CommandResult {
        let all = environment.merging(variables) { $1 }
        return try RunningCommand(
            gopm[0],
            gopm.dropFirst() + arguments,
            environment: all,
            folder: folder ?? self.folder
        ).finish()
    }

    /// Starts `gopm` and does not wait.
    package func begin(_ arguments: [String]) throws -> RunningCommand {
        try RunningCommand(gopm[0], gopm.dropFirst() + arguments, environment: environment, folder: folder)
    }

    /// Starts a daemon for which time passes faster or slower: it samples so often, and takes a snapshot for the history
    /// and looks at all ports after 30 samples.
    package func startSampling(every interval: String) throws {
        // Its outputs are those of a daemon that a command or a keeper starts.
        let gopmd = try RunningCommand(
            "/bin/sh",
            ["-c", "exec \(Programs.gopmd) --sample-interval \(interval) >/dev/null 2>&1"],
            environment: environment,
            folder: "/"
        )
        atEnd { _ = try? gopmd.finish() }
        guard eventually({ TestFiles.exists(socket) }) else { throw TestFailure("gopmd does not come up") }
        try startDaemon()
    }

    /// The running daemon's pid; `nil` if none runs.
    package var daemonPID: pid_t? {
        guard let pid = pid_t(TestFiles.text("\(home)/daemon.pid").filter(\.isNumber)), ProcessTable.isAlive(pid) else {
            return nil
        }
        return pid
    }
}

// MARK: - Programs

extension DaemonFixture {
    /// Starts testapp, which in every case bears the folder's name in its command line.
    ///
    /// - Returns: The process object.
    @discardableResult
    package func start(_ name: String, flags: [String] = [], _ arguments: String...) throws -> JSONValue {
        try startResult(name, flags: flags, arguments).check().json()
    }

    /// Starts testapp and waits until it runs its acts: only then are its signal handlers there.
    @discardableResult
    package func startReady(_ name: String, flags: [String] = [], _ arguments: String...) throws -> JSONValue {
        let process = try startResult(name, flags: flags, arguments + ["--say", "up"]).check().json()
        guard logs("up", name) else { throw TestFailure("\(name) does not come up") }
        return process
    }

    package func startResult(_ name: String, flags: [String] = [], _ arguments: [String]) throws -> CommandResult {
        try run(
            ["start", Programs.testapp, "--name", name, "--json"] + flags + ["--", "--marker", folder] + arguments
        )
    }

    package func describe(_ target: String) throws -> JSONValue {
        try run("describe", target, "--json").check().json()
    }

    package func list() throws -> [JSONValue] {
        try run("list", "--json").check().json().arrayValue ?? []
    }

    /// The field `state`: starting running stopping waiting stopped errored.
    package func state(_ target: String) throws -> String {
        try describe(target).text("state")
    }

    package func pid(_ target: String) throws -> pid_t {
        try describe(target).pid
    }

    package func number(_ field: String, of target: String) throws -> Int {
        try describe(target).number(field)
    }

    /// Waits until a process is in a state.
    package func reaches(_ state: String, _ target: String, timeout: Duration = .seconds(10)) throws -> Bool {
        try eventually(timeout: timeout) { try self.state(target) == state }
    }

    /// Puts a file into the test's folder.
    ///
    /// - Returns: Its path.
    @discardableResult
    package func write(_ text: String, to name: String, mode: mode_t = 0o644) throws -> String {
        let path = "\(folder)/\(name)"
        try TestFiles.write(text, to: path, mode: mode)
        return path
    }

    /// Kills the daemon as a crash does, without a chance to tidy up, and waits until its descriptors are closed.
    ///
    /// The next daemon is not waited for: until it listens, only commands are answered, for they start it or wait.
    package func crashDaemon() {
        guard let pid = daemonPID else { return }
        Kernel.killAndWait(pid)
    }
}

// MARK: - Logs

extension DaemonFixture {
    /// The lines of a program's log without their stamps; a line without a good one keeps what it has.
    package func log(_ name: String, _ stream: String = "out") -> [String] {
        LogText.lines(of: "\(home)/logs/\(name)-\(stream).log").map { LogText.split($0)?.text ?? $0 }
    }

    /// The `[gopm]` lines of a program.
    package func actions(_ name: String) -> [String] {
        log(name, "err").filter { $0.hasPrefix("[gopm] ") }.map { String($0.dropFirst(7)) }
    }

    /// The lines of the daemon's log that hold all of some words.
    package func daemonLog(_ words: String...) -> [String] {
        LogText.lines(of: "\(home)/daemon.log").filter { line in words.allSatisfy { line.contains($0) } }
    }

    package func logs(_ line: String, _ name: String, _ stream: String = "out") -> Bool {
        eventually { log(name, stream).contains(line) }
    }
}
