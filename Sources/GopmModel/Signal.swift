/// A Linux signal, by its number on every architecture that Swift runs on (signal(7); not MIPS, Alpha, SPARC).
package struct Signal: Sendable, Hashable {
    /// What a signal is, for refusals in flags and files.
    package static let rule = "a signal (such as SIGINT or 2)"

    /// 1 to 64.
    package var number: Int32

    package init(number: Int32) {
        self.number = number
    }

    /// Reads `SIGTERM`, `TERM`, `sigterm` or `15`; `nil` for what is no signal.
    package init?(_ text: String) {
        // Outside ASCII there are letters whose upper case is one of ours.
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        if let number = Signal.number(text) {
            guard (1...64).contains(number) else { return nil }
            self.number = number
            return
        }
        let upper = text.uppercased()
        let bare = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
        if bare.hasPrefix("RTMIN+"), let offset = Signal.number(bare.dropFirst(6)), (0...30).contains(offset) {
            number = 34 + offset
            return
        }
        guard let index = Signal.names.firstIndex(of: bare), index > 0 else { return nil }
        number = Int32(index)
    }

    /// A number of digits alone.
    private static func number(_ text: some StringProtocol) -> Int32? {
        text.utf8.allSatisfy { $0.decimalDigit != nil } ? Int32(text) : nil
    }

    /// `SIGTERM`; real-time signals print as `SIGRTMIN+n` counted from 34, the first that glibc leaves to programs, and
    /// the two before it, which have no name, as numbers.
    package var name: String {
        if number > 0, number < Signal.names.count { return "SIG" + Signal.names[Int(number)] }
        return number >= 34 && number <= 64 ? "SIGRTMIN+\(number - 34)" : "\(number)"
    }

    package static let interrupt = Signal(number: 2)
    package static let kill = Signal(number: 9)
    package static let terminate = Signal(number: 15)

    /// `SIGHUP` to `SIGSYS`.
    package static var allNames: [String] { names.dropFirst().map { "SIG" + $0 } }

    /// Index is the number; index 0 is not a signal.
    private static let names = [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM",
        "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH",
        "IO", "PWR",
        "SYS",
    ]
}
