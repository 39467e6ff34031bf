package import Glibc

/// Files of tests, small and whole.
package enum TestFiles {
    package static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// Of the repository.
    package static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
    /// Checked-in data of tests.
    package static let fixtures = root + "/Tests/Fixtures"
    package static let documentation = root + "/Documentation"

    package static func text(_ path: String) -> String {
        String(decoding: read(path) ?? [], as: UTF8.self)
    }

    package static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    package static func write(_ content: [UInt8], to path: String, mode: mode_t) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw TestFailure("cannot write \(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var bytes = content[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw TestFailure("cannot write \(path)") }
            bytes = bytes.dropFirst(count)
        }
    }

    /// The names in a folder, sorted.
    package static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// `nil` if there is nothing of that name.
    package static func mode(_ path: String) -> mode_t? {
        status(path).map { $0.st_mode & 0o7777 }
    }

    package static func size(_ path: String) -> Int? {
        status(path).map { Int($0.st_size) }
    }

    package static func exists(_ path: String) -> Bool { status(path) != nil }

    package static func target(of link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink(link, &buffer, buffer.count)
        return length < 0 ? nil : String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Removes a folder with all that is in it.
    package static func removeAll(_ path: String) {
        if let status = status(path), status.st_mode & S_IFMT == S_IFDIR {
            chmod(path, 0o700)
            for name in names(in: path) { removeAll("\(path)/\(name)") }
            rmdir(path)
        } else {
            unlink(path)
        }
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }
}

/// Where the programs under test are: beside the tests.
package enum Programs {
    package static let folder: String = {
        let own = TestFiles.target(of: "/proc/self/exe") ?? ""
        // `swift test` runs the tests in a tool of its own, which is told where they are.
        let told = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? own
        guard let whole = realpath(told, nil) else { return "." }
        defer { free(whole) }
        let tests = String(cString: whole)
        return String(tests[..<(tests.lastIndex(of: "/") ?? tests.startIndex)])
    }()

    /// Where those of gopm are, if not beside the tests: `GOPM_TEST_PROGRAMS`.
    package static let product = getenv("GOPM_TEST_PROGRAMS").map { String(cString: $0) } ?? folder

    package static var gopm: String { "\(product)/gopm" }
    package static var gopmd: String { "\(product)/gopmd" }
    package static var mcp: String { "\(product)/gopm-mcp" }
    package static var testapp: String { "\(folder)/testapp" }
}
