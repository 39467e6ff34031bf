import Glibc
import GopmSystem
import Testing

@testable import GopmService

@Suite struct UnitFileTests {
    private let values = UnitFile.Values(
        binaries: "/usr/local/bin",
        programs: "/opt/gopm 100%/bin",
        home: "/home/de ploy/.gopm",
        user: "deploy"
    )

    @Test(arguments: UnitFile.allCases)
    func everyPlaceholderIsFilled(_ unit: UnitFile) {
        let assignments = unit.text(values).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(assignments.count > 10)
        for line in assignments { #expect(!line.contains("@"), "\(line)") }
    }

    /// systemd-analyze exits with 0 also for a misspelt key, so what counts is that it has nothing to say.
    @Test(arguments: UnitFile.allCases)
    func systemdHasNothingToSay(_ unit: UnitFile) throws {
        var template = Array("/tmp/gopm-unit-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { _ = try? CommandRun.run("rm", ["-r", folder], deadline: .seconds(10)) }
        // systemd looks whether the programs are there.
        for program in ["gopm", "gopmd", "gopm-mcp"] { symlink("/bin/true", "\(folder)/\(program)") }
        let user = try #require(UserAccount.find(uid: getuid()))
        let filled = UnitFile.Values(binaries: folder, programs: folder, home: "\(folder)/a b%", user: user.name)
        let path = "\(folder)/\(unit == .mcp ? "gopm-mcp" : "gopm").service"
        try FileSystem.replace(path, with: Array(unit.text(filled).utf8), isDurable: false)
        // A user's systemd has a folder for what is of this login.
        let arguments =
            ["XDG_RUNTIME_DIR=\(folder)", "systemd-analyze", "verify", "--man=no"] + (unit == .user ? ["--user"] : [])
            + [path]
        let verified = try CommandRun.run("env", arguments, deadline: .seconds(30))
        #expect(verified.standardError == "" && verified.status == 0)
        // And it would have had something to say.
        let wrong = unit.text(filled).replacing("[Service]", with: "[Service]\nKilMode=process")
        try FileSystem.replace(path, with: Array(wrong.utf8), isDurable: false)
        let refused = try CommandRun.run("env", arguments, deadline: .seconds(30))
        #expect(refused.standardError.contains("KilMode"))
    }

    /// A command that meets the death of gopmd waits half a second at most.
    ///
    /// systemd gathers what is due within 250 ms, so its restarts come up to that much later than the unit says, and then a
    /// gopmd with many programs has to start.
    @Test(arguments: [UnitFile.system, .user])
    func theNextDaemonComesSoon(_ unit: UnitFile) throws {
        let line = try #require(unit.text(values).split(separator: "\n").first { $0.hasPrefix("RestartSec=") })
        let delay = try #require(line.hasSuffix("ms") ? Int(line.dropFirst(11).dropLast(2)) : nil)
        #expect(delay <= 50)
    }

    @Test func whatWasWrittenIsRead() throws {
        let unit = try #require(ServiceUnit(text: UnitFile.system.text(values), path: "/x", scope: .system))
        #expect(unit.home == values.home && unit.user == "deploy" && unit.programs == values.programs)
        let ofUser = try #require(ServiceUnit(text: UnitFile.user.text(values), path: "/x", scope: .user))
        #expect(ofUser.home == values.home && ofUser.user == nil)
    }

    @Test func anothersUnitIsNotRead() {
        let foreign = "[Service]\nExecStart=/usr/local/bin/gopm daemon\nUser=deploy\nEnvironment=\"GOPM_HOME=/x\"\n"
        #expect(ServiceUnit(text: foreign, path: "/x", scope: .system) == nil)
    }

    @Test func pathsThatNoUnitCanHold() {
        for path in ["/a\"b", "/a\\b", "/a$b", "/a\nb", "/a'b"] { #expect(!UnitFile.canHold(path), "\(path)") }
        #expect(UnitFile.canHold("/home/de ploy/ü/100%"))
    }
}
