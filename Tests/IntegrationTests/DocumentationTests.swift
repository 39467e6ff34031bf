import Glibc
import GopmTestSupport
import Testing

/// The manual pages and the completion scripts are what the programs say today, and work.
@Suite(.daemonLog)
struct DocumentationTests {
    /// `make man` brings the committed files up to date.
    @Test func whatIsCommittedIsWhatTheProgramsSay() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try python(["\(Repository.folder)/Documentation/generate", Programs.folder, daemon.folder], daemon).check()
            for folder in ["Documentation/manual", "Completions"] {
                let made = TestFiles.names(in: "\(daemon.folder)/\(folder)")
                #expect(TestFiles.names(in: "\(Repository.folder)/\(folder)") == made, "\(folder)")
                for name in made {
                    let committed = TestFiles.text("\(Repository.folder)/\(folder)/\(name)")
                    let isSame = committed == TestFiles.text("\(daemon.folder)/\(folder)/\(name)")
                    #expect(isSame, "\(folder)/\(name) is out of date: make man")
                }
            }
        }
    }

    @Test func manualPagesAreClean() throws {
        let pages = TestFiles.names(in: "\(Repository.folder)/Documentation/manual")
        #expect(pages.count >= 6)
        try DaemonFixture.with(startsDaemon: false) { daemon in
            for page in pages {
                let text = TestFiles.text("\(Repository.folder)/Documentation/manual/\(page)")
                let path = try daemon.write(text.replacing("@DATE@", with: "2026-01-01"), to: page)
                let lint = try daemon.command("/usr/bin/mandoc", ["-Tlint", path])
                #expect(lint.stdout.isEmpty && lint.status == 0, "\(lint)")
                let shown = try daemon.command("/usr/bin/mandoc", ["-Tutf8", "-Owidth=78", path]).check()
                #expect(shown.stdout.contains("SEE ALSO") || shown.stdout.contains("S\u{8}SE\u{8}E"), "\(page)")
            }
        }
    }

    /// Tab in real shells, see `completion.py`.
    @Test(arguments: ["bash", "bash-completion", "zsh", "fish"])
    func tabCompletes(in shell: String) throws {
        try DaemonFixture.with { daemon in
            // Ids 0 to 10; the names that are hard for shells are among them.
            let names = ["api", "worker", "web:1", "w@x+y", "1st", "p5", "p6", "p7", "p8", "p9", "night.job"]
            let apps = names.map { "{\"name\":\"\($0)\",\"command\":\"sleep\",\"args\":[\"1000\"]}" }
            try daemon.write("[\(apps.joined(separator: ","))]", to: "all.json")
            try daemon.run("start", "all.json").check()
            try daemon.run("stop", "night.job").check()
            #expect(eventually { TestFiles.text(daemon.dump).contains("\"stopped\"") })
            let script = "\(Repository.folder)/Tests/scripts/completion.py"
            try python([script, shell, Programs.folder, "\(daemon.folder)/shell"], daemon).check()
        }
    }

    /// Completion must not wake what sleeps, nor say what went wrong.
    @Test func completionStartsNoDaemonAndIsSilent() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            for kind in ["processes", "startable", "nonsense"] {
                let answer = try daemon.run("__complete", kind, "").check()
                #expect(answer.stdout.isEmpty && answer.stderr.isEmpty)
            }
            mkdir(daemon.home, 0o700)
            try daemon.write("{\"torn", to: "h/dump.json")
            let answer = try daemon.run("__complete", "processes").check()
            #expect(answer.stdout.isEmpty && answer.stderr.isEmpty)
            // A name from outside that would act in a shell or on a terminal is left out.
            let bad =
                #"[{"id":1,"name":"$(reboot)"},{"id":2,"name":"\u001b[2J"},{"id":3,"name":"fine","command":"\tx\ny"}]"#
            try daemon.write(bad, to: "h/dump.json")
            #expect(try daemon.run("__complete", "processes").check().stdout == "fine\t\\tx\\ny\n")
            #expect(daemon.daemons.isEmpty)
        }
    }

    private func python(_ words: [String], _ daemon: DaemonFixture) throws -> CommandResult {
        try daemon.command("/usr/bin/python3", words)
    }
}
