import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// `gopm pm2` from day to day.
@Suite(.daemonLog)
struct PM2MoveTests {
    /// A program of its own lock and log for each, without a port.
    private static func app(_ name: String, _ more: String = "") -> String {
        """
        {"name": "\(name)", "pm_exec_path": "FOLDER/single.py", "exec_interpreter": "/usr/bin/python3",
         "pm_cwd": "FOLDER", "args": ["0", "FOLDER/\(name)"], "min_uptime": 200, "kill_timeout": 3000\(more)}
        """
    }

    private static func apps(_ apps: String...) -> String { "[\(apps.joined(separator: ",\n"))]" }

    // MARK: - The move

    @Test func theReportIsTheManuals() throws {
        let stopped = PM2MoveTests.app("off", #", "status": "stopped", "max_memory_restart": 157286400"#)
        try PM2Fixture.with(apps: PM2Fixture.web.dropLast() + ", \(stopped)]") { pm2 in
            let pid = try #require(try pm2.listed()[0]["pid"]?.integerValue)
            let result = try pm2.migrate(with: ["PM2_STAND_IN_NOISE": "1"]).check()
            let lines = result.lines
            #expect(lines[0] == "Found 2 PM2 process(es)")
            #expect(lines[1] == "━━━ [1/2] web (pm2_id=0, PID=\(pid), online) ━━━")
            for field in [
                "command: \(pm2.daemon.folder)/single.py", "interpreter: /usr/bin/python3", "cwd: \(pm2.daemon.folder)",
                "args: \(pm2.port) \(pm2.daemon.folder)/web", "env: GREETING=hello", "autorestart: always",
                "max_restarts: 16", "min_uptime: 200ms", "restart_delay: 0s", "kill_signal: SIGINT", "kill_timeout: 3s",
            ] { #expect(lines.contains("  \(field)"), "\(field) in \(result)") }
            #expect(lines.contains("→ Stopping in PM2... OK"))
            #expect(lines.contains("→ Starting in gopm... OK (id=0)") && lines.contains("→ Removing from PM2... OK"))
            #expect(lines.contains { $0.hasPrefix("  ! max_memory_restart=157286400: ") })
            #expect(lines.contains("Summary: imported 2/2 processes"))
            #expect(result.stderr.isEmpty || result.stderr.hasPrefix("gopm: "))
            try pm2.expectOne(in: "gopm")
            #expect(try pm2.stateInGopm("off") == "stopped" && pm2.starts("off").isEmpty)
            #expect(try pm2.listed().isEmpty)
            let policy = try pm2.daemon.describe("web")["restart_policy"]
            #expect(policy?.number("max_restarts") == 16 && policy?.number("kill_signal") == 2)
            #expect(TestFiles.mode("\(pm2.daemon.home)/pm2-migration.json") == 0o600)
        }
    }

    @Test func allIsPutBackAsItWas() throws {
        let stopped = PM2MoveTests.app("off", #", "status": "stopped""#)
        try PM2Fixture.with(apps: PM2Fixture.web.dropLast() + ", \(stopped)]") { pm2 in
            let before = try pm2.listed()
            try pm2.migrate().check()
            let result = try pm2.migrate("--rollback").check()
            #expect(result.lines.last == "Summary: put back 2/2 processes")
            let after = try pm2.listed()
            let volatile: Set = ["pm_id", "pm_uptime", "restart_time", "unstable_restarts", "exit_code", "instances"]
            for (old, new) in zip(before, after) {
                let fields = [old, new].map {
                    $0["pm2_env"]?.objectValue?.members.filter { !volatile.contains($0.key) } ?? []
                }
                #expect(Set(fields[0]) == Set(fields[1]))
            }
            #expect(try after.count == 2 && Set(pm2.dumped) == ["web", "off"] && pm2.daemon.list().isEmpty)
            #expect(try pm2.migrate("--rollback").status == 1)
        }
    }

    @Test func onlyTheNamedOnes() throws {
        let apps = PM2MoveTests.apps(PM2MoveTests.app("a"), PM2MoveTests.app("b"), PM2MoveTests.app("c"))
        try PM2Fixture.with(apps: apps) { pm2 in
            let unknown = try pm2.migrate("a", "nobody")
            #expect(unknown.status == 1 && unknown.stderr.contains("no process named \"nobody\" (it has: a, b, c)"))
            #expect(try pm2.listed().count == 3)
            try pm2.migrate("a", "c").check()
            #expect(try pm2.listed().map { $0.text("name") } == ["b"] && pm2.dumped == ["b"])
            #expect(try pm2.daemon.list().map { $0.text("name") } == ["a", "c"])
        }
    }

    @Test func oneThatDoesNotStayUpIsStartedInPM2Again() throws {
        try PM2Fixture.with(apps: PM2Fixture.failing) { pm2 in
            try pm2.daemon.write("", to: "web.broken")
            let result = try pm2.migrate()
            #expect(result.status == 1)
            let failure = result.lines.first { $0.hasPrefix("→ Starting in gopm... FAILED: ") }
            #expect(failure?.contains("it does not stay up: exited with code 3") == true, "\(result)")
            #expect(result.lines.contains("→ Starting in PM2 again... OK"))
            #expect(result.lines.contains("Summary: imported 0/1 processes"))
            try pm2.expectOne(in: "pm2")
            #expect(try pm2.daemon.list().isEmpty)
        }
    }

    /// What is known beforehand to fail is not even stopped in PM2.
    @Test func oneThatCannotStartIsLeftAlone() throws {
        let app = PM2MoveTests.app("web", #", "uid": "nobody-here""#)
        try PM2Fixture.with(apps: PM2MoveTests.apps(app, PM2MoveTests.app("taken"))) { pm2 in
            let pids = try pm2.listed().map(\.pid)
            try pm2.daemon.start("taken", "--run-forever")
            let result = try pm2.migrate()
            #expect(result.status == 1 && result.stdout.contains("PM2 runs it as user nobody-here"))
            #expect(result.stdout.contains("gopm has a process named \"taken\" already"))
            #expect(try pm2.listed().map(\.pid) == pids)
            unlink("\(pm2.daemon.folder)/single.py")
            try pm2.daemon.run("delete", "taken").check()
            #expect(try pm2.migrate("taken").stdout.contains("single.py does not exist"))
            #expect(try pm2.listed().map(\.pid) == pids)
        }
    }

    @Test func keptEntriesStayStopped() throws {
        try PM2Fixture.with { pm2 in
            try pm2.migrate("--keep").check()
            #expect(try pm2.statusInPM2("web") == "stopped" && pm2.stateInGopm("web") == "running")
            #expect(TestFiles.text("\(pm2.home)/dump.pm2").contains(#""status": "stopped""#))
            try pm2.migrate("--rollback").check()
            try pm2.expectOne(in: "pm2")
        }
    }

    /// PM2's cron starts stopped processes: while ours runs, PM2 may not have it even as a stopped one.
    @Test(arguments: [[], ["--keep"]])
    func whatPM2StartsByItselfIsRemovedFirst(_ flags: [String]) throws {
        let cron = PM2Fixture.web.dropLast(2) + #", "cron_restart": "* * * * *"}]"#
        try PM2Fixture.with(apps: String(cron)) { pm2 in
            let result = try pm2.daemon.run(["pm2"] + flags).check()
            #expect(result.stdout.contains("crontab -e: * * * * * gopm restart web"))
            // Longer than the stand-in's clock needs to start a stopped one.
            pause(.milliseconds(400))
            try pm2.expectOne(in: "gopm")
            #expect(try pm2.listed().isEmpty)
            try pm2.migrate("--rollback").check()
            try pm2.expectOne(in: "pm2")
        }
    }

    @Test func aClusterBecomesOneProcess() throws {
        let cluster =
            #", "exec_mode": "cluster_mode", "merge_logs": false, "instances": 2, "env": {"unique_id": "0123456789abcdef01"}"#
        let first = PM2MoveTests.app("web", cluster)
        let second = PM2MoveTests.app("web", cluster + #", "NODE_APP_INSTANCE": 1, "status": "stopped""#)
        try PM2Fixture.with(apps: PM2MoveTests.apps(second, first)) { pm2 in
            let result = try pm2.migrate().check()
            #expect(result.lines[1].hasPrefix("━━━ [1/1] web (pm2_id=1,0, "))
            #expect(result.stdout.contains("! exec_mode: cluster mode with 2 instance(s) becomes ONE process"))
            #expect(try pm2.listed().isEmpty && pm2.daemon.describe("web")["env"]?.text("NODE_APP_INSTANCE") == "0")
            try pm2.migrate("--rollback").check()
            #expect(
                try pm2.listed().map { $0["pm2_env"]?.text("status") }.sorted { $0 ?? "" < $1 ?? "" } == [
                    "online", "stopped",
                ]
            )
        }
    }

    @Test func oddNamesBecomeValidOnes() throws {
        let apps = PM2MoveTests.apps(
            PM2MoveTests.app("a b ✓"),
            PM2MoveTests.app("web"),
            PM2MoveTests.app("web"),
            PM2MoveTests.app("\\u001b[2J")
        )
        try PM2Fixture.with(apps: apps) { pm2 in
            let result = try pm2.migrate()
            #expect(!result.stdout.unicodeScalars.contains("\u{1b}") && result.stdout.contains("\\x1b[2J"))
            #expect(result.stdout.contains("PM2 has several of this name; this one becomes \"web-2\""))
            // Both of one name lock the same file, so the second ends as soon as it is begun, in PM2 as in gopm.
            #expect(try pm2.daemon.list().map { $0.text("name") }.contains("a-b"))
        }
    }

    // MARK: - Looking only

    @Test func aPreviewChangesAndStartsNothing() throws {
        try PM2Fixture.with { pm2 in
            let before = try pm2.listed()
            let text = try pm2.migrate("--dry").check()
            #expect(text.lines[0] == "━━━ web")
            let shown = try JSONValue.parse(
                Array(text.stdout.utf8.drop { $0 != UInt8(ascii: "{") }.prefix { $0 != UInt8(ascii: "!") })
                    .droppingAfterObject
            )
            #expect(shown.text("command").hasSuffix("/single.py") && shown.text("autorestart") == "always")
            let list = try pm2.migrate("--dry", "--json").check().json()
            #expect(list[0]?.text("name") == "web" && list[0]?["request"] == shown && list[0]?.text("wanted") == "up")
            #expect(try pm2.listed() == before && !TestFiles.exists(pm2.daemon.socket))
            #expect(!TestFiles.exists("\(pm2.daemon.home)/pm2-migration.json"))
        }
    }

    @Test func everythingAsJSON() throws {
        try PM2Fixture.with(apps: PM2MoveTests.apps(PM2MoveTests.app("a"), PM2MoveTests.app("b", #", "uid": "x""#))) {
            pm2 in
            let result = try pm2.migrate("--json")
            #expect(result.status == 1)
            let list = try result.json()
            #expect(list[0]?.text("outcome") == "moved" && list[0]?.number("id") == 0)
            #expect(list[1]?.text("outcome") == "refused" && list[1]?.text("error").contains("as user x") == true)
            let back = try pm2.migrate("--rollback", "--json").check().json()
            #expect(back[0]?.text("outcome") == "restored" && back[1] == nil)
        }
    }

    @Test func flagsThatDoNotGoTogether() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            for flags in [["--rollback", "--dry"], ["--rollback", "web"], ["--nonsense"], ["--from"]] {
                #expect(try daemon.run(["pm2"] + flags).status == 64, "\(flags)")
            }
            let none = try daemon.run("pm2", "--pm2-home", "\(daemon.folder)/none")
            #expect(none.status == 1 && none.stderr.contains("PM2 does not run in \(daemon.folder)/none"))
            #expect(!TestFiles.exists(daemon.socket) && !TestFiles.exists("\(daemon.folder)/none"))
        }
    }
}

extension [UInt8] {
    /// Up to the end of the object that they begin with.
    fileprivate var droppingAfterObject: [UInt8] {
        var depth = 0
        for (index, byte) in enumerated() {
            if byte == UInt8(ascii: "{") { depth += 1 }
            if byte == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return Array(self[...index]) }
        }
        return self
    }
}
