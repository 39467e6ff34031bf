import Glibc
import GopmJSON
import GopmTestSupport

/// What `kill -9` does.
func kill9(_ pid: Int32) {
    if pid > 0 { kill(pid, SIGKILL) }
}

extension StringProtocol {
    /// The whole numbers in a text, in order.
    var numbers: [Int] {
        split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    }
}

extension DaemonFixture {
    /// Runs a program in the test's folder and environment.
    func command(_ program: String, _ words: [String]) throws -> CommandResult {
        try RunningCommand(program, words, environment: environment, folder: folder).finish()
    }
}

/// Where the sources are.
enum Repository {
    static let folder = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
}
