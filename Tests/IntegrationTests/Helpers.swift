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
