import GopmClient
import GopmCommandLine
import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Replaces gopm by another program of the family.
enum HelperProgram {
    /// Executes the first one found; returns only if there is none.
    ///
    /// As git does, only "not found" moves on to the next place; a program that is there and can't be executed is
    /// reported.
    static func execute(_ name: String, _ arguments: [String]) {
        // The name comes from a user's word and becomes part of a path.
        guard name.utf8.allSatisfy({ $0 != UInt8(ascii: "/") && $0 > 0x20 }) else { return }
        signal(SIGPIPE, SIG_DFL)
        for path in ToolPath.candidates(name) {
            var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
            execv(path, &words)
            let error = Errno.last
            for word in words { free(word) }
            guard error == .noSuchFileOrDirectory || error == .notDirectory else {
                let failure = CommandFailure(.failed, ["cannot execute \(path): \(error.words)"])
                CommandRunner.report(failure, program: "gopm", wantsJSON: arguments.contains("--json"))
            }
        }
        signal(SIGPIPE, SIG_IGN)
    }
}
