import GopmJSON
import GopmTestSupport
import Testing

@Suite(.daemonLog)
struct AutoStartTests {
    @Test func thirtyFirstCommandsAtOnceGiveOneDaemonAndThirtyAnswers() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let commands = try (0..<30).map { _ in try daemon.begin(["list", "--json"]) }
            let results = try commands.map { try $0.finish() }
            #expect(
                results.allSatisfy { $0.status == 0 && $0.stdout == "[]\n" },
                "\(results.filter { $0.status != 0 })"
            )
            let daemons = daemon.daemons
            #expect(daemons.count == 1 && daemons.first == daemon.daemonPID)
        }
    }

    @Test func thirtyStartsOfOneNameAtOnceGiveOneProcessAndTwentyNineErrors() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let words = ["start", Programs.testapp, "--name", "web", "--", "--run-forever", "--marker", daemon.folder]
            let commands = try (0..<30).map { _ in try daemon.begin(words) }
            let results = try commands.map { try $0.finish() }
            #expect(results.count { $0.status == 0 } == 1)
            #expect(
                results.count { $0.status == 1 && $0.stderr.contains("\"web\" exists already") } == 29,
                "\(results)"
            )
            #expect(try daemon.list().count == 1)
            #expect(daemon.programs.count == 1)
        }
    }

    @Test(arguments: ["list", "ping", "save", "resurrect", "export"])
    func everyCommandThatNeedsTheDaemonStartsIt(_ command: String) throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try daemon.run(command).check()
            #expect(daemon.daemonPID != nil)
            #expect(TestFiles.mode(daemon.home) == 0o700)
        }
    }

    @Test func aHomeThatCannotBeMadeIsSaidAtOnce() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try daemon.write("", to: "file")
            daemon.environment["GOPM_HOME"] = "\(daemon.folder)/file/home"
            let (result, took) = try time { try daemon.run("list") }
            #expect(result.status == 69 && result.stderr.contains("\(daemon.folder)/file/home"), "\(result)")
            #expect(took < .seconds(3))
            #expect(try daemon.run("list", "--json").json().keys == ["error"])
        }
    }

    @Test func aSocketPathThatIsTooLongIsSaidAtOnce() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            daemon.environment["GOPM_HOME"] = "\(daemon.folder)/" + String(repeating: "x", count: 100)
            let (result, took) = try time { try daemon.run("list") }
            #expect(
                result.status == 69 && result.stderr.contains("107") && result.stderr.contains("GOPM_HOME"),
                "\(result)"
            )
            #expect(took < .seconds(3))
        }
    }

    @Test func aBrokenConfigIsSaidAtOnceWithItsPath() throws {
        try DaemonFixture.with(startsDaemon: false, config: #"{"logs": {"max_files": "three"}}"#) { daemon in
            let (result, took) = try time { try daemon.run("list") }
            #expect(
                result.status == 69 && result.stderr.contains("gopm.config.json")
                    && result.stderr.contains("logs.max_files"),
                "\(result)"
            )
            #expect(took < .seconds(3))
            try TestFiles.write("{}", to: "\(daemon.home)/gopm.config.json")
            try daemon.run("list").check()
        }
    }

    @Test func aConfigFlagThatNamesNothingIsAnError() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let result = try daemon.run("list", "--config", "nowhere.json")
            #expect(result.status == 69 && result.stderr.contains("nowhere.json"), "\(result)")
        }
    }

    @Test func aDeadDaemonsSocketDoesNotKeepTheNextFromStarting() throws {
        try DaemonFixture.with { daemon in
            let first = try #require(daemon.daemonPID)
            daemon.crashDaemon()
            #expect(try eventually { try daemon.run("ping").status == 0 })
            #expect(daemon.daemonPID != first && daemon.daemons.count == 1)
        }
    }
}
