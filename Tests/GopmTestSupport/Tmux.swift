package import Glibc

/// A terminal: a tmux of the test's own with one pane, in which a shell runs.
package final class Tmux {
    private let daemon: DaemonFixture
    private let socket: String

    /// Opens a terminal of a size; `gopm` there is the one under test.
    package init(_ daemon: DaemonFixture, columns: Int, rows: Int, with variables: [String: String] = [:]) throws {
        self.daemon = daemon
        socket = "\(daemon.folder)/tmux-\(columns)x\(rows)"
        guard access("/usr/bin/tmux", X_OK) == 0 else { throw TestFailure("tmux is missing: apt-get install tmux") }
        var environment = daemon.environment.merging(variables) { $1 }
        environment["PATH"] = "\(Programs.product):\(environment["PATH"] ?? "/usr/bin:/bin")"
        environment["LC_ALL"] = "C.UTF-8"
        environment["PS1"] = "$ "
        let words = ["new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "exec bash --norc --noprofile -i"]
        try run(["-u", "-f", "/dev/null"], words, environment)
        guard eventually({ text.hasPrefix("$") }) else { throw TestFailure("no shell in tmux: \(text)") }
    }

    deinit {
        _ = try? run([], ["kill-server"], daemon.environment)
    }

    @discardableResult
    private func run(_ flags: [String], _ words: [String], _ environment: [String: String]) throws -> String {
        try RunningCommand(
            "/usr/bin/tmux",
            ["-S", socket] + flags + words,
            environment: environment,
            folder: daemon.folder
        ).finish().check().stdout
    }

    private func tmux(_ words: String...) throws -> String {
        try run([], words, daemon.environment)
    }

    /// Types text.
    package func type(_ text: String) throws {
        _ = try tmux("send-keys", "-l", "--", text)
    }

    /// Presses keys by tmux's names: `Enter`, `Up`, `C-c`.
    package func press(_ keys: String...) throws {
        for key in keys { _ = try tmux("send-keys", key) }
    }

    package func resize(columns: Int, rows: Int) throws {
        _ = try tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
    }

    /// What is on the screen.
    package var lines: [String] {
        ((try? tmux("capture-pane", "-p")) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    package var text: String { lines.joined(separator: "\n") }

    package func shows(_ words: String..., timeout: Duration = .seconds(10)) -> Bool {
        eventually(timeout: timeout) {
            let text = self.text
            return words.allSatisfy { text.contains($0) }
        }
    }

    /// Whether the shell has its terminal back: its own screen, the cursor, no mouse reports.
    package var isGivenBack: Bool {
        (try? tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}")) == "0 1 0\n"
    }

    /// The program that the shell runs now.
    package func program(_ name: String) throws -> pid_t {
        let shell = pid_t(try tmux("display-message", "-p", "#{pane_pid}").filter(\.isNumber)) ?? 0
        let child = ProcessTable.children(of: shell).first { ProcessTable.commandLine($0).contains(name) }
        guard let child else { throw TestFailure("no \(name) runs in the terminal: \(text)") }
        return child
    }
}
