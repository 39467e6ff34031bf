import CLinux
import Glibc

/// A terminal that is drawn on: keys come one by one, the cursor is hidden, the other screen is shown.
///
/// It is given back as it was on every way out: ``leave()``, exit(3), a signal, a crash of ours.
package final class TerminalSession {
    package enum Kind: Sendable {
        /// Ctrl-C and Ctrl-Z stay signals.
        case viewer
        /// Every key is ours, and the mouse and pasted text, too.
        case application
    }

    package enum Failure: Error, Sendable, Hashable {
        case noTerminal
        /// `TERM=dumb`, or a `TERM` that says nothing: it can't move the cursor.
        case cannotMoveCursor
        case system(errno: Int32)
    }

    private static let input: Int32 = 0
    private static let output: Int32 = 1
    private let kind: Kind
    private let signals: Int32

    /// The descriptors to wait for.
    package let keyDescriptor = TerminalSession.input
    package var signalDescriptor: Int32 { signals }

    /// Enters the terminal of standard input and output.
    package init(_ kind: Kind) throws(Failure) {
        guard Terminal.isTerminal(Self.input), Terminal.isTerminal(Self.output) else { throw .noTerminal }
        let term = getenv("TERM").map { String(cString: $0) } ?? ""
        guard !term.isEmpty, term != "dumb" else { throw .cannotMoveCursor }
        self.kind = kind
        signals = gopm_terminal_signals()
        guard signals >= 0 else { throw .system(errno: errno) }
        try enter()
    }

    private func enter() throws(Failure) {
        // The other screen, no cursor; button and wheel events in SGR form, pasted text in brackets (xterm's ctlseqs).
        let mouse = kind == .application
        let begin = "\u{1b}[?1049h\u{1b}[?25l" + (mouse ? "\u{1b}[?1000h\u{1b}[?1006h\u{1b}[?2004h" : "")
        let end = (mouse ? "\u{1b}[?2004l\u{1b}[?1006l\u{1b}[?1000l" : "") + "\u{1b}[0m\u{1b}[?25h\u{1b}[?1049l"
        let mode = mouse ? GOPM_TERMINAL_RAW : GOPM_TERMINAL_KEYS
        guard gopm_terminal_enter(Self.input, Self.output, mode, begin, end) == 0 else {
            throw .system(errno: errno)
        }
    }

    deinit {
        gopm_terminal_leave()
        close(signals)
    }

    package func leave() {
        gopm_terminal_leave()
    }

    /// Leaves and ends the process by a signal, so that a shell sees what ended it.
    package func end(bySignal number: Int32) -> Never {
        gopm_end_by_signal(number)
    }

    /// Gives the terminal to the shell until we are continued; all must be drawn anew then.
    package func suspend() {
        gopm_terminal_leave()
        gopm_stop_self()
        try? enter()
    }

    /// Signals that came; does not wait.
    package func nextSignal() -> Int32? {
        let number = gopm_next_terminal_signal(signals)
        return number > 0 ? number : nil
    }

    /// What was typed; does not wait if ``keyDescriptor`` is readable.
    ///
    /// - Returns: Empty when the terminal is gone.
    package func readKeys() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(Self.input, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            return Array(buffer.prefix(max(count, 0)))
        }
    }

    /// The size now; 80 by 24 for a terminal that doesn't know.
    package var size: Terminal.Size {
        Terminal.size(Self.output) ?? Terminal.Size(columns: 80, rows: 24)
    }

    /// Writes all of it.
    ///
    /// - Returns: Whether the terminal is still there.
    package func write(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return true }
        var writer = OutputWriter(descriptor: Self.output)
        writer.append(bytes)
        return writer.flush() == .open
    }
}
