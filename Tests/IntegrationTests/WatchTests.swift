import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// gopm watch, in a terminal and into a pipe.
@Suite(.daemonLog)
struct WatchTests {
    @Test func changesAreShownAndTheTerminalIsGivenBack() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--run-forever")
            let terminal = try Tmux(daemon, columns: 90, rows: 20)
            try terminal.type("gopm watch\n")
            #expect(terminal.shows("web", "online", "└"))
            #expect(!terminal.isGivenBack)
            try daemon.start("later", "--run-forever")
            try daemon.run("stop", "web").check()
            #expect(terminal.shows("later", "stopped"))
            try terminal.press("q")
            // What was seen last stays.
            #expect(terminal.shows("$ gopm watch\n┌", "later", "└"))
            #expect(eventually { terminal.isGivenBack })
        }
    }

    @Test func everyWayOutGivesTheTerminalBack() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--run-forever")
            let terminal = try Tmux(daemon, columns: 90, rows: 20)
            func check(_ end: () throws -> Void, _ code: Int, _ place: Comment) throws {
                try terminal.press("C-l")
                try terminal.type("gopm watch\n")
                #expect(eventually { !terminal.isGivenBack }, place)
                #expect(terminal.shows("web"), place)
                try end()
                #expect(eventually { terminal.isGivenBack }, place)
                try terminal.type("echo code=$?\n")
                #expect(terminal.shows("code=\(code)\n"), place)
            }
            try check({ try terminal.press("C-c") }, 130, "Ctrl-C")
            for (signal, code) in [(SIGTERM, 143), (SIGHUP, 129), (SIGSEGV, 139), (SIGABRT, 134)] {
                try check({ kill(try terminal.program("gopm watch"), signal) }, code, "signal \(signal)")
            }
            // Ctrl-Z gives it back for a while.
            try terminal.press("C-l")
            try terminal.type("gopm watch\n")
            #expect(terminal.shows("web"))
            try terminal.press("C-z")
            #expect(terminal.shows("Stopped"))
            #expect(terminal.isGivenBack)
            try terminal.type("fg\n")
            #expect(eventually { !terminal.isGivenBack })
            #expect(terminal.shows("web"))
            try terminal.press("q")
            #expect(eventually { terminal.isGivenBack })
        }
    }

    @Test func theTableFollowsTheSizeOfTheTerminal() throws {
        try DaemonFixture.with { daemon in
            for index in 0..<9 { try daemon.start("app\(index)", "--run-forever") }
            let terminal = try Tmux(daemon, columns: 100, rows: 30)
            try terminal.type("gopm watch -p\n")
            #expect(terminal.shows("app8", "Ports"))
            try terminal.resize(columns: 70, rows: 8)
            #expect(terminal.shows("↑ 0 ↓ 6 lines more"))
            #expect(terminal.lines.allSatisfy { $0.count <= 70 })
            try terminal.press("End")
            #expect(terminal.shows("app8", "Name"))
            try terminal.resize(columns: 120, rows: 20)
            #expect(terminal.shows("app0", "app8", "└"))
        }
    }

    @Test func theNextDaemonIsFoundAndAskedAnew() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--run-forever")
            let watch = try daemon.begin(["watch", "--json", "-t", "4"])
            let terminal = try Tmux(daemon, columns: 90, rows: 20)
            try terminal.type("gopm watch\n")
            #expect(terminal.shows("web", "online"))
            daemon.crashDaemon()
            try daemon.start("second", "--run-forever")
            #expect(terminal.shows("second"))
            try daemon.run("kill").check()
            #expect(terminal.shows("the daemon is not running; waiting for it"))
            try daemon.run("resurrect").check()
            #expect(terminal.shows("second", "online"))
            #expect(eventually { !terminal.text.contains("waiting for it") })
            let result = try watch.finish().check()
            let ticks = try result.lines.map { try JSONValue.parse(Array($0.utf8)).arrayValue ?? [] }
            #expect(ticks.count >= 2)
            #expect(ticks.first?.map { $0.text("name") } == ["web"])
            #expect(ticks.last?.map { $0.text("name") } == ["web", "second"])
            #expect(!result.stdout.contains("\u{1b}"))
        }
    }

    @Test func withoutATerminalTablesFollowOneAnother() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--run-forever")
            try daemon.start("other", "--run-forever")
            let result = try daemon.run("watch", "web", "-t", "1").check()
            #expect(result.lines.filter { $0.hasPrefix("┌") }.count == 2)
            #expect(result.stdout.contains("web") && !result.stdout.contains("other"))
            #expect(!result.stdout.contains("\u{1b}"))
            let unknown = try daemon.run("watch", "ghost")
            #expect(unknown.status == 1 && unknown.stderr.contains("\"ghost\" not found"))
            for flags in [["-i", "0"], ["-i", "x"], ["-t", "-1"], ["a", "b"]] {
                #expect(try daemon.run(["watch"] + flags).status == 64, "\(flags)")
            }
        }
    }
}
