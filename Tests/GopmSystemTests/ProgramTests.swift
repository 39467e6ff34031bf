import GopmSystem
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct ProgramTests {
    /// Runs a body in a folder of its own, which is removed after it.
    private func inFolder(_ body: (Folder) throws -> Void) throws {
        let folder = try Folder()
        defer { folder.remove() }
        try body(folder)
    }

    /// What is resolved, or the code and sentence of the refusal.
    private func resolve(_ command: String, in folder: Folder, on path: String = "", isScript: Bool = false) -> Resolved
    {
        do throws(ProgramError) {
            let path = try Program.resolve(command, baseFolder: folder.path, searchPath: path, isScript: isScript)
            return .found(path)
        } catch {
            return .refused(error.code, "\(error)")
        }
    }

    enum Resolved: Hashable {
        case found(String)
        case refused(ProgramError.Code, String)

        var code: ProgramError.Code? { if case .refused(let code, _) = self { code } else { nil } }
    }

    @Test func pathsAreMadeAbsolute() throws {
        try inFolder { folder in
            try folder.make("bin/run", mode: 0o755)
            for command in ["bin/run", "./bin/run", "bin/../bin//run", folder.path + "/bin/run"] {
                #expect(resolve(command, in: folder) == .found(folder.path + "/bin/run"))
            }
        }
    }

    @Test func missingProgramIsNamed() throws {
        try inFolder { folder in
            #expect(resolve("./x", in: folder) == .refused(.missing, "program \(folder.path)/x does not exist"))
            try folder.make("file")
            #expect(resolve("file/x", in: folder).code == .missing)
        }
    }

    @Test func folderIsNoProgram() throws {
        try inFolder { folder in
            try folder.makeFolder("d")
            let refused = Resolved.refused(.isFolder, "program \(folder.path)/d is a directory")
            #expect(resolve("./d", in: folder) == refused)
            #expect(resolve("d", in: folder) == refused)
            #expect(resolve("d", in: folder, isScript: true) == refused)
        }
    }

    @Test func fileThatIsNotExecutable() throws {
        try inFolder { folder in
            try folder.make("x")
            let sentence = "program \(folder.path)/x is not executable (chmod +x it, or name its --interpreter)"
            #expect(resolve("./x", in: folder) == .refused(.notExecutable, sentence))
            #expect(resolve("x", in: folder) == .refused(.notExecutable, sentence))
            try folder.make("app.js")
            let script = "program \(folder.path)/app.js is not executable (chmod +x it, or name its --interpreter node)"
            #expect(resolve("app.js", in: folder) == .refused(.notExecutable, script))
        }
    }

    @Test func scriptNeedNotBeExecutableAndIsNoProgramOfThePath() throws {
        try inFolder { folder in
            try folder.make("s.py")
            try folder.make("bin/t.py", mode: 0o755)
            #expect(resolve("s.py", in: folder, isScript: true) == .found(folder.path + "/s.py"))
            #expect(resolve("t.py", in: folder, on: folder.path + "/bin", isScript: true).code == .missing)
        }
    }

    @Test func bareWordIsAFileHereFirstThenAProgramOfThePath() throws {
        try inFolder { folder in
            try folder.make("one/tool", mode: 0o755)
            try folder.make("two/tool", mode: 0o755)
            let path = "\(folder.path)/none:\(folder.path)/one:\(folder.path)/two"
            #expect(resolve("tool", in: folder, on: path) == .found(folder.path + "/one/tool"))
            try folder.make("tool", mode: 0o755)
            #expect(resolve("tool", in: folder, on: path) == .found(folder.path + "/tool"))
        }
    }

    @Test func whatCannotServeHereGivesWayToThePath() throws {
        try inFolder { folder in
            try folder.make("bin/node", mode: 0o755)
            try folder.make("bin/run", mode: 0o755)
            try folder.makeFolder("node")
            try folder.make("run")
            #expect(resolve("node", in: folder, on: folder.path + "/bin") == .found(folder.path + "/bin/node"))
            #expect(resolve("run", in: folder, on: folder.path + "/bin") == .found(folder.path + "/bin/run"))
        }
    }

    @Test func pathSkipsWhatIsNoProgramAndWhatIsRelative() throws {
        try inFolder { folder in
            try folder.makeFolder("a/tool")
            try folder.make("b/tool")
            try folder.make("c/tool", mode: 0o755)
            let path = ":.:c:\(folder.path)/a:\(folder.path)/b:\(folder.path)/c:"
            #expect(Program.find("tool", on: path) == folder.path + "/c/tool")
            #expect(Program.find("other", on: path) == nil)
        }
    }

    @Test func wordThatIsNowhere() throws {
        try inFolder { folder in
            let sentence = #"program "ghost" is neither a file here nor on PATH"#
            #expect(resolve("ghost", in: folder, on: "/nonexistent") == .refused(.notOnPath, sentence))
            #expect(resolve("ghost", in: folder).code == .notOnPath)
        }
    }

    @Test func linksAreFollowed() throws {
        try inFolder { folder in
            try folder.make("real", mode: 0o755)
            try folder.link("good", to: "real")
            try folder.link("broken", to: "gone")
            #expect(resolve("./good", in: folder) == .found(folder.path + "/good"))
            #expect(resolve("./broken", in: folder).code == .missing)
        }
    }

    @Test func loopOfLinksIsNoQuestionOfPermission() throws {
        try inFolder { folder in
            try folder.link("loop", to: "loop")
            guard case .refused(_, let sentence) = resolve("./loop", in: folder) else {
                Issue.record("resolved a loop")
                return
            }
            #expect(!sentence.contains("permission"))
        }
    }

    @Test func fifoIsNoProgram() throws {
        try inFolder { folder in
            try folder.makeFifo("fifo")
            #expect(resolve("./fifo", in: folder).code == .notExecutable)
        }
    }
}

