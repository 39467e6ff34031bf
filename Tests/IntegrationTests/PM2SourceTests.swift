import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// Where `gopm pm2` has its list from, and what it does when PM2 is not as it should be.
@Suite(.daemonLog)
struct PM2SourceTests {
    private let fixtures =
        #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 } + "/Fixtures/pm2"

    private func killGod(_ pm2: PM2Fixture) throws {
        let pid = try #require(pid_t(TestFiles.text("\(pm2.home)/pm2.pid")))
        kill(pid, SIGKILL)
        #expect(eventually { !ProcessTable.isAlive(pid) })
    }

    /// `pm2 jlist` would start one.
    @Test func aDeadPM2IsReadFromItsDumpAndNotStarted() throws {
        try PM2Fixture.with { pm2 in
            let program = try pm2.listed()[0].pid
            try killGod(pm2)
            unlink("\(pm2.home)/rpc.sock")
            // It left its process behind: that one is nobody's, but a second copy must not come.
            let refused = try pm2.migrate()
            #expect(refused.status == 1 && refused.stdout.contains("left it running as PID \(program)"), "\(refused)")
            kill(program, SIGKILL)
            #expect(eventually { !ProcessTable.isAlive(program) })
            let result = try pm2.migrate().check()
            #expect(result.lines[0] == "Found 1 PM2 process(es) in \(pm2.home)/dump.pm2")
            #expect(!TestFiles.exists("\(pm2.home)/rpc.sock"))
            try pm2.expectOne(in: "gopm")
            try pm2.migrate("--rollback").check()
            #expect(try pm2.dumped == ["web"] && pm2.daemon.list().isEmpty)
            #expect(!TestFiles.exists("\(pm2.home)/rpc.sock"))
        }
    }

    /// A `pm2` command would start a second daemon beside it.
    @Test func aDaemonWithoutASocketIsNotDoubled() throws {
        try PM2Fixture.with { pm2 in
            rename("\(pm2.home)/rpc.sock", "\(pm2.home)/away")
            let result = try pm2.migrate()
            #expect(result.status == 1 && result.stderr.contains("lives, but does not answer"), "\(result)")
            #expect(!TestFiles.exists("\(pm2.home)/rpc.sock"))
            rename("\(pm2.home)/away", "\(pm2.home)/rpc.sock")
            try pm2.expectOne(in: "pm2")
        }
    }

    /// The number in its pid file is another process's by now.
    @Test func aStrangersPIDIsNoDaemon() throws {
        try PM2Fixture.with { pm2 in
            try pm2.pm2("kill").check()
            try TestFiles.write("\(getpid())", to: "\(pm2.home)/pm2.pid", mode: 0o644)
            try pm2.migrate().check()
            try pm2.expectOne(in: "gopm")
        }
    }

    @Test func withoutPM2OnPathItCanOnlyBeLookedAt() throws {
        try PM2Fixture.with { pm2 in
            let path = ["PATH": "/usr/bin:/bin"]
            let result = try pm2.migrate(with: path)
            #expect(result.status == 1 && result.stderr.contains("pm2 is not on PATH"), "\(result)")
            #expect(try pm2.migrate("--dry", "--json", with: path).check().json()[0]?.text("name") == "web")
            try pm2.expectOne(in: "pm2")
        }
    }

    @Test func anotherHome() throws {
        try PM2Fixture.with { pm2 in
            let elsewhere = ["PM2_HOME": "\(pm2.daemon.folder)/empty"]
            let result = try pm2.migrate(with: elsewhere)
            #expect(result.status == 1 && result.stderr.contains("--pm2-home "), "\(result)")
            try pm2.migrate("--pm2-home", pm2.home, with: elsewhere).check()
            try pm2.expectOne(in: "gopm")
        }
    }

    @Test func fromInsideOfPM2() throws {
        try PM2Fixture.with { pm2 in
            let id = try #require(try pm2.listed()[0]["pm2_env"]?["env"]?.text("unique_id"))
            let result = try pm2.migrate(with: ["unique_id": id])
            #expect(result.status == 1 && result.stdout.contains("runs inside of it"), "\(result)")
            try pm2.expectOne(in: "pm2")
        }
    }

    @Test func ctrlCWaitsForTheEndOfAMove() throws {
        let two = PM2Fixture.web.dropLast() + ", {\"name\": \"b\", \"pm_exec_path\": \"/bin/cat\", \"pm_cwd\": \"/\"}]"
        try PM2Fixture.with(apps: String(two)) { pm2 in
            pm2.daemon.environment["PM2_STAND_IN_DELAY"] = "stop:0.5"
            let command = try pm2.daemon.begin(["pm2"])
            #expect(try eventually { try pm2.statusInPM2("web") == "stopped" })
            command.signal(SIGINT)
            #expect(try command.finish().status == -SIGINT)
            try pm2.expectOneOfSeveral(in: "gopm")
            #expect(try pm2.listed().map { $0.text("name") } == ["b"])
        }
    }

