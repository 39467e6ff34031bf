import Glibc

/// A real systemd in namespaces of its own, booted by `Tests/systemd-container`; needs root.
package final class SystemdContainer {
    private let state: String
    private let script: String

    /// Boots one, in which the programs under test are at a path, and other folders where they are; ends it with all that
    /// is in it afterwards.
    package static func with<Value>(
        programsAt path: String = Programs.folder,
        folders: [String] = [],
        _ body: (SystemdContainer) throws -> Value
    ) throws -> Value {
        guard geteuid() == 0 else { throw TestFailure("needs root, for namespaces with a systemd of their own") }
        guard access("/lib/systemd/systemd", X_OK) == 0 else {
            throw TestFailure("needs systemd: sudo apt-get install systemd")
        }
        let container = try SystemdContainer()
        defer { container.end() }
        try container.call("up", folders + ["\(Programs.folder):\(path)"]).check()
        return try body(container)
    }

    private init() throws {
        var template = Array("/tmp/gc-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("no temporary folder") }
        state = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        script = #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 } + "/systemd-container"
    }

    /// Runs a command inside and waits for its end.
    package func run(_ words: String...) throws -> CommandResult {
        try run(words)
    }

    package func run(_ words: [String]) throws -> CommandResult {
        try call("exec", words)
    }

    /// A command whose end does not matter yet.
    package func begin(_ words: [String]) throws -> RunningCommand {
        try RunningCommand(script, [state, "exec"] + words, environment: environment, folder: "/")
    }

    /// As a person reboots a machine; files are kept.
    package func reboot() throws {
        try call("reboot", []).check()
    }

    /// All ends at one instant, and the machine boots again; files are kept.
    package func cutPower() throws {
        try call("powercut", []).check()
    }

    package func write(_ text: String, to path: String) throws {
        try run("sh", "-c", "cat > \"$1\" <<'END-OF-FILE'\n\(text)\nEND-OF-FILE", "sh", path).check()
    }

    package func text(_ path: String) throws -> String {
        try run("cat", path).check().stdout
    }

    private let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]

    private func call(_ verb: String, _ words: [String]) throws -> CommandResult {
        try RunningCommand(script, [state, verb] + words, environment: environment, folder: "/")
            .finish(timeout: .seconds(90))
    }

    private func end() {
        let result = try? call("down", [])
        if result?.status != 0 { print("systemd container: \(result?.description ?? "does not end")") }
        TestFiles.removeAll(state)
    }
}
