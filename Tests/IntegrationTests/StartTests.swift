import GopmJSON
import GopmTestSupport
import Testing

@Suite(.daemonLog)
struct StartTests {
    @Test func aBinaryStartsUnderItsOwnNameAndSaysIDAndPID() throws {
        try DaemonFixture.with { daemon in
            let result = try daemon.run("start", Programs.testapp, "--", "--run-forever", "--marker", daemon.folder)
                .check()
            let process = try daemon.describe("testapp")
            #expect(result.stdout == "started testapp (id 0, PID \(process.pid))\n")
            #expect(process.text("command") == Programs.testapp)
            #expect(process.text("cwd") == daemon.folder)
            #expect(ProcessTable.isAlive(process.pid))
        }
    }

    @Test func argumentsArriveAsTheyWereTyped() throws {
        try DaemonFixture.with { daemon in
            try daemon.start(
                "args",
                flags: ["--autorestart", "never"],
                "--print-args",
                "--say",
                "two  words",
                "--say",
                "ünïcode \"quoted\"",
                "--say",
                ""
            )
            #expect(daemon.logs("arg 5 two  words", "args"))
            #expect(daemon.logs("arg 7 ünïcode \"quoted\"", "args"))
            #expect(daemon.logs("arg 9 ", "args"))
        }
    }

    @Test func aNameInUseIsRefusedWithAHint() throws {
        try DaemonFixture.with { daemon in
            let pid = try daemon.start("web", "--run-forever").pid
            let again = try daemon.run("start", Programs.testapp, "--name", "web", "--", "--run-forever")
            #expect(again.status == 1)
            #expect(again.stderr.contains("\"web\" exists already"))
            #expect(again.stderr.contains("gopm restart web"))
            #expect(try daemon.pid("web") == pid)
        }
    }