    // MARK: - Files

    @Test func ecosystemFilesInJavaScript() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            daemon.environment["PM2_HOME"] = "\(daemon.folder)/none"
            let file = "\(fixtures)/ecosystem.config.js"
            let result = try daemon.run("pm2", "--from", file, "--dry", "--json")
            let list = try result.json()
            let api = try #require(list[0]?["request"])
            #expect(api["args"]?.arrayValue?.suffix(5) == ["--port", "3000", "--title", "two words", "and more"])
            #expect(api.text("min_uptime") == "10s" && api.text("log_out") == "\(fixtures)/logs/api.log")
            #expect(api["env"]?.text("DEBUG") == "true" && api["env"]?.text("PORT") == "3000")
            #expect(list[1]?["request"]?["no_restart_on_exit"] == [0, 2] && list[1]?.text("name") == "worker")
            #expect(list[2]?["request"]?.text("command").hasSuffix("/sleep") == true)
            let text = try daemon.run("pm2", "--from", file, "--dry", "tick").stdout
            #expect(text.contains("deploy: gopm has no such section") && text.contains("! watch=[\"src\"]: "))
            #expect(!TestFiles.exists(daemon.socket))
            let moved = try daemon.run("pm2", "--from", file, "tick").check()
            #expect(moved.lines.contains("Summary: imported 1/1 processes"))
            #expect(!moved.stdout.contains("in PM2...") && !moved.stdout.contains("from PM2..."), "\(moved)")
            #expect(try daemon.state("tick") == "running")
            try daemon.run("pm2", "--rollback").check()
            #expect(try daemon.list().isEmpty)
        }
    }

    @Test func filesThatCannotBeRead() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            daemon.environment["PATH"] = "/usr/bin:/bin"
            daemon.environment["PM2_HOME"] = "\(daemon.folder)/none"
            try daemon.write("module.exports = { apps: [", to: "bad.config.js")
            try daemon.write("apps:\n  - script: a\n", to: "a.yaml")
            try daemon.write(#"{"apps": [{"script": 7}]}"#, to: "a.json")
            try daemon.write(#"{"apps": ["#, to: "cut.json")
            for (file, reason) in [
                ("bad.config.js", "node cannot read it: SyntaxError"),
                ("a.yaml", "is read with PM2's js-yaml, and pm2 is not on PATH"),
                ("a.json", "apps[0].script: missing"), ("cut.json", "cut.json: "), ("none.json", "no such file"),
            ] {
                let result = try daemon.run("pm2", "--from", file)
                #expect(result.status == 1 && result.stderr.contains(reason), "\(result)")
                #expect(result.stderr.split(separator: "\n").count == 1, "\(result)")
            }
            let nodeless = try daemon.run(["pm2", "--from", "bad.config.js"], with: ["PATH": "/nowhere"])
            #expect(nodeless.stderr.contains("node is not on PATH; write it as JSON"), "\(nodeless)")
            #expect(!TestFiles.exists(daemon.socket))
        }
    }

    /// PM2 that has js-yaml beside it, as npm installs it.
    @Test func yamlThroughPM2() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            for folder in ["pm2", "pm2/bin", "pm2/node_modules", "pm2/node_modules/js-yaml", "bin"] {
                mkdir("\(daemon.folder)/\(folder)", 0o755)
            }
            try daemon.write("", to: "pm2/bin/pm2", mode: 0o755)
            let module = "exports.load = text => ({ apps: [{ script: '/bin/cat', name: text.trim() }] });\n"
            try daemon.write(module, to: "pm2/node_modules/js-yaml/index.js")
            symlink("../pm2/bin/pm2", "\(daemon.folder)/bin/pm2")
            daemon.environment["PATH"] = "\(daemon.folder)/bin:/usr/bin:/bin"
            daemon.environment["PM2_HOME"] = "\(daemon.folder)/none"
            try daemon.write("kitten\n", to: "a.yml")
            let list = try daemon.run("pm2", "--from", "a.yml", "--dry", "--json").check().json()
            #expect(list[0]?.text("name") == "kitten")
        }
    }

    /// PM2 runs it already: a file is no reason for a second copy.
    @Test func aFileOfWhatPM2Runs() throws {
        try PM2Fixture.with { pm2 in
            try pm2.daemon.write(#"{"apps": [{"name": "web", "script": "single.py"}]}"#, to: "eco.json")
            for file in ["eco.json", "\(pm2.home)/dump.pm2"] {
                let result = try pm2.migrate("--from", file)
                #expect(result.status == 1 && result.stdout.contains("to move that one: gopm pm2 web"), "\(result)")
            }
            try pm2.expectOne(in: "pm2")
        }
    }
}
