import CLinux
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Finds what `start` is to execute.
///
/// A word with a slash is a path. A bare word is a file of the base folder if there is one that can serve, else a
/// program of the search path. This is what people from PM2 expect of `gopm start server`.
package enum Program {
    ///
    /// `baseFolder`: Where relative paths begin; absolute.
    ///
    /// `searchPath`: A `PATH`, folders separated by colons.
    ///
    /// `isScript`: Whether an interpreter will read it, so that it need not be executable and is no program of the path.
    ///
    /// Returns an absolute path of a file that exists and may be executed (or read, for a script).
    package static func resolve(
        _ command: String,
        baseFolder: String,
        searchPath: String,
        isScript: Bool
    ) throws(ProgramError) -> String {
        let direct = PathText.normalized(command, relativeTo: baseFolder)
        if command.contains("/") || isScript {
            try check(direct, isScript: isScript)
            return direct
        }
        let first = Result { () throws(ProgramError) in try check(direct, isScript: false) }
        if case .success = first { return direct }
        if let found = find(command, on: searchPath) { return found }
        // A file that is there but can't serve says more than "not found".
        if case .failure(let error) = first, error.code != .missing { throw error }
        throw ProgramError(code: .notOnPath, path: command)
    }

    /// Looks a bare word up on a search path.
    package static func find(_ name: String, on searchPath: String) -> String? {
        for folder in searchPath.split(separator: ":") where folder.hasPrefix("/") {
            let candidate = "\(folder)/\(name)"
            if (try? check(candidate, isScript: false)) != nil { return candidate }
        }
        return nil
    }

    /// Finds an interpreter: a path, or a word on the search path.
    package static func interpreter(_ name: String, baseFolder: String, searchPath: String) throws(ProgramError)
        -> String
    {
        if name.contains("/") {
            let path = PathText.normalized(name, relativeTo: baseFolder)
            do throws(ProgramError) {
                try check(path, isScript: false)
            } catch {
                throw ProgramError(code: .interpreter(error.code), path: path)
            }
            return path
        }
        guard let found = find(name, on: searchPath) else {
            throw ProgramError(code: .interpreterNotOnPath, path: name)
        }
        return found
    }

    private static func check(_ path: String, isScript: Bool) throws(ProgramError) {
        var info = stat()
        guard stat(path, &info) == 0 else {
            throw ProgramError(code: errno == ENOENT || errno == ENOTDIR ? .missing : .unreachable(.last), path: path)
        }
        if info.st_mode & S_IFMT == S_IFDIR { throw ProgramError(code: .isFolder, path: path) }
        guard info.st_mode & S_IFMT == S_IFREG else { throw ProgramError(code: .notExecutable, path: path) }
        guard access(path, isScript ? R_OK : X_OK) == 0 else {
            throw ProgramError(code: isScript ? .unreadable : .notExecutable, path: path)
        }
    }
}

/// Why a program can't be started, in one line.
package struct ProgramError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        case missing, notOnPath, isFolder, notExecutable, unreadable, interpreterNotOnPath, workingDirectory
        case unreachable(Errno)
        /// Why the file that was named as interpreter can't be one.
        indirect case interpreter(Code)
    }

    package var code: Code
    package var path: String

    package init(code: Code, path: String) {
        self.code = code
        self.path = path
    }

    package var description: String {
        switch code {
        case .missing: "program \(path) does not exist"
        case .notOnPath where path.contains(" "):
            "program \"\(path)\" is neither a file here nor on PATH (arguments go after --, in a file into args)"
        case .notOnPath: "program \"\(path)\" is neither a file here nor on PATH"
        case .isFolder: "program \(path) is a directory"
        case .notExecutable:
            "program \(path) is not executable (chmod +x it, or name its --interpreter\(likelyInterpreter))"
        case .unreadable: "script \(path) cannot be read (permission denied)"
        case .unreachable(let errno): "program \(path) cannot be reached (\(errno.words))"
        case .interpreter(.missing): "interpreter \(path) does not exist"
        case .interpreter(.isFolder): "interpreter \(path) is a directory"
        case .interpreter: "interpreter \(path) is not executable"
        case .interpreterNotOnPath: "interpreter \"\(path)\" is not found on PATH"
        case .workingDirectory: "working directory \(path) is not there, or no directory"
        }
    }

    /// What usually reads files of this kind, as an example.
    private var likelyInterpreter: String {
        let kinds = [".js": "node", ".cjs": "node", ".mjs": "node", ".py": "python3", ".sh": "bash", ".rb": "ruby"]
        return kinds.first { path.hasSuffix($0.key) }.map { " \($0.value)" } ?? ""
    }
}
