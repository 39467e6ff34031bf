import GopmTestSupport
import Testing

/// `version.txt` is what every program says it is.
@Suite struct VersionTests {
    @Test(arguments: ["gopm", "gopmd", "gopm-logs"])
    func everyProgramHasTheVersionOfTheRepository(_ program: String) throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        let wanted = TestFiles.text("\(root)/version.txt")
        #expect(wanted.split(separator: ".").count == 3 && wanted.hasSuffix("\n"))
        let result = try RunningCommand("\(Programs.folder)/\(program)", ["--version"], environment: [:], folder: "/")
            .finish().check()
        #expect(result.stdout.hasSuffix(wanted), "\(result.stdout)")
    }
}
