import Glibc
import GopmSystem
import Testing

@Suite struct CommandRunTests {
    @Test func outputErrorAndStatusArrive() throws {
        let run = try CommandRun.run("sh", ["-c", "echo out; echo err >&2; exit 3"], deadline: .seconds(10))
        #expect(run.status == 3 && run.output == "out\n" && run.standardError == "err\n")
        #expect(try CommandRun.run("sh", ["-c", "kill -TERM $$"], deadline: .seconds(10)).status == -SIGTERM)
    }

    @Test func moreOutputThanAPipeHolds() throws {
        let run = try CommandRun.run("head", ["-c", "300000", "/dev/zero"], deadline: .seconds(10))
        #expect(run.output.utf8.count == 300_000)
    }

    @Test func whatIsOverTheLimitIsCut() throws {
        let run = try CommandRun.run("head", ["-c", "300000", "/dev/zero"], deadline: .seconds(10), limit: 100_000)
        #expect(run.output.utf8.count == 100_000 && run.isCut)
        #expect(try !CommandRun.run("head", ["-c", "9", "/dev/zero"], deadline: .seconds(10), limit: 9).isCut)
    }

    @Test func onlyTheDescriptorThatIsMeantIsInherited() throws {
        let other = open("/dev/zero", O_RDONLY)
        let meant = open("/etc/passwd", O_RDONLY | O_CLOEXEC)
        defer { for descriptor in [other, meant] { close(descriptor) } }
        let script = "readlink /proc/$$/fd/3; ls /proc/$$/fd"
        let run = try CommandRun.run("sh", ["-c", script], deadline: .seconds(10), inherited: meant)
        #expect(run.output == "/etc/passwd\n0\n1\n2\n3\n")
        let alone = try CommandRun.run("sh", ["-c", "ls /proc/$$/fd"], deadline: .seconds(10))
        #expect(alone.output == "0\n1\n2\n")
    }

    /// Also one that has closed its outputs.
    @Test(arguments: ["exec sleep 100", "exec >&- 2>&-; exec sleep 100"])
    func theDeadlineKills(_ command: String) {
        let begun = Clock.boot
        let error = #expect(throws: SystemError.self) {
            try CommandRun.run("sh", ["-c", command], deadline: .milliseconds(100))
        }
        #expect(error.map { "\($0)".hasSuffix(": connection timed out") } == true)
        #expect(Clock.boot - begun < 20_000_000_000)
    }

    @Test func aMissingProgramIsNamed() {
        let error = #expect(throws: SystemError.self) {
            try CommandRun.run("no-such-program", [], deadline: .seconds(1))
        }
        #expect(error.map { "\($0)" } == "cannot find no-such-program: no such file or directory")
    }
}

@Suite struct UserAccountTests {
    @Test func knownUsersAreFound() {
        #expect(UserAccount.find("root")?.uid == 0)
        #expect(UserAccount.find(uid: 0)?.directory == "/root")
    }

    @Test(arguments: ["", "no-such-user", "--help", "-s", "root:x", "root\nUser=x", "ro ot", "%H", "../x"])
    func othersAreNot(_ name: String) {
        #expect(UserAccount.find(name) == nil)
    }

    @Test func aFileIsReadByNameThenByNumber() {
        let file = Array("a:x:7:8::/home/a:/bin/sh\nbad:x\n7:x:9:9:,,:/home/seven:\nrelative:x:3:3::home:\n".utf8)
        #expect(UserAccount.inFile(file, "a") == UserAccount(line: "a:x:7:8::/home/a:"))
        #expect(UserAccount.inFile(file, "7")?.uid == 9)
        #expect(UserAccount.inFile(file, "9")?.name == "7")
        #expect(UserAccount.inFile(file, "relative") == nil && UserAccount.inFile(file, "bad") == nil)
    }
}
