import GopmJSON
import GopmTestSupport
import Testing

/// `gopm start ecosystem.json`.
@Suite(.daemonLog)
struct EcosystemTests {
    private static func app(_ name: String, _ fields: String = "", arguments: String = #"["--run-forever"]"#) -> String
    {
        #"{"name": "\#(name)", "command": "\#(Programs.testapp)", "args": \#(arguments)\#(fields.isEmpty ? "" : ", " + fields)}"#
    }

    private static func file(_ apps: String...) -> String {
        #"{"apps": [\#(apps.joined(separator: ", "))]}"#
    }

    @Test func everyAppOfAGoodFileStarts() throws {
        try DaemonFixture.with { daemon in
            let fields =
                #""env": {"A": "1", "PORT": 8080, "ON": true}, "autorestart": "on-failure", "max_restarts": 5, "min_uptime": "1s", "kill_signal": "SIGINT""#
            try daemon.write(
                Self.file(Self.app("api", fields), Self.app("worker", #""log_out": "w.log", "max_log_size": "5M""#)),
                to: "eco.json"
            )
            let result = try daemon.run("start", "eco.json").check()
            #expect(result.lines.count == 3 && result.lines[2] == "Started 2/2 processes", "\(result)")
            for (line, name) in zip(result.lines, ["api", "worker"]) {
                #expect(line == "OK \(name) (PID: \(try daemon.pid(name)))")
            }
            let api = try daemon.describe("api")
            #expect(api["env"] == ["A": "1", "ON": "true", "PORT": "8080"] || api["env"]?.keys.count == 3)
            #expect(
                api["restart_policy"]?.text("autorestart") == "on-failure"
                    && api["restart_policy"]?.number("kill_signal") == 2
            )
            #expect(api.text("cwd") == daemon.folder)
            let worker = try daemon.describe("worker")
            #expect(worker.text("log_out") == "\(daemon.folder)/w.log" && worker.number("max_log_size") == 5 << 20)
        }
    }

    /// The answers are more than the daemon keeps for a client that does not fetch them.
    @Test func aFileWhoseAnswersFillTheSocketStarts() throws {
        try DaemonFixture.with { daemon in
            let large = String(repeating: "x", count: 60_000)
            let apps = (0..<50).map { Self.app("app\($0)", #""env": {"LARGE": "\#(large)"}"#) }
            try daemon.write(#"{"apps": [\#(apps.joined(separator: ", "))]}"#, to: "eco.json")
            #expect(try daemon.run("start", "eco.json").check().lines.last == "Started 50/50 processes")
        }
    }

    static let faults: [(json: String, path: String)] = [
        (file(app("a", #""autorestart": "maybe""#)), "apps[0].autorestart"),
        (file(app("a"), app("b", #""min_uptime": "soon""#)), "apps[1].min_uptime"),
        (file(app("a", #""restart_delay": 5"#)), "apps[0].restart_delay"),
        (file(app("a", #""restart_delay": "-5s""#)), "apps[0].restart_delay"),
        (file(app("a", #""max_delay": "1 day""#)), "apps[0].max_delay"),
        (file(app("a", #""kill_timeout": true"#)), "apps[0].kill_timeout"),
        (file(app("a", #""max_restarts": -1"#)), "apps[0].max_restarts"),
        (file(app("a", #""max_restarts": "3""#)), "apps[0].max_restarts"),
        (file(app("a", #""exp_backoff": "yes""#)), "apps[0].exp_backoff"),
        (file(app("a", #""max_log_size": "lots""#)), "apps[0].max_log_size"),
        (file(app("a", #""kill_signal": "SIGNOPE""#)), "apps[0].kill_signal"),
        (file(app("a", #""restart_on_exit": [75, 256]"#)), "apps[0].restart_on_exit[1]"),
        (file(app("a", #""no_restart_on_exit": "2""#)), "apps[0].no_restart_on_exit"),
        (file(app("a", #""env": {"A": [1]}"#)), "apps[0].env.A"),
        (file(app("a", #""env": ["A=1"]"#)), "apps[0].env"),
        (file(app("a", #""interpreter": 3"#)), "apps[0].interpreter"),
        (file(app("a", #""cwd": {}"#)), "apps[0].cwd"),
        (file(app("a", #""instances": 4"#)), "apps[0].instances"),
        (file(app("a", arguments: #"["x", 1]"#)), "apps[0].args[1]"),
        (file(app("a", arguments: #""x""#)), "apps[0].args"),
        (file(app("../../escape")), "apps[0].name"),
        (file(app("42")), "apps[0].name"),
        (file(app("a"), app("b"), app("a")), "apps[2].name"),
        (file(#"{"command": "/bin/true"}"#), "apps[0].name"),
        (file(#"{"name": "a"}"#), "apps[0].command"),
        (file(#"{"name": "a", "command": ""}"#), "apps[0].command"),
        (file("7"), "apps[0]"),
        (#"{"apps": {}}"#, "apps"),
        (#"{"app": []}"#, "app"),
        (#"{"apps": [], "extra": 1}"#, "extra"),
    ]

    @Test(arguments: faults.indices)
    func aBadValueStartsNothingAndIsNamedByItsPath(_ index: Int) throws {
        let (json, path) = Self.faults[index]
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try daemon.write(json, to: "eco.json")
            let result = try daemon.run("start", "eco.json")
            #expect(result.status == 1, "\(result)")
            #expect(result.stderr.contains("eco.json: \(path): "), "\(result)")
            #expect(daemon.programs.isEmpty)
        }
    }

    @Test func allFaultsAreListedAtOnce() throws {
        try DaemonFixture.with { daemon in
            let text = Self.file(
                Self.app("a", #""min_uptime": 1, "oops": 2"#),
                Self.app("a", #""autorestart": 3"#),
                Self.app("ok"),
                #"{"name": "b"}"#
            )
            try daemon.write(text, to: "eco.json")
            let result = try daemon.run("start", "eco.json")
            for path in [
                "apps[0].min_uptime", "apps[0].oops", "apps[1].name", "apps[1].autorestart", "apps[3].command",
            ] {
                #expect(result.stderr.contains("\(path): "), "\(path)")
            }
            #expect(result.stderr.split(separator: "\n").count == 5, "\(result)")
            #expect(try daemon.list().isEmpty)
            let json = try daemon.run("start", "eco.json", "--json")
            #expect(json.status == 1)
            #expect(try json.json().text("error").contains("apps[1].name"))
        }
    }

    @Test(arguments: ["", "{", "[1,", "{\"apps\": [}", "nonsense", "{\"apps\": []} trailing"])
    func textThatIsNoJSONSaysWhere(_ text: String) throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try daemon.write(text, to: "eco.json")
            let result = try daemon.run("start", "eco.json")
            #expect(result.status == 1 && result.stderr.contains("eco.json: "), "\(result)")
            #expect(result.stderr.split(separator: "\n").count == 1)
        }
    }

    @Test func aMissingFileIsOneLine() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let result = try daemon.run("start", "nowhere.json")
            #expect(result.status == 1 && result.stderr.contains("nowhere.json"), "\(result)")
        }
    }

    @Test func aMissingProgramOrFolderFailsAlone() throws {
        try DaemonFixture.with { daemon in
            let text = Self.file(
                Self.app("good"),
                #"{"name": "ghost", "command": "./no-such-program"}"#,
                Self.app("lost", #""cwd": "/no/such/folder""#),
                Self.app("fine")
            )
            try daemon.write(text, to: "eco.json")
            let result = try daemon.run("start", "eco.json")
            #expect(result.status == 1)
            #expect(
                result.lines.contains { $0.hasPrefix("FAIL ghost (") && $0.contains("no-such-program") },
                "\(result)"
            )
            #expect(
                result.lines.contains { $0.hasPrefix("FAIL lost (") && $0.contains("/no/such/folder") },
                "\(result)"
            )
            #expect(result.lines.last == "Started 2/4 processes (2 failed)")
            #expect(try daemon.list().map { $0.text("name") } == ["good", "fine"])
        }
    }

    @Test func jsonIsOneArrayWithFailuresAsNameAndError() throws {
        try DaemonFixture.with { daemon in
            try daemon.write(Self.file(Self.app("good"), #"{"name": "ghost", "command": "./no"}"#), to: "eco.json")
            let result = try daemon.run("start", "eco.json", "--json")
            #expect(result.status == 1)
            let array = try #require(try result.json().arrayValue)
            #expect(array.count == 2 && array[0].text("status") == "online" && array[0].text("name") == "good")
            #expect(array[1].keys == ["name", "error"] && array[1].text("name") == "ghost")
            let again = try daemon.write(Self.file(Self.app("good")), to: "good.json")
            #expect(try daemon.run("start", again, "--json").check().json().arrayValue?.count == 1)
        }
    }

    @Test func theSameSpecAgainIsNoError() throws {
        try DaemonFixture.with { daemon in
            try daemon.write(Self.file(Self.app("a"), Self.app("b")), to: "eco.json")
            try daemon.run("start", "eco.json").check()
            let pids = try daemon.list().map(\.pid)
            let again = try daemon.run("start", "eco.json").check()
            #expect(again.lines.count { $0.contains("(already running, PID: ") } == 2, "\(again)")
            #expect(try daemon.list().map(\.pid) == pids)
            try daemon.run("stop", "a").check()
            let third = try daemon.run("start", "eco.json").check()
            #expect(third.lines[0].hasPrefix("OK a") && third.lines[1].contains("already running"))
            #expect(try daemon.list().allSatisfy { $0.text("status") == "online" })
        }
    }

    @Test func aChangedSpecUnderAKnownNameFailsAlone() throws {
        try DaemonFixture.with { daemon in
            try daemon.write(Self.file(Self.app("a")), to: "eco.json")
            try daemon.run("start", "eco.json").check()
            let pid = try daemon.pid("a")
            try daemon.write(Self.file(Self.app("a", #""env": {"NEW": "1"}"#), Self.app("b")), to: "eco.json")
            let result = try daemon.run("start", "eco.json")
            #expect(result.status == 1 && result.lines[0].hasPrefix("FAIL a ("), "\(result)")
            #expect(result.lines[1].hasPrefix("OK b"))
            #expect(try daemon.pid("a") == pid)
        }
    }

    @Test func relativeCommandsAreOfTheAppsFolderElseOfTheFiles() throws {
        try DaemonFixture.with { daemon in
            try daemon.write("#!/bin/sh\npwd\nexec sleep 1000\n", to: "here.sh", mode: 0o755)
            try TestFiles.write("#!/bin/sh\npwd\nexec sleep 1000\n", to: "\(daemon.home)/there.sh", mode: 0o755)
            try daemon.write(
                #"{"apps": [{"name": "a", "command": "./here.sh"}, {"name": "b", "command": "./there.sh", "cwd": "h"}]}"#,
                to: "eco.json"
            )
            try daemon.run(["start", "\(daemon.folder)/eco.json"], with: [:], in: "/").check()
            #expect(daemon.logs(daemon.folder, "a") && daemon.logs(daemon.home, "b"))
        }
    }

    @Test func flagsDoNotGoWithAFile() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try daemon.write(Self.file(Self.app("a")), to: "eco.json")
            let result = try daemon.run("start", "eco.json", "--name", "x")
            #expect(result.status == 64 && result.stderr.contains("--name"), "\(result)")
        }
    }
}