// MARK: - Interpreters

extension ProgramTests {
    private func interpreter(_ name: String, in folder: Folder) -> Resolved {
        do throws(ProgramError) {
            return .found(try Program.interpreter(name, baseFolder: folder.path, searchPath: folder.path + "/bin"))
        } catch {
            return .refused(error.code, "\(error)")
        }
    }

    @Test func interpreterIsAPathOrAProgramOfThePath() throws {
        try inFolder { folder in
            try folder.make("bin/node", mode: 0o755)
            #expect(interpreter("node", in: folder) == .found(folder.path + "/bin/node"))
            #expect(interpreter("bin/node", in: folder) == .found(folder.path + "/bin/node"))
            // Unlike a program, a bare word is no file of this folder.
            try folder.make("deno", mode: 0o755)
            #expect(
                interpreter("deno", in: folder)
                    == .refused(.interpreterNotOnPath, #"interpreter "deno" is not found on PATH"#)
            )
        }
    }

    @Test func interpreterWithAPathIsNotSaidToBeMissingOnPath() throws {
        try inFolder { folder in
            try folder.make("bin/node")
            guard case .refused(.interpreter, let sentence) = interpreter("bin/node", in: folder) else {
                Issue.record("not refused")
                return
            }
            #expect(sentence.contains("bin/node"))
            #expect(!sentence.contains("on PATH"))
        }
    }
}

/// A temporary folder; it keeps count of what it made, to remove it.
private final class Folder {
    let path: String
    private var made: [String] = []

    init() throws {
        var template = Array("/tmp/gopm-program.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(path: "/tmp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    struct Failure: Error {
        let path: String
    }

    func makeFolder(_ name: String) throws {
        var full = path
        for part in name.split(separator: "/") {
            full += "/\(part)"
            if mkdir(full, 0o755) == 0 { made.append(full) } else if errno != EEXIST { throw Failure(path: full) }
        }
    }

    /// Makes a file, and the folders above it.
    func make(_ name: String, mode: mode_t = 0o644) throws {
        if let slash = name.lastIndex(of: "/") { try makeFolder(String(name[..<slash])) }
        let descriptor = open("\(path)/\(name)", O_CREAT | O_WRONLY | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Failure(path: name) }
        close(descriptor)
        made.append("\(path)/\(name)")
    }

    func link(_ name: String, to target: String) throws {
        guard symlink(target, "\(path)/\(name)") == 0 else { throw Failure(path: name) }
        made.append("\(path)/\(name)")
    }

    func makeFifo(_ name: String) throws {
        guard mkfifo("\(path)/\(name)", 0o777) == 0 else { throw Failure(path: name) }
        made.append("\(path)/\(name)")
    }

    func remove() {
        for path in made.reversed() { _ = Glibc.remove(path) }
        rmdir(path)
    }
}
