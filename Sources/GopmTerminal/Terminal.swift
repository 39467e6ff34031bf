import Glibc

/// What is known of the terminal behind a descriptor.
package enum Terminal {
    /// Columns and rows, each at least 1.
    package struct Size: Sendable, Hashable {
        package let columns: Int
        package let rows: Int

        package init(columns: Int, rows: Int) {
            self.columns = columns
            self.rows = rows
        }
    }

    /// Whether `descriptor` is a terminal (`isatty(3)`).
    package static func isTerminal(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1
    }

    /// The size of the terminal; nil when `descriptor` is none, or one that does not know its size (a serial line).
    package static func size(_ descriptor: Int32) -> Size? {
        var window = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
            return nil
        }
        return Size(columns: Int(window.ws_col), rows: Int(window.ws_row))
    }

    /// Whether colours should be written to `descriptor`.
    package static func wantsColour(_ descriptor: Int32) -> Bool {
        wantsColour(isTerminal: isTerminal(descriptor)) { name in
            getenv(name).map { String(cString: $0) }
        }
    }

    /// The rule for colours, of which the first line that applies decides.
    ///
    /// 1. `NO_COLOR` is set and not empty: no (no-color.org).
    /// 2. `CLICOLOR_FORCE` is set, not empty and not `0`: yes, even into a pipe (bixense.com/clicolors).
    /// 3. `TERM=dumb`: no.
    /// 4. On a terminal only.
    package static func wantsColour(isTerminal: Bool, environment: (String) -> String?) -> Bool {
        if let off = environment("NO_COLOR"), !off.isEmpty { return false }
        if let force = environment("CLICOLOR_FORCE"), !force.isEmpty, force != "0" { return true }
        return isTerminal && environment("TERM") != "dumb"
    }
}
