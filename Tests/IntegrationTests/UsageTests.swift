import GopmJSON
import GopmTestSupport
import Testing

/// Help, flags, exit codes: what does not depend on programs.
@Suite(.daemonLog)
struct UsageTests {
    static let commands = [
        "start", "stop", "restart", "delete", "del", "list", "ls", "describe", "isrunning", "logs", "flush", "export",
        "import",
        "save", "resurrect", "status", "ping", "version", "kill",
    ]

    @Test(arguments: commands)
    func helpOfEveryCommandEndsWithZeroAndStartsNothing(_ command: String) throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            for words in [[command, "--help"], [command, "-h"], ["help", command]] {
                let result = try daemon.run(words)
                #expect(result.status == 0 && result.stdout.contains("USAGE"), "\(result)")
                #expect(result.stderr.isEmpty)
            }
            #expect(!TestFiles.exists(daemon.home))
        }
    }

    @Test func theOverviewNamesEveryCommand() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let help = try daemon.run("--help").check().stdout
            for command in Self.commands { #expect(help.contains(command)) }
            #expect(try daemon.run("help").check().stdout == help)
        }
    }

    @Test(arguments: commands)
    func anUnknownFlagIsAUsageError(_ command: String) throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let takesNone = ["list", "ls", "save", "resurrect", "status", "ping", "version", "kill"].contains(command)
            let result = try daemon.run([command] + (takesNone ? [] : ["target"]) + ["--no-such-flag"])
            #expect(result.status == 64 && result.stderr.contains("--no-such-flag"), "\(result)")
            #expect(result.stderr.contains("--help"))
            #expect(!TestFiles.exists(daemon.socket))
        }
    }

    @Test func anUnknownCommandSaysWhatMayBeMeant() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let result = try daemon.run("strat")
            #expect(result.status == 64 && result.stderr.contains("Did you mean \"start\"?"), "\(result)")
            #expect(try daemon.run("--json", "nonsense").json().keys == ["error"])
            #expect(!TestFiles.exists(daemon.socket))
        }
    }

    /// What PM2 and supervisorctl have is answered in one line with what does it here.
    @Test func habitsAreToldWhatToDoHere() throws {
        let guesses = [
            ["show", "0"]: "unknown command \"show\" (here: gopm describe NAME)",
            ["jlist"]: "unknown command \"jlist\" (here: gopm list --json)",
            ["tail", "-f", "web"]: "unknown command \"tail\" (here: gopm logs NAME, -f goes on)",
            ["start", "app.js", "-i", "max"]:
                "start has no -i: a process is one program; start it again with another --name",
            ["start", "app.js", "--exp-backoff-restart-delay=100"]:
                "start has no --exp-backoff-restart-delay: --restart-delay TIME --exp-backoff",
            ["logs", "web", "--nostream"]: "logs has no --nostream: without -f it ends by itself",
        ]
        try DaemonFixture.with(startsDaemon: false) { daemon in
            for (words, line) in guesses {
                let result = try daemon.run(words)
                #expect(result.status == 64 && result.stderr == "gopm: \(line)\n", "\(result)")
                #expect(try daemon.run(words + ["--json"]).json().text("error") == line)
            }
            #expect(!TestFiles.exists(daemon.socket))
        }
    }

    /// The flags after `--` are the program's.
    @Test func aProgramMayHaveTheFlagsThatPM2Has() throws {
        try DaemonFixture.with { daemon in
            try daemon.run("start", "/bin/echo", "--name", "echo", "--autorestart", "never", "--", "-i", "max").check()
            #expect(eventually { daemon.log("echo") == ["-i max"] })
        }
    }

    @Test func aConfigurationOfAnotherManagerIsNamed() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try daemon.write("module.exports = {}", to: "ecosystem.config.js")
            try daemon.write("[program:web]", to: "supervisord.conf")
            let advice = try daemon.run("start", "ecosystem.config.js").stderr
            #expect(advice.contains("gopm pm2 --from ecosystem.config.js"))
            let result = try daemon.run("start", "supervisord.conf")
            #expect(result.status == 1 && result.stderr.contains("man gopm-ecosystem"), "\(result)")
        }
    }

    @Test func anUnknownCommandMayBeAProgramOfTheFamily() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try daemon.write("#!/bin/sh\necho \"foo $*\"\nexit 7\n", to: "gopm-foo", mode: 0o755)
            let path = "\(daemon.folder):\(daemon.environment["PATH"] ?? "")"
            let result = try daemon.run(["foo", "a", "--b"], with: ["PATH": path])
            #expect(result.status == 7 && result.stdout == "foo a --b\n", "\(result)")
        }
    }

    @Test func globalFlagsMayStandBeforeTheCommand() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--run-forever")
            #expect(try daemon.run("--json", "list").check().json().arrayValue?.count == 1)
            #expect(try daemon.run("--debug", "--json", "describe", "web").check().json().text("name") == "web")
            try daemon.write("{}", to: "c.json")
            let status = try daemon.run("--config", "c.json", "status", "--json").check().json()
            #expect(status.text("config_file").hasSuffix("c.json"))
        }
    }

    @Test func bareGopmNeverStartsADaemon() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            #expect(try daemon.run([]).check().stdout == daemon.run("--help").stdout)
            #expect(try daemon.run("--json").check().stdout == "[]\n")
            for command in [["kill"], ["status"], ["version"], ["status", "--json"], ["version", "--json"]] {
                try daemon.run(command).check()
            }
            #expect(!TestFiles.exists(daemon.socket))
            try daemon.startDaemon()
            #expect(try daemon.run([]).check().stdout == daemon.run("--help").stdout)
            try daemon.start("web", "--run-forever")
            #expect(try daemon.run([]).check().table[1][1] == "web")
        }
    }

    @Test func aClosedOutputIsNoCrash() throws {
        try DaemonFixture.with { daemon in
            let words = "\(Programs.gopm) list >&-; echo $?; \(Programs.gopm) --help | true; echo ${PIPESTATUS[0]}"
            let result = try RunningCommand(
                "/bin/bash",
                ["-c", words],
                environment: daemon.environment,
                folder: daemon.folder
            ).finish()
            #expect(result.lines.allSatisfy { ["0", "1"].contains($0) }, "\(result)")
        }
    }
}
