import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// A PM2 of its own beside a test's gopm: the stand-in of `Tests/pm2`, with real processes of which there may be only one.
struct PM2Fixture {
    let daemon: DaemonFixture
    let port: UInt16

    /// Runs a test with PM2 running these apps; `PORT` in them is a free one, `FOLDER` the test's own.
    static func with(apps: String = PM2Fixture.web, _ body: (PM2Fixture) throws -> Void) throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let fixture = PM2Fixture(daemon: daemon, port: LocalPort.free())
            mkdir("\(daemon.folder)/bin", 0o755)
            symlink("\(sources)/pm2", "\(daemon.folder)/bin/pm2")
            symlink("\(sources)/single.py", "\(daemon.folder)/single.py")
            daemon.environment["PATH"] = "\(daemon.folder)/bin:/usr/local/bin:/usr/bin:/bin"
            daemon.environment["PM2_HOME"] = fixture.home
            var text = apps
            for (mark, value) in [("PORT", "\(fixture.port)"), ("FOLDER", daemon.folder)] {
                text = text.split(separator: mark, omittingEmptySubsequences: false).joined(separator: value)
            }
            try fixture.pm2("seed", try daemon.write(text, to: "apps.json")).check()
            try fixture.pm2("save").check()
            try body(fixture)
            try fixture.pm2("kill").check()
        }
    }

    /// One program that holds a port.
    static let web = """
        [{"name": "web", "pm_exec_path": "FOLDER/single.py", "exec_interpreter": "/usr/bin/python3", "pm_cwd": "FOLDER",
          "args": ["PORT", "FOLDER/web"], "env": {"GREETING": "hello"}, "min_uptime": 200, "kill_timeout": 3000}]
        """

    /// One that fails in gopm as long as there is a file of that name.
    static let failing = web.replacingLast("\"FOLDER/web\"", with: "\"FOLDER/web\", \"fail\"")

    private static let sources =
        #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 } + "/pm2"

    var home: String { "\(daemon.folder)/pm2" }

    func pm2(_ words: String...) throws -> CommandResult {
        try RunningCommand(
            "\(daemon.folder)/bin/pm2",
            words,
            environment: daemon.environment,
            folder: daemon.folder
        ).finish()
    }

    /// `gopm pm2` with some variables more.
    func migrate(_ words: String..., with variables: [String: String] = [:]) throws -> CommandResult {
        try daemon.run(["pm2"] + words, with: variables)
    }

    // MARK: - Where a program is

    /// What PM2 lists; nothing if its daemon does not run, and none is started to ask.
    func listed() throws -> [JSONValue] {
        guard TestFiles.exists("\(home)/rpc.sock") else { return [] }
        return try pm2("jlist").check().json().arrayValue ?? []
    }

    func statusInPM2(_ name: String) throws -> String? {
        try listed().first { $0.text("name") == name }?["pm2_env"]?.text("status")
    }

    /// `nil` if gopm has none of this name.
    func stateInGopm(_ name: String) throws -> String? {
        try daemon.list().first { $0.text("name") == name }?.text("state")
    }

    /// What the program wrote: a line for each start, with the manager that it found itself in.
    func starts(_ name: String = "web") -> [String] {
        TestFiles.text("\(daemon.folder)/\(name).log").split(separator: "\n").map(String.init)
    }

    var dumped: [String] {
        get throws {
            let text = Array(TestFiles.text("\(home)/dump.pm2").utf8)
            return try JSONValue.parse(text).arrayValue?.map { $0.text("name") } ?? []
        }
    }

    /// It never lived twice, and now it lives in one place, and answers there; of others PM2's dump has nothing.
    func expectOne(in manager: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try expectOneOfSeveral(in: manager, sourceLocation: sourceLocation)
        #expect(try dumped == (manager == "pm2" ? ["web"] : []), sourceLocation: sourceLocation)
    }

    func expectOneOfSeveral(in manager: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let isThere = try eventually {
            let managers = [
                try statusInPM2("web") == "online" ? "pm2" : nil, try stateInGopm("web") == "running" ? "gopm" : nil,
            ].compactMap { $0 }
            return managers == [manager] && starts().last?.contains(" \(manager) ") == true
        }
        let found = "pm2: \(try statusInPM2("web") ?? "-"), gopm: \(try stateInGopm("web") ?? "-"), \(starts())"
        #expect(isThere, "\(found)", sourceLocation: sourceLocation)
        #expect(eventually { LocalPort.ask(port, "") != nil }, sourceLocation: sourceLocation)
        expectNeverTwo(sourceLocation: sourceLocation)
    }

    func expectNeverTwo(sourceLocation: SourceLocation = #_sourceLocation) {
        let second = TestFiles.text("\(daemon.folder)/web.second")
        #expect(second.isEmpty, "a second copy: \(second)", sourceLocation: sourceLocation)
    }
}

extension String {
    fileprivate func replacingLast(_ part: String, with other: String) -> String {
        var pieces = split(separator: part, omittingEmptySubsequences: false).map(String.init)
        guard pieces.count > 1, let last = pieces.popLast(), let before = pieces.popLast() else { return self }
        return (pieces + [before + other + last]).joined(separator: part)
    }
}
