package import Glibc
import GopmJSON
package import Testing

/// A home of its own for one test, with the daemon that serves it and whatever programs the test starts.
///
/// When the test is over, passed, failed or thrown out of, all of it goes in the opposite order, and what should be gone
/// and is not is a failure of the test. `GOPM_TEST_KEEP=1` keeps the folder.
package final class DaemonFixture: @unchecked Sendable {
    // Used by one test's thread; it is Sendable for the task-local value only.

    /// The fixture of the test that runs in this task.
    @TaskLocal package static var current: DaemonFixture?

    /// All files of the test; programs that are started from here are known by it.
    package let folder: String
    package let home: String
    /// Of every command; a daemon that one of them starts inherits it.
    package var environment: [String: String]
    /// How this test runs `gopm`: the program, and words before its arguments.
    package internal(set) var gopm = [Programs.gopm]
    /// The descriptors of a daemon that has nothing to do; `nil` until one runs.
    private var idleDescriptors: [String: Int]?
    private var cleanups: [() -> Void] = []

    package var socket: String { "\(home)/gopm.sock" }
    package var dump: String { "\(home)/dump.json" }

    /// Runs a test's body with a fixture of its own.
    ///
    /// `startsDaemon` says whether a daemon runs when the body begins; `config` is the text of `gopm.config.json`.
    package static func with<Value>(
        startsDaemon: Bool = true,
        config: String? = nil,
        _ body: (DaemonFixture) throws -> Value
    ) throws -> Value {
        try Machine.share { try run(startsDaemon: startsDaemon, config: config, body) }
    }

    /// The same, with no other test beside it.
    package static func withAlone<Value>(
        startsDaemon: Bool = true,
        config: String? = nil,
        _ body: (DaemonFixture) throws -> Value
    ) throws -> Value {
        try Machine.alone { try run(startsDaemon: startsDaemon, config: config, body) }
    }

    private static func run<Value>(startsDaemon: Bool, config: String?, _ body: (DaemonFixture) throws -> Value) throws
        -> Value
    {
        let fixture = try DaemonFixture()
        return try $current.withValue(fixture) {
            defer { fixture.end() }
            if let config { try TestFiles.write(config, to: fixture.makeHome() + "/gopm.config.json") }
            if startsDaemon { try fixture.startDaemon() }
            let value = try body(fixture)
            fixture.checkNothingIsLeft()
            return value
        }
    }

    private init() throws {
        var template = Array("/tmp/gi-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("no temporary folder") }
        folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        home = folder + "/h"
        environment = [
            "HOME": folder, "GOPM_HOME": home, "USER": "tester", "LOGNAME": "tester", "SHELL": "/bin/sh",
            "LANG": "C.UTF-8",
            "PATH": getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin", "GOPM_TEST_SECRET": "must not leak",
        ]
        // Where the daemon of `make test-race` says what it found: its standard error leads nowhere.
        environment["TSAN_OPTIONS"] = getenv("TSAN_OPTIONS").map { String(cString: $0) }
    }

    /// Done last of all, after everything that is put here later.
    package func atEnd(_ cleanup: @escaping () -> Void) {
        cleanups.append(cleanup)
    }

    private func makeHome() -> String {
        mkdir(home, 0o700)
        return home
    }

    /// Starts the daemon with the cheapest command and notes what it has open when idle.
    package func startDaemon() throws {
        try run("ping").check()
        noteIdleDescriptors()
    }

    private func noteIdleDescriptors() {
        guard idleDescriptors == nil, let pid = daemonPID else { return }
        // The connection of the first command is closed a moment after the command has ended: two looks must agree.
        var last: [String: Int] = [:]
        idleDescriptors = firstValue {
            let kinds = ProcessTable.descriptors(of: pid)
            defer { last = kinds }
            return kinds == last && kinds["daemon.log"] == 1 ? kinds : nil
        }
    }

    private func end() {
        if daemonPID != nil { _ = try? run("kill", timeout: .seconds(30)) }
        for pid in processes { kill(pid, SIGKILL) }
        for cleanup in cleanups.reversed() { cleanup() }
        if getenv("GOPM_TEST_KEEP") != nil { return print("kept: \(folder)") }
        TestFiles.removeAll(folder)
    }
}

// MARK: - What is left

extension DaemonFixture {
    /// Every living process that belongs to this test: works in its folder, or names it in command line or environment.
    package var processes: [pid_t] {
        ProcessTable.pids.filter { pid in
            pid != getpid() && ProcessTable.isAlive(pid)
                && (isInside(TestFiles.target(of: "/proc/\(pid)/cwd") ?? "")
                    || ProcessTable.commandLine(pid).contains(folder)
                    || ProcessTable.environment(pid).contains(folder))
        }
    }

    /// The living programs: ``processes`` without those of gopm.
    package var programs: [pid_t] {
        processes.filter { pid in
            let own = TestFiles.target(of: "/proc/\(pid)/exe") ?? ""
            return ![Programs.gopm, Programs.gopmd, "\(folder)/bin/gopm", "\(folder)/bin/gopmd"].contains(own)
        }
    }

    /// The living gopmd processes of this home that supervise; not those that only keep descriptors.
    package var daemons: [pid_t] {
        processes.filter { pid in
            TestFiles.target(of: "/proc/\(pid)/exe") == Programs.gopmd
                && !ProcessTable.commandLine(pid).contains("--keeper")
        }
    }

    private func isInside(_ path: String) -> Bool { path == folder || path.hasPrefix(folder + "/") }

    /// After `delete all` the daemon has nothing more open than at its start; after `kill` nothing is alive.
    private func checkNothingIsLeft() {
        if let pid = daemonPID {
            let deletion = try? run("delete", "all")
            #expect(deletion?.status == 0, "delete all: \(deletion?.description ?? "no end")")
            if let idleDescriptors {
                var now: [String: Int] = [:]
                let isIdle = eventually {
                    now = ProcessTable.descriptors(of: pid)
                    return now.allSatisfy { $0.value <= idleDescriptors[$0.key] ?? 0 }
                }
                #expect(isIdle, "gopmd's descriptors, at its start: \(idleDescriptors), in the end: \(now)")
            }
            let killing = try? run("kill")
            #expect(killing?.status == 0, "kill: \(killing?.description ?? "no end")")
            #expect(!TestFiles.exists(socket))
        }
        // gopmd closes the connection of `kill` as its very last act, and needs a moment to be gone.
        let isClear = eventually(timeout: .seconds(3)) { processes.isEmpty }
        #expect(isClear, "left alive: \(processes.map { "\($0) \(ProcessTable.commandLine($0))" })")
    }
}

extension Trait where Self == IssueHandlingTrait {
    /// Puts the end of the daemon's log beside every failure.
    package static var daemonLog: Self {
        .compactMapIssues { issue in
            guard let fixture = DaemonFixture.current else { return issue }
            var issue = issue
            let lines = TestFiles.text("\(fixture.home)/daemon.log").split(separator: "\n").suffix(25)
            issue.comments.append("daemon.log of \(fixture.folder) ends with:\n\(lines.joined(separator: "\n"))")
            return issue
        }
    }
}
