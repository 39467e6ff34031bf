import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// Whatever a program leaves behind is gone when it is stopped or started anew, also if gopmd died in between.
@Suite(.serialized, .daemonLog)
struct TreeSerial {
    /// Double fork, setsid, no descriptors, empty environment; and one that also won't hear SIGTERM.
    private static let escapes = [["--setsid-grandchild"], ["--child-ignores-sigterm", "--setsid-grandchild"]]

    enum Ending: CaseIterable {
        case stop, crashRestart
    }

    enum User: CaseIterable {
        /// Who runs the tests; root in CI, with a cgroup for each life.
        case own
        /// Nobody, whose only mark is the life id.
        case ordinary
    }

    private func detached(_ daemon: DaemonFixture, _ name: String) throws -> pid_t {
        let line = firstValue { daemon.log(name).last { $0.hasPrefix("detached ") } }
        guard let pid = line?.numbers.first.map({ pid_t($0) }), pid > 0 else {
            throw TestFailure("\(name) has no grandchild: \(daemon.log(name))")
        }
        return pid
    }

    /// A hundred of them, twenty at a time, the two escapes in turn.
    @Test(arguments: Ending.allCases, User.allCases)
    func aHundredGrandchildrenThatGotAwayAreGone(after ending: Ending, of user: User) throws {
        try DaemonFixture.withAlone(startsDaemon: false) { daemon in
            if user == .ordinary { try daemon.becomeOrdinaryUser() }
            let testapp = user == .ordinary ? daemon.testapp : Programs.testapp
            var gone = 0
            for round in 0..<5 {
                let names = (0..<20).map { "p\(round)-\($0)" }
                for (index, name) in names.enumerated() {
                    let flags = ["--name", name, "--kill-timeout", "150ms", "--restart-delay", "20ms"]
                    let arguments = ["--", "--marker", daemon.mark(name)] + Self.escapes[index % 2]
                    try daemon.run(["start", testapp] + flags + arguments).check()
                }
                let grandchildren = try names.map { try detached(daemon, $0) }
                #expect(grandchildren.allSatisfy(ProcessTable.isAlive))
                // In every other round the gopmd that ends them is not the one that started them.
                if round % 2 == 1, let pid = daemon.daemonPID { kill(pid, SIGKILL) }
                switch ending {
                case .stop: try daemon.run("stop", "all").check()
                case .crashRestart:
                    for entry in try daemon.list() { kill(entry.pid, SIGKILL) }
                    #expect(try eventually { try daemon.list().allSatisfy { $0.number("instance") == 2 } })
                }
                let left = grandchildren.filter(ProcessTable.isAlive)
                #expect(left.isEmpty, "round \(round)")
                gone += grandchildren.count - left.count
                try daemon.run("delete", "all").check()
                #expect(daemon.programs.isEmpty, "round \(round)")
            }
            print("\(ending) as \(user) user: \(gone) of 100 grandchildren gone")
        }
    }

    /// The main process crashes while nobody is there to see it.
    @Test func grandchildrenOfAProgramThatDiedTogetherWithGopmd() throws {
        try DaemonFixture.withAlone { daemon in
            for round in 0..<10 {
                let name = "p\(round)"
                let flags = ["--kill-timeout", "150ms", "--restart-delay", "20ms"]
                try daemon.begin(name, flags: flags, Self.escapes[round % 2]).check()
                let grandchild = try detached(daemon, name)
                let main = try daemon.pid(name)
                let pid = try #require(daemon.daemonPID)
                kill(pid, SIGKILL)
                kill(main, SIGKILL)
                #expect(try eventually { try daemon.number("instance", of: name) == 2 })
                #expect(!ProcessTable.isAlive(grandchild), "round \(round)")
                #expect(try eventually { try daemon.state(name) == "running" })
                try daemon.run("delete", name).check()
                #expect(daemon.copies(name).isEmpty)
            }
        }
    }

