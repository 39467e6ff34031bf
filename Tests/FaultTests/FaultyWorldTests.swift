import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// Bad files, no room, no descriptors, too many of everything at once.
///
/// Not here: a clock that is set forward or back. It needs CLOCK_REALTIME to be set for the whole machine, which these
/// tests may not do.
@Suite(.serialized, .daemonLog)
struct FaultyWorldSerial {
    // MARK: dump.json

    private static let lists: [String] = [
        // Twice the same name and id.
        #"[{"id":1,"name":"a","command":"/bin/sleep","args":["1000"]},{"id":1,"name":"a","command":"/bin/sleep"}]"#,
        // From the future.
        #"[{"id":0,"name":"a","command":"/bin/sleep","args":["1000"],"version":99,"sandbox":{"x":[1,null]},"state":"hibernating","status":"frozen"}]"#,
    ]

    @Test(arguments: lists)
    func aStrangeDumpIsUnderstoodAndNothingIsLost(_ text: String) throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            mkdir(daemon.home, 0o700)
            try TestFiles.write(text, to: daemon.dump)
            let list = try daemon.list()
            let entries = try JSONValue.parse(Array(text.utf8)).arrayValue ?? []
            #expect(list.count == entries.count && list.first?.text("name") == "a", "\(list)")
            #expect(Set(list.map { $0.text("name") }).count == list.count)
            #expect(Set(list.map { $0.number("id") }).count == list.count)
            #expect(!TestFiles.names(in: daemon.home).contains { $0.contains("corrupt") })
        }
    }

    private static let broken = ["", "[{\"id\":0,\"name\":\"p\",\"comm", "{}", "[5]", "null", "\u{0}\u{0}\u{0}\u{0}"]

    /// The journal knows better, and the programs live: they are taken over though the dump cannot be read.
    @Test(arguments: broken)
    func aBrokenDumpCostsNoLivingProgram(_ text: String) throws {
        try DaemonFixture.withAlone { daemon in
            try daemon.begin("p", ["--run-forever"]).check()
            let program = try daemon.pid("p")
            try daemon.killBoth()
            try TestFiles.write(text, to: daemon.dump)
            #expect(try daemon.list().map(\.pid) == [program])
            let aside = TestFiles.names(in: daemon.home).filter { $0.hasPrefix("dump.json.corrupt-") }
            #expect(aside.count == 1 && TestFiles.text("\(daemon.home)/\(aside.first ?? "")") == text)
            try daemon.settles(["p"])
        }
    }

    // MARK: No room

    enum Shortage: CaseIterable {
        case space, inodes
    }

    /// `run/` is a file system of its own that gets full: a start fails with a reason, everything else goes on.
    @Test(arguments: Shortage.allCases)
    func aFullRunFolder(_ shortage: Shortage) throws {
        try DaemonFixture.withAlone { daemon in
            let run = "\(daemon.home)/run"
            try daemon.run("kill").check()
            guard mount("tmpfs", run, "tmpfs", 0, "mode=700,size=512k,nr_inodes=24") == 0 else {
                return print("skipped: a tmpfs needs root and CAP_SYS_ADMIN: \(String(cString: strerror(errno)))")
            }
            daemon.atEnd { umount2(run, 2) }  // MNT_DETACH
            try daemon.begin("a", ["--run-forever"]).check()
            let program = try daemon.pid("a")
            fill(run, shortage)

            let start = try daemon.begin("b", ["--run-forever"])
            if start.status != 0 {
                #expect(start.status == 1 && start.stdout.contains("no space left"), "\(start)")
                #expect(try daemon.list().map { $0.text("name") } == ["a"])
            }
            try daemon.settles(["a", "b"])
            // The next gopmd finds its programs in what was written before.
            let old = try #require(daemon.daemonPID)
            daemon.killed(old)
            _ = try daemon.newDaemon(after: old)
            #expect(try daemon.pid("a") == program)
            try daemon.settles(["a", "b"])
            // What can't be noted is not started: the gopmd after it would start a second copy.
            _ = try daemon.run("restart", "a")
            let unsure = try #require(daemon.daemonPID)
            daemon.killed(unsure)
            _ = try daemon.newDaemon(after: unsure)

            for name in TestFiles.names(in: run) where name.hasPrefix("filler") { unlink("\(run)/\(name)") }
            try daemon.run("restart", "a").check()
            try daemon.begin("c", ["--run-forever"]).check()
            let next = try #require(daemon.daemonPID)
            daemon.killed(next)
            _ = try daemon.newDaemon(after: next)
            try daemon.settles(["a", "b", "c"])
            #expect(daemon.copies("c").count == 1)
            #expect(daemon.daemonLog().count < 200)
            try daemon.run("delete", "all").check()
            try daemon.run("kill").check()
        }
    }

    private func fill(_ folder: String, _ shortage: Shortage) {
        for number in 0..<64 {
            let file = open("\(folder)/filler\(number)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else { return }
            defer { close(file) }
            if shortage == .inodes { continue }
            for size in [4096, 1] {
                let block = [UInt8](repeating: 0, count: size)
                while write(file, block, size) > 0 {}
            }
            return
        }
    }

    // MARK: No descriptors

    @Test func aDaemonWithoutDescriptorsNeitherSpinsNorFloodsAndRecovers() throws {
        try DaemonFixture.withAlone { daemon in
            for index in 0..<3 { try daemon.begin("p\(index)", ["--run-forever"]).check() }
            let pid = try #require(daemon.daemonPID)
            let open = TestFiles.names(in: "/proc/\(pid)/fd").count
            // Nothing is free for a moment.
            try SystemCalls.limitOpenFiles(of: pid, to: open)
            let lines = daemon.daemonLog().count
            let ticks = SystemCalls.cpuTicks(of: pid)
            let client = try daemon.begin(["list", "--json"])
            // Proves that it does not spin: two seconds of being unable to accept.
            pause(.seconds(2))
            let used = SystemCalls.cpuTicks(of: pid) - ticks
            #expect(used < 20, "\(used * 10) ms of CPU in 2 s")
            #expect(daemon.daemonLog().count - lines < 20)
            try SystemCalls.limitOpenFiles(of: pid, to: 65_536)
            #expect(try client.finish().check().json().arrayValue?.count == 3)

            // Enough for a connection, not for a spawn: the policy tries again until there is room.
            let now = TestFiles.names(in: "/proc/\(pid)/fd").count
            try SystemCalls.limitOpenFiles(of: pid, to: now + 2)
            let refused = try daemon.begin("q", ["--run-forever"])
            #expect(refused.status == 1 && refused.stdout.contains("error"), "\(refused)")
            #expect(try daemon.list().count == 3)
            try daemon.settles(["p0", "p1", "p2", "q"])
            try SystemCalls.limitOpenFiles(of: pid, to: 65_536)
            try daemon.begin("q", ["--run-forever"]).check()
            try daemon.settles(["p0", "p1", "p2", "q"])
        }
    }

    @Test func aRestartWithoutDescriptorsWaitsForBetterTimes() throws {
        try DaemonFixture.withAlone { daemon in
            try daemon.begin("p", flags: ["--restart-delay", "300ms"], ["--run-forever"]).check()
            let (first, pid) = (try daemon.pid("p"), try #require(daemon.daemonPID))
            let open = TestFiles.names(in: "/proc/\(pid)/fd").count
            try SystemCalls.limitOpenFiles(of: pid, to: open - 2)
            daemon.killed(first)
            let ticks = SystemCalls.cpuTicks(of: pid)
            // Proves that it does not spin while it cannot spawn: several restart delays.
            pause(.seconds(2))
            #expect(SystemCalls.cpuTicks(of: pid) - ticks < 30)
            #expect(daemon.copies("p").isEmpty)
            try SystemCalls.limitOpenFiles(of: pid, to: 65_536)
            try daemon.settles(["p"], timeout: .seconds(20))
            #expect(daemon.copies("p").count == 1 && daemon.daemonPID == pid)
        }
    }

    // MARK: Much at once

    @Test func aThousandConnectionsAreServedOrWait() throws {
        SystemCalls.raiseOwnLimit()
        try DaemonFixture.withAlone { daemon in
            let pid = try #require(daemon.daemonPID)
            let idle = TestFiles.names(in: "/proc/\(pid)/fd").count
            var clients = try (0..<1000).map { _ in try RawClient(daemon) }
            for client in clients { try client.send(#"{"method":"ping"}"# + "\n") }
            // The first ones are served though they stay; the others get their turn when those go.
            var answered = 0
            while !clients.isEmpty {
                let head = Array(clients.prefix(200))
                for client in head where try client.reply()["success"] == true { answered += 1 }
                clients.removeFirst(head.count)
            }
            #expect(answered == 1000)
            #expect(try daemon.run("list").status == 0)
            #expect(eventually { TestFiles.names(in: "/proc/\(pid)/fd").count <= idle })
        }
    }

    @Test func twoHundredSilentClientsAndOneThatNeverReadsWhileGopmdIsKilled() throws {
        try DaemonFixture.withAlone { daemon in
            try daemon.begin("p", ["--run-forever"]).check()
            let program = try daemon.pid("p")
            let silent = try (0..<200).map { _ in try RawClient(daemon) }
            let greedy = try RawClient(daemon)
            _ = greedy.send(
                Array((0..<2000).map { "{\"method\":\"list\",\"id\":\($0)}\n" }.joined().utf8),
                timeout: .seconds(1)
            )
            let (result, took) = try time { try daemon.run("list") }
            #expect(result.status == 0 && took < .seconds(2), "\(took)")
            let pid = try #require(daemon.daemonPID)
            daemon.killed(pid)
            #expect(silent.allSatisfy { $0.isClosed(within: .seconds(5)) })
            #expect(try daemon.pid("p") == program)
            withExtendedLifetime(greedy) {}
        }
    }

    @Test func threeHundredExitsAtOneInstant() throws {
        try DaemonFixture.withAlone { daemon in
            let count = 300
            let app = #""command": "/bin/sleep", "args": ["100000"], "restart_delay": "100ms"}"#
            let apps = (0..<count).map { #"{"name": "p\#($0)", \#(app)"# }
            try daemon.write("[\(apps.joined(separator: ","))]", to: "eco.json")
            try daemon.run("start", "eco.json").check()
            let pids = try daemon.list().map(\.pid)
            try #require(pids.count == count && pids.allSatisfy { $0 > 0 })
            for round in 0..<2 {
                let before = try daemon.list().map(\.pid)
                // The second time there is no gopmd when they end.
                if round == 1, let pid = daemon.daemonPID { kill(pid, SIGKILL) }
                for pid in before { kill(pid, SIGKILL) }
                let (isBack, took) = try time {
                    try eventually(timeout: .seconds(30)) {
                        try daemon.list().allSatisfy {
                            $0.text("state") == "running" && $0.number("crash_count") == round + 1
                        }
                    }
                }
                let after = try daemon.list()
                #expect(isBack, "\(after.filter { $0.number("crash_count") != round + 1 }.prefix(3))")
                #expect(Set(after.map(\.pid)).isDisjoint(with: before))
                #expect(eventually { daemon.programs.count == count }, "\(daemon.programs.count) copies")
                #expect(eventually { daemon.zombies.isEmpty })
                print("\(count) exits at once, gopmd \(round == 1 ? "dead" : "alive"): all back after \(took)")
            }
        }
    }
}