    @Test func aKnownNameOrIDStartsTheStoppedProcess() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--run-forever")
            try daemon.run("stop", "web").check()
            try daemon.run("start", "web").check()
            #expect(try daemon.state("web") == "running")
            try daemon.run("stop", "web").check()
            try daemon.run("start", "0").check()
            let pid = try daemon.pid("web")
            let again = try daemon.run("start", "web").check()
            #expect(again.stdout.contains("web is already running"))
            #expect(try daemon.pid("web") == pid)
            #expect(try daemon.list().count == 1)
        }
    }

    @Test func aFileOfAKnownNameWinsOnlyWithASlash() throws {
        try DaemonFixture.with { daemon in
            try daemon.write("#!/bin/sh\nexec sleep 1000\n", to: "web", mode: 0o755)
            try daemon.start("web", "--run-forever")
            #expect(try daemon.run("start", "web").check().stdout.contains("already running"))
            let file = try daemon.run("start", "./web", "--name", "file").check()
            #expect(file.stdout.contains("started file"))
            #expect(try daemon.describe("file").text("command") == "\(daemon.folder)/web")
        }
    }

    @Test func aScriptRunsUnderItsInterpreter() throws {
        try DaemonFixture.with { daemon in
            let script = try daemon.write("echo \"hello from $0 $1\"; exec sleep 1000\n", to: "script")
            try daemon.run("start", "script", "--interpreter", "bash", "--", "one").check()
            #expect(daemon.logs("hello from \(script) one", "script"))
            #expect(try daemon.describe("script").text("interpreter") == "bash")
        }
    }

    @Test func theWorkingDirectoryIsTheShellsOrTheFlags() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("here", flags: ["--autorestart", "never"], "--print-cwd")
            try daemon.start("there", flags: ["--autorestart", "never", "--cwd", "h"], "--print-cwd")
            #expect(daemon.logs("cwd \(daemon.folder)", "here"))
            #expect(daemon.logs("cwd \(daemon.home)", "there"))
        }
    }

    @Test func aBareEnvNameTakesTheShellsValue() throws {
        try DaemonFixture.with { daemon in
            daemon.environment["NODE_ENV"] = "production"
            try daemon.start(
                "env",
                flags: ["--autorestart", "never", "--env", "NODE_ENV", "--env", "A=b=c"],
                "--print-env"
            )
            #expect(daemon.logs("env NODE_ENV=production", "env"))
            #expect(daemon.logs("env A=b=c", "env"))
            let unset = try daemon.startResult("unset", flags: ["--env", "NOT_SET_ANYWHERE"], ["--run-forever"])
            #expect(unset.status == 64)
            #expect(unset.stdout.contains("NOT_SET_ANYWHERE"))
        }
    }

    @Test func waitReturnsWhenOnlineForMinUptime() throws {
        try DaemonFixture.with { daemon in
            let (_, took) = try time {
                try daemon.start("good", flags: ["--wait", "--min-uptime", "400ms"], "--run-forever")
            }
            #expect(took >= .milliseconds(400))
            let bad = try daemon.startResult("bad", flags: ["--wait", "--autorestart", "never"], ["--exit", "3"])
            #expect(bad.status == 1)
            #expect(bad.stdout.contains("exited with code 3"))
        }
    }

    static let impossible: [(flags: [String], target: String, says: [String])] = [
        ([], "./no-such-program", ["no-such-program", "does not exist"]),
        ([], "no-such-program-on-path", ["no-such-program-on-path", "PATH"]),
        ([], "./h", ["/h", "is a directory"]),
        ([], "./plain.txt", ["plain.txt", "not executable"]),
        (["--cwd", "no/such/folder"], "/bin/true", ["no/such/folder", "working directory"]),
        (["--interpreter", "no-such-interpreter"], "./plain.txt", ["no-such-interpreter", "interpreter"]),
        (["--interpreter", "bash"], "./no-such-script", ["no-such-script"]),
    ]

    @Test(arguments: impossible.indices)
    func whatCannotBeStartedIsOneLineAndRegistersNothing(_ index: Int) throws {
        let (flags, target, says) = Self.impossible[index]
        try DaemonFixture.with { daemon in
            try daemon.write("text", to: "plain.txt")
            let result = try daemon.run(["start"] + flags + [target])
            #expect(result.status == 1)
            #expect(result.stderr.split(separator: "\n").count == 1, "\(result)")
            for word in says { #expect(result.stderr.contains(word), "\(result)") }
            #expect(try daemon.list().isEmpty)
            let json = try daemon.run(["start", "--json"] + flags + [target])
            #expect(json.status == 1)
            #expect(try json.json().keys == ["error"])
        }
    }

    static let badFlags: [(flag: String, value: String, allowed: String)] = [
        ("--autorestart", "maybe", "on-failure"), ("--restart-delay", "-5s", "500ms"),
        ("--restart-delay", "5", "500ms"),
        ("--max-log-size", "abc", "10M"), ("--max-log-size", "-1M", "10M"), ("--max-restarts", "-1", "whole number"),
        ("--max-restarts", "many", "whole number"), ("--min-uptime", "soon", "500ms"),
        ("--max-delay", "1 day", "500ms"),
        ("--kill-timeout", "x", "500ms"), ("--kill-signal", "SIGNOPE", "SIGINT"), ("--kill-signal", "99", "SIGINT"),
        ("--restart-on-exit", "256", "255"), ("--no-restart-on-exit", "1,x", "255"), ("--env", "=x", "KEY=VALUE"),
        ("--name", "../../escape", "A-Z"), ("--name", "all", "all"), ("--name", "42", "number"), ("--name", "", "64"),
        ("--name", String(repeating: "x", count: 65), "64"), ("--name", "a b", "A-Z"), ("--name", ".hidden", "letter"),
    ]

    @Test(arguments: badFlags.indices)
    func aBadFlagValueIsAUsageErrorThatSaysWhatIsAllowed(_ index: Int) throws {
        let (flag, value, allowed) = Self.badFlags[index]
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let result = try daemon.run("start", "/bin/true", flag, value)
            #expect(result.status == 64, "\(result)")
            // As a fault of a file: its place first.
            #expect(result.stderr.hasPrefix("gopm: \(flag): "), "\(result)")
            #expect(result.stderr.contains(allowed), "\(result)")
            #expect(daemon.daemonPID == nil)
        }
    }
}
