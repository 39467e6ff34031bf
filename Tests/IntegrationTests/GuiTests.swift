import Glibc
import GopmTestSupport
import Testing

/// gopm gui, in terminals of several sizes.
@Suite(.daemonLog)
struct GuiTests {
    @Test func processesAreManagedByKeys() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--say", "hello from web", "--run-forever")
            try daemon.start("other", "--say", "hello from other", "--run-forever")
            let terminal = try Tmux(daemon, columns: 100, rows: 30)
            try terminal.type("gopm gui\n")
            #expect(terminal.shows("▸ 0  web", "Logs (web)", "hello from web", "daemon PID: \(daemon.daemonPID ?? 0)"))
            try terminal.press("Down")
            #expect(terminal.shows("▸ 1  other", "hello from other"))
            try terminal.type("t")
            #expect(terminal.shows("other: stopped"))
            #expect(try daemon.state("other") == "stopped")
            let before = try daemon.pid("web")
            try terminal.press("Up")
            try terminal.type("r")
            #expect(terminal.shows("web: restarted"))
            #expect(try daemon.pid("web") != before)
            try terminal.type("f")
            #expect(terminal.shows("web: logs emptied"))
            try terminal.type("e")
            #expect(terminal.shows("Logs (web, stderr)"))
            try terminal.press("Enter")
            #expect(terminal.shows("web (esc closes)", "Restarts", "CPU", "Memory"))
            try terminal.press("Escape")
            try terminal.type("d")
            #expect(terminal.shows("delete web?"))
            try terminal.type("y")
            #expect(terminal.shows("web: deleted"))
            #expect(eventually { !terminal.text.contains("0  web") })
            try terminal.type("q")
            #expect(eventually { terminal.isGivenBack })
            #expect(terminal.lines.first == "$ gopm gui")
        }
    }

    @Test func theStartPromptCompletesAndStarts() throws {
        try DaemonFixture.with { daemon in
            try daemon.write("#!/bin/sh\necho \"got $*\"\nexec sleep 1000\n", to: "longname.sh", mode: 0o755)
            let terminal = try Tmux(daemon, columns: 80, rows: 24)
            try terminal.type("gopm gui\n")
            #expect(terminal.shows("no processes; s starts one"))
            try terminal.type("s./lon")
            try terminal.press("Tab")
            #expect(terminal.shows("gopm start ./longname.sh"))
            try terminal.type("--name Bad/name\r")
            #expect(terminal.shows("--name"))
            #expect(!terminal.text.contains("started"))
            for _ in 0..<8 { try terminal.press("BSpace") }
            try terminal.type("good -- 'a b'\r")
            #expect(terminal.shows("started good", "got a b"))
            #expect(try daemon.describe("good").text("cwd") == daemon.folder)
        }
    }

    @Test func filterSearchAndTheMouse() throws {
        try DaemonFixture.with { daemon in
            for name in ["api", "worker", "cron"] {
                try daemon.start(name, "--say", "first of \(name)", "--say", "second of \(name)", "--run-forever")
            }
            let terminal = try Tmux(daemon, columns: 80, rows: 24)
            try terminal.type("gopm gui\n")
            #expect(terminal.shows("cron", "first of api"))
            try terminal.type("/work")
            #expect(terminal.shows("(1 of 3, \"work\")", "first of worker"))
            try terminal.press("Escape", "Tab")
            try terminal.type("/FIRST")
            try terminal.press("Enter")
            #expect(terminal.shows("FIRST: not in the last"))
            try terminal.type("/first")
            try terminal.press("Enter")
            #expect(terminal.shows("Logs (worker) paused"))
            // A click on the third row of the list, as xterm reports it.
            try terminal.type("\u{1b}[<0;10;5M\u{1b}[<0;10;5m")
            #expect(terminal.shows("▸ 2  cron", "first of cron"))
        }
    }

    @Test(arguments: [(30, 12), (40, 14), (60, 20), (200, 50)])
    func everySizeHasItsPicture(_ columns: Int, _ rows: Int) throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--say", "日本 line", "--run-forever")
            let terminal = try Tmux(daemon, columns: 100, rows: 30)
            try terminal.type("gopm gui\n")
            #expect(terminal.shows("web", "line"))
            try terminal.resize(columns: columns, rows: rows)
            let isDrawn = eventually {
                let lines = terminal.lines.filter { !$0.isEmpty }
                // Each line ends with the frame, so everything lines up.
                return lines.count == rows && lines.allSatisfy { "┐│┘".contains($0.last ?? " ") }
                    && terminal.text.contains("web") && terminal.text.contains("日本 line")
            }
            #expect(isDrawn, "\(terminal.text)")
        }
    }

    @Test func anIdleScreenIsNotWrittenTo() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--run-forever")
            try daemon.run("stop", "web").check()
            // So narrow that no uptime is shown, which would go on.
            let terminal = try Tmux(daemon, columns: 30, rows: 12)
            try terminal.type("gopm gui --refresh 100ms\n")
            #expect(terminal.shows("web", "stopped"))
            let pid = try terminal.program("gopm gui")
            func written() -> String { TestFiles.text("/proc/\(pid)/io").split(separator: "\n")[1].description }
            var last = ""
            // The picture is complete once nothing is written between two looks.
            #expect(
                eventually {
                    defer { last = written() }
                    return written() == last
                }
            )
            // Ten refreshes: any of them might write.
            usleep(1_000_000)
            #expect(last.hasPrefix("wchar: ") && written() == last)
        }
    }

    @Test func theDaemonMayDieAndTheTerminalIsGivenBack() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--run-forever")
            let terminal = try Tmux(daemon, columns: 90, rows: 20)
            try terminal.type("gopm gui\n")
            #expect(terminal.shows("web", "daemon PID: \(daemon.daemonPID ?? 0)"))
            daemon.crashDaemon()
            try daemon.run("ping").check()
            #expect(terminal.shows("web", "daemon PID: \(daemon.daemonPID ?? 0)"))
            try daemon.run("kill").check()
            #expect(terminal.shows("the daemon is not running"))
            try terminal.type("t")
            #expect(terminal.shows("t"))
            kill(try terminal.program("gopm gui"), SIGTERM)
            #expect(eventually { terminal.isGivenBack })
            try terminal.type("stty -a | grep -c ' echo '; echo code=$?\n")
            #expect(terminal.shows("code=0"))
        }
    }

    @Test func withoutATerminalItSaysSo() throws {
        try DaemonFixture.with { daemon in
            let result = try daemon.run("gui")
            #expect(result.status == 1 && result.stderr.contains("gui needs a terminal"))
            #expect(try daemon.run("gui", "--refresh", "x").status == 64)
            #expect(try daemon.run("gui", "--json").status == 64)
            let terminal = try Tmux(daemon, columns: 80, rows: 24)
            try terminal.type("TERM=dumb gopm gui; echo code=$?\n")
            #expect(terminal.shows("gui needs a terminal that can move its cursor", "code=1"))
        }
    }
}
