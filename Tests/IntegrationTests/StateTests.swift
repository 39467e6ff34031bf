import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// dump.json, and what comes back after `gopm kill`.
@Suite(.daemonLog)
struct StateTests {
    @Test func killAndResurrectBringBackWhatWasWanted() throws {
        try DaemonFixture.with { daemon in
            let quick = ["--restart-delay", "10ms", "--min-uptime", "1h", "--max-restarts", "1"]
            try daemon.start("up", flags: ["--env", "A=1"], "--run-forever")
            try daemon.start("stopped", "--run-forever")
            try daemon.run("stop", "stopped").check()
            try daemon.start("errored", flags: quick, "--exit", "1")
            try daemon.start("finished", flags: ["--autorestart", "never"], "--exit", "0")
            try daemon.start("waiting", flags: ["--restart-delay", "1h"], "--exit", "1")
            #expect(
                try daemon.reaches("errored", "errored") && daemon.reaches("stopped", "finished")
                    && daemon.reaches("waiting", "waiting")
            )
            let before = try daemon.list()
            try daemon.run("kill").check()
            #expect(daemon.programs.isEmpty)
            try daemon.run("resurrect").check()
            let after = try daemon.list()
            for field in [
                "id", "name", "command", "args", "cwd", "env", "restart_policy", "log_out", "log_err", "created_at",
            ] {
                #expect(before.map { $0[field] } == after.map { $0[field] }, "\(field)")
            }
            #expect(try daemon.state("up") == "running" && daemon.state("stopped") == "stopped")
            #expect(try daemon.state("finished") == "stopped" && daemon.number("instance", of: "finished") == 0)
            #expect(try eventually { try daemon.number("instance", of: "errored") >= 1 })
            #expect(try eventually { try daemon.number("instance", of: "waiting") >= 1 })
            #expect(try daemon.pid("up") != before[0].pid)
        }
    }

    @Test func theDumpFollowsEveryChange() throws {
        try DaemonFixture.with { daemon in
            func dumped() throws -> [String] {
                let entries = (try? JSONValue.parse(TestFiles.read(daemon.dump) ?? []))?.arrayValue ?? []
                return entries.map { "\($0.text("name")) \($0.text("status")) \($0.text("wanted"))" }
            }
            try daemon.start("a", "--run-forever")
            #expect(try eventually { try dumped() == ["a online up"] })
            try daemon.run("stop", "a").check()
            #expect(try eventually { try dumped() == ["a stopped down"] })
            try daemon.run("delete", "a").check()
            #expect(try eventually { try dumped().isEmpty })
        }
    }

    @Test func filesAreForTheirOwnerOnly() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            // Whatever the umask and the mode of a home that exists already.
            mkdir(daemon.home, 0o777)
            chmod(daemon.home, 0o755)
            let words = "umask 0; exec \(Programs.gopm) ping"
            try RunningCommand("/bin/sh", ["-c", words], environment: daemon.environment, folder: daemon.folder)
                .finish().check()
            try daemon.start("p", "--say", "x", "--run-forever")
            #expect(daemon.logs("x", "p") && eventually { TestFiles.exists(daemon.dump) })
            for folder in ["", "/logs", "/run"] { #expect(TestFiles.mode(daemon.home + folder) == 0o700, "\(folder)") }
            for file in ["dump.json", "daemon.log", "daemon.pid", "logs/p-out.log", "logs/p-err.log"] {
                #expect(TestFiles.mode("\(daemon.home)/\(file)") == 0o600, "\(file)")
            }
            for name in TestFiles.names(in: "\(daemon.home)/run") {
                let mode = TestFiles.mode("\(daemon.home)/run/\(name)") ?? 0
                let isFifo = name.hasSuffix(".out") || name.hasSuffix(".err")
                #expect(mode == (isFifo ? 0o622 : 0o600), "run/\(name) \(String(mode, radix: 8))")
            }
            #expect((TestFiles.mode(daemon.socket) ?? 0o777) & 0o077 == 0)
        }
    }

    @Test func aDumpOfTheGoGopmLoads() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            mkdir(daemon.home, 0o700)
            func entry(_ id: Int, _ name: String, _ status: String) -> String {
                """
                {"id":\(id),"name":"\(name)","command":"/bin/sh","args":["-c","exec sleep 100"],"cwd":"\(daemon.folder)","env":{"PORT":"8080"},
                 "status":"\(status)","status_reason":"","pid":18334,"some_future_field":{"x":[1]},
                 "restart_policy":{"autorestart":"always","max_restarts":0,"min_uptime":"5s","restart_delay":"2s","exp_backoff":false,"max_delay":"30s",
                   "kill_signal":15,"kill_timeout":"5s"},
                 "restarts":3,"uptime":"2026-11-23T14:58:23.569314423Z","created_at":"2026-11-23T14:58:23.567542846Z","exit_code":0,
                 "memory":1855488,"cpu":0,"listeners":["tcp@127.0.0.1:8080"],"log_out":"\(daemon.home)/logs/\(id)-out.log",
                 "log_err":"\(daemon.home)/logs/\(id)-err.log","max_log_size":104857600}
                """
            }
            let text =
                "[\(entry(0, "web", "online")),\(entry(4, "idle", "stopped")),\(entry(5, "../../bad name", "online"))]"
            try TestFiles.write(text, to: daemon.dump)
            let list = try daemon.list()
            #expect(list.map { $0.number("id") } == [0, 4, 5])
            #expect(list.map { $0.text("name") }.prefix(2) == ["web", "idle"])
            #expect(!list[2].text("name").contains("/") && !list[2].text("name").contains(" "))
            #expect(!daemon.daemonLog("saved state", "bad name").isEmpty)
            #expect(try daemon.reaches("running", "web"))
            #expect(try daemon.state("idle") == "stopped")
            #expect(try daemon.describe("web")["env"] == ["PORT": "8080"])
            #expect(try daemon.describe("web").text("created_at") == "2026-11-23T14:58:23.567542846Z")
            #expect(try daemon.start("new", "--run-forever").number("id") == 6)
        }
    }

    @Test(arguments: ["", "{ nonsense", "{}", "[1]", #"[{"id": "x"}]"#])
    func aBrokenDumpIsSetAsideWithAMessage(_ text: String) throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            mkdir(daemon.home, 0o700)
            try TestFiles.write(text, to: daemon.dump)
            let list = try daemon.run("list").check()
            let aside = TestFiles.names(in: daemon.home).filter { $0.hasPrefix("dump.json.corrupt-") }
            #expect(aside.count == 1)
            #expect(TestFiles.text("\(daemon.home)/\(aside.first ?? "")") == text)
            #expect(eventually { !daemon.daemonLog("dump.json", "corrupt-").isEmpty })
            #expect(list.lines.count == 1)
            try daemon.start("a", "--run-forever")
        }
    }

    @Test func whoeverTypesTheCommandHearsOfABrokenDump() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            mkdir(daemon.home, 0o700)
            try TestFiles.write("{ nonsense", to: daemon.dump)
            let list = try daemon.run("list").check()
            #expect(list.stderr.contains("dump.json.corrupt-"), "\(list)")
        }
    }

    @Test func idsAreNotReusedAfterADaemonRestart() throws {
        try DaemonFixture.with { daemon in
            for name in ["a", "b", "c"] { try daemon.start(name, "--run-forever") }
            try daemon.run("delete", "c").check()
            try daemon.run("kill").check()
            #expect(try daemon.start("d", "--run-forever").number("id") == 3)
        }
    }

    @Test func aBurstOfChangesIsFewWrites() throws {
        try DaemonFixture.with { daemon in
            let apps = (0..<40).map {
                #"{"name": "p\#($0)", "command": "\#(Programs.testapp)", "args": ["--run-forever"]}"#
            }
            try daemon.write("[\(apps.joined(separator: ","))]", to: "eco.json")
            let before = daemon.daemonLog("state saved").count
            try daemon.run("start", "eco.json").check()
            #expect(eventually { daemon.daemonLog("state saved").count > before })
            #expect(daemon.daemonLog("state saved").count - before < 40)
        }
    }
}
