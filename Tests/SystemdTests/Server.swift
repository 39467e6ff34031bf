import GopmJSON
import GopmTestSupport

/// A machine as people have it: the programs in /opt/gopm, an ordinary user, and a systemd of its own.
struct Server {
    static let programs = "/opt/gopm"
    static let home = "/home/deploy/.gopm"
    static let unit = "/etc/systemd/system/gopm.service"
    static let testapp = "\(programs)/testapp"

    let system: SystemdContainer

    /// Boots one without gopm being installed.
    static func with(_ body: (Server) throws -> Void) throws {
        try Machine.share {
            try SystemdContainer.with(programsAt: programs) { system in
                try system.run("useradd", "--create-home", "deploy").check()
                try body(Server(system: system))
            }
        }
    }

    /// Boots one where gopm is a service for the ordinary user.
    static func installed(_ body: (Server) throws -> Void) throws {
        try with { server in
            try server.root("\(programs)/gopm", "install", "--user", "deploy").check()
            try body(server)
        }
    }

    @discardableResult
    func root(_ words: String...) throws -> CommandResult { try system.run(words) }

    /// A command of the ordinary user's.
    @discardableResult
    func deploy(_ words: String...) throws -> CommandResult { try deploy(words) }

    @discardableResult
    func deploy(_ words: [String]) throws -> CommandResult { try system.run(Server.become + words) }

    /// A command of that user's whose end does not matter yet.
    func begin(_ words: String...) throws -> RunningCommand { try system.begin(Server.become + words) }

    private static let become = ["setpriv", "--reuid=deploy", "--regid=deploy", "--init-groups", "--reset-env"]

    /// `gopm` as that user.
    @discardableResult
    func gopm(_ words: String...) throws -> CommandResult { try deploy(["\(Server.programs)/gopm"] + words) }

    @discardableResult
    func systemctl(_ words: String...) throws -> CommandResult {
        try system.run(["systemctl", "--no-pager"] + words).check()
    }

    /// Starts as many programs, `app0` and so on, from one file.
    func startPrograms(_ count: Int) throws {
        let apps = (0..<count).map { index in
            "{\"name\":\"app\(index)\",\"command\":\"\(Server.testapp)\",\"args\":[\"--run-forever\"]}"
        }
        try system.write("{\"apps\":[\(apps.joined(separator: ","))]}", to: "/home/deploy/apps.json")
        try gopm("start", "/home/deploy/apps.json").check()
    }

    // MARK: - What is to be seen

    func list() throws -> [JSONValue] { try gopm("list", "--json").check().json().arrayValue ?? [] }

    /// By name, of those that run.
    func pids() throws -> [String: Int32] {
        Dictionary(uniqueKeysWithValues: try list().filter { $0.pid > 0 }.map { ($0.text("name"), $0.pid) })
    }

    /// A property of the unit.
    func show(_ property: String) throws -> String {
        let shown = try systemctl("show", "gopm", "--value", "--property=\(property)").stdout
        return String(shown.prefix { $0 != "\n" })
    }

    /// Waits for a gopmd other than this one.
    func nextDaemon(after old: String) throws -> String {
        let next = try firstValue { () -> String? in
            let pid = try show("MainPID")
            let state = try show("SubState")
            return pid != old && pid != "0" && state == "running" ? pid : nil
        }
        guard let next else { throw TestFailure("no gopmd after \(old): \(try root("systemctl", "status", "gopm"))") }
        return next
    }

    /// Lines of the journal about the unit, with their fields; those of gopmd itself.
    func journal() throws -> [JSONValue] {
        // journald takes lines in its own time.
        try root("journalctl", "--sync").check()
        let lines = try root("journalctl", "-b", "-u", "gopm", "-t", "gopmd", "-o", "json", "--no-pager").check().lines
        return lines.compactMap { try? JSONValue.parse(Array($0.utf8)) }
    }

    func exists(_ path: String) throws -> Bool {
        try root("test", "-e", path).status == 0
    }

    func addDropIn(_ text: String) throws {
        try root("mkdir", "-p", "/run/systemd/system/gopm.service.d").check()
        try system.write(text, to: "/run/systemd/system/gopm.service.d/test.conf")
        try systemctl("daemon-reload")
    }
}