    /// Root may move a process to another group; a crash does not wait until it is found.
    ///
    /// Only its life id then tells that it belongs to the program.
    @Test(.enabled(if: getuid() == 0, "moving a process to another cgroup needs root"))
    func oneThatWasMovedToAnotherGroup() throws {
        try DaemonFixture.withAlone { daemon in
            try daemon.begin("p", flags: ["--restart-delay", "0s"], Self.escapes[1]).check()
            let grandchild = try detached(daemon, "p")
            let mount = try #require(
                ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].first { access("\($0)/gopm", F_OK) == 0 }
            )
            try TestFiles.write("\(grandchild)\n", to: "\(mount)/cgroup.procs")
            kill(try daemon.pid("p"), SIGKILL)
            #expect(try eventually { try daemon.number("instance", of: "p") == 2 })
            #expect(eventually { !ProcessTable.isAlive(grandchild) })
            let second = try detached(daemon, "p")
            #expect(second != grandchild && ProcessTable.isAlive(second))
        }
    }

    /// gopmd dies while it waits for such a grandchild to heed the signal.
    @Test func gopmdKilledInTheMiddleOfAStop() throws {
        try DaemonFixture.withAlone { daemon in
            for round in 0..<10 {
                let name = "p\(round)"
                try daemon.begin(name, flags: ["--kill-timeout", "400ms"], Self.escapes[1]).check()
                let grandchild = try detached(daemon, name)
                let stop = try daemon.begin(["stop", name])
                let main = try daemon.describe(name).pid
                _ = eventually { main <= 0 || !ProcessTable.isAlive(main) }
                let pid = try #require(daemon.daemonPID)
                kill(pid, SIGKILL)
                _ = try stop.finish()
                let isGone = try eventually { try daemon.state(name) == "stopped" }
                try #require(isGone && !ProcessTable.isAlive(grandchild), "round \(round)")
                try daemon.run("delete", name).check()
                #expect(daemon.copies(name).isEmpty)
            }
        }
    }

    /// `sh -c 'server & wait'`: the shell goes at once, the server behind it drains.
    @Test(arguments: [false, true])
    func aServerBehindAShellDrainsInPeace(_ isGopmdKilledBefore: Bool) throws {
        try DaemonFixture.withAlone { daemon in
            let server = "\(Programs.testapp) --marker \(daemon.mark("p")) --slow-shutdown 500ms --say up"
            // Two shells deep, as with npm.
            let script = "sh -c '\(server) & wait' & wait"
            try daemon.run("start", "/bin/sh", "--name", "p", "--kill-timeout", "5s", "--", "-c", script).check()
            #expect(daemon.logs("up", "p"))
            if isGopmdKilledBefore, let pid = daemon.daemonPID {
                daemon.killed(pid)
                _ = try daemon.newDaemon(after: pid)
            }
            let (_, took) = try time { try daemon.run("stop", "p").check() }
            #expect(took >= .milliseconds(450) && took < .seconds(4), "\(took)")
            #expect(daemon.logs("shutdown complete", "p"))
            #expect(daemon.copies("p").isEmpty && daemon.programs.isEmpty)
        }
    }

    /// The end of the main process is seen at once; what the other still writes until it goes is kept.
    @Test(arguments: [false, true])
    func aGrandchildThatKeepsTheOutputOpen(_ isGopmdKilledBefore: Bool) throws {
        try DaemonFixture.withAlone { daemon in
            let flags = ["--autorestart", "never", "--kill-timeout", "5s"]
            let arguments = ["--child-ignores-sigterm", "--hold-stdout-grandchild", "2s", "--exit-on-signal", "5"]
            try daemon.begin("p", flags: flags, arguments + ["--say", "up"]).check()
            #expect(daemon.logs("up", "p"))
            let main = try daemon.pid("p")
            if isGopmdKilledBefore, let pid = daemon.daemonPID {
                daemon.killed(pid)
                _ = try daemon.newDaemon(after: pid)
            }
            let (isSeen, took) = try time {
                kill(main, SIGUSR1)
                return try eventually { try daemon.number("exit_code", of: "p") == 5 }
            }
            #expect(isSeen && took < .seconds(1), "\(took)")
            #expect(try daemon.reaches("stopped", "p") && daemon.copies("p").isEmpty)
            #expect(daemon.logs("holder done", "p"))
        }
    }
}

extension DaemonFixture {
    /// The main process's pid; 0 if there is none or nobody to ask.
    fileprivate func pidOf(_ name: String) -> pid_t { (try? pid(name)) ?? 0 }
}
