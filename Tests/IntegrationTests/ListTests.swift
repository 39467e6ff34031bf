import GopmJSON
import GopmTestSupport
import Testing

/// list, describe, isrunning: what people see.
@Suite(.daemonLog)
struct ListTests {
    @Test func theTableHasTheManualsColumns() throws {
        try DaemonFixture.with { daemon in
            let pid = try daemon.start("web", "--run-forever").pid
            try daemon.start("idle", "--run-forever")
            try daemon.run("stop", "idle").check()
            let result = try daemon.run("list").check()
            let table = result.table
            #expect(table[0] == ["ID", "Name", "Status", "PID", "CPU", "Memory", "Restart", "Uptime"])
            #expect(table[1].prefix(4) == ["0", "web", "online", "\(pid)"])
            #expect(table[1][7].hasSuffix("s"))
            #expect(table[2] == ["1", "idle", "stopped", "-", "-", "-", "0", "-"])
            #expect(result.lines.first?.first == "┌" && result.lines.last?.first == "└")
            #expect(!result.stdout.contains("\u{1b}"))
            #expect(try daemon.run("ls").check().table[2] == table[2])
            #expect(try daemon.run("list", "-p").check().table[0].last == "Ports")
            #expect(try daemon.run("ls", "--ports").check().table[1].last == "-")
        }
    }

    @Test func anEmptyListSaysHowToBegin() throws {
        try DaemonFixture.with { daemon in
            let empty = try daemon.run("list").check()
            #expect(empty.stdout.contains("gopm start"))
            #expect(try daemon.run("list", "--json").check().json() == [])
        }
    }

    @Test func aPendingRestartIsShownAsRestarting() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("flap", flags: ["--restart-delay", "1h"], "--exit", "3")
            #expect(try daemon.reaches("waiting", "flap"))
            let row = try daemon.run("list").check().table[1]
            #expect(row.prefix(4) == ["0", "flap", "restarting", "-"])
            #expect(row[6] == "1")
            let process = try daemon.describe("flap")
            #expect(process.text("status") == "stopped")
            #expect(process.text("status_reason").hasPrefix("restart 1 in "))
            #expect(process.number("exit_code") == 3)
        }
    }

    @Test(arguments: [["CLICOLOR_FORCE": "1"], ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], ["CLICOLOR_FORCE": "0"], [:]])
    func coloursComeOnlyWhenAskedForAndNeverAgainstNOCOLOR(_ variables: [String: String]) throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--run-forever")
            let isColoured = variables == ["CLICOLOR_FORCE": "1"]
            for command in [["list"], ["describe", "web"], []] {
                let result = try daemon.run(command, with: variables)
                #expect(result.stdout.contains("\u{1b}[") == isColoured, "\(command)")
            }
            #expect(try !daemon.run(["list", "--json"], with: variables).stdout.contains("\u{1b}"))
        }
    }

    @Test func describeShowsEveryKeyOfTheManual() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("api", flags: ["--env", "B=2", "--env", "APP_ENV=production"], "--run-forever")
            let table = try daemon.run("describe", "api").check().table
            let keys = [
                "Key", "Name", "ID", "Status", "PID", "Command", "Args", "CWD", "Interpreter", "Uptime", "Created At",
                "Restarts",
                "Last Exit Code", "CPU", "Memory", "Auto Restart", "Max Restarts", "Min Uptime", "Restart Delay",
                "Exp Backoff",
                "Kill Signal", "Kill Timeout", "Stdout Log", "Stderr Log", "Max Log Size", "Env",
            ]
            #expect(table.map { $0[0] }.filter { !$0.isEmpty } == keys)
            func value(_ key: String) -> String? { table.first { $0[0] == key }?.dropFirst().first }
            #expect(value("Status") == "online")
            #expect(value("Interpreter") == "-")
            #expect(value("Last Exit Code") == "-")
            #expect(value("Auto Restart") == "always")
            #expect(value("Max Restarts") == "unlimited")
            #expect(value("Min Uptime") == "5s")
            #expect(value("Restart Delay") == "2s")
            #expect(value("Exp Backoff") == "false")
            #expect(value("Kill Signal") == "SIGTERM")
            #expect(value("Kill Timeout") == "5s")
            #expect(value("Stdout Log") == "~/h/logs/api-out.log")
            #expect(value("Stderr Log") == "~/h/logs/api-err.log")
            #expect(value("Max Log Size") == "100 MB")
            #expect(value("Env") == "APP_ENV=production")
            #expect(table.last == ["", "B=2"])
        }
    }

    @Test func controlCharactersFromOutsideNeverReachTheTerminal() throws {
        try DaemonFixture.with { daemon in
            let evil = "\u{1b}[2J\u{07}\u{9b}31m"
            try daemon.start("evil", flags: ["--env", "X=\(evil)"], "--say", evil, "--run-forever")
            #expect(eventually { daemon.log("evil").contains { $0.contains("\u{1b}") } })
            for command in [
                ["describe", "evil"], ["describe", evil], ["start", evil], [evil], ["stop", evil], ["logs", evil],
            ] {
                let result = try daemon.run(command)
                #expect(!Self.isHarmful(result.stdout) && !Self.isHarmful(result.stderr), "\(command)")
            }
            // Log lines go raw into a pipe, and made harmless onto a terminal: script(1) is one.
            let words = ["-qec", "\(Programs.gopm) logs evil", "/dev/null"]
            let shown = try RunningCommand(
                "/usr/bin/script",
                words,
                environment: daemon.environment,
                folder: daemon.folder
            ).finish()
            #expect(shown.stdout.contains("[OUT]") && !shown.stdout.contains("\u{1b}[2J"), "\(shown)")
            #expect(!shown.stdout.contains("\u{07}") && !shown.stdout.contains("\u{9b}"))
        }
    }

    private static func isHarmful(_ text: String) -> Bool {
        text.contains("\u{1b}") || text.contains("\u{07}") || text.contains("\u{9b}")
    }

    @Test func isrunningTellsByItsExitCode() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("up", "--run-forever")
            try daemon.start("down", flags: ["--autorestart", "never"], "--exit", "0")
            #expect(try daemon.reaches("stopped", "down"))
            #expect(try daemon.run("isrunning", "up").check().stdout == "online\n")
            #expect(try daemon.run("isrunning", "0").status == 0)
            #expect(try daemon.run("isrunning", "down").status == 1)
            #expect(try daemon.run("isrunning", "ghost").status == 1)
            #expect(try daemon.run("isrunning", "up", "--nonsense").status == 64)
        }
    }
}
