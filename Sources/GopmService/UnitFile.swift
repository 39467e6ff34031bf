import CUnits

/// The units that gopm writes: a text of `Units/` with its placeholders filled in.
package enum UnitFile: Sendable, CaseIterable {
    case system
    case user
    case mcp

    /// What goes into the placeholders.
    package struct Values: Sendable, Hashable {
        /// From where systemd starts the programs.
        package var binaries: String
        /// Where the programs really are.
        package var programs: String
        /// `$GOPM_HOME` of the service.
        package var home: String
        package var user: String

        package init(binaries: String, programs: String, home: String, user: String) {
            self.binaries = binaries
            self.programs = programs
            self.home = home
            self.user = user
        }
    }

    private var template: String {
        switch self {
        case .system: String(cString: gopm_unit_of_system())
        case .user: String(cString: gopm_unit_of_user())
        case .mcp: String(cString: gopm_unit_of_mcp())
        }
    }

    /// The text of the unit.
    ///
    /// Comments about the template itself stay: they say what to do with the file.
    package func text(_ values: Values) -> String {
        // Only in assignments: the first comment speaks of the placeholders.
        template.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("#") ? String(line) : UnitFile.fill(line, values)
        }.joined(separator: "\n")
    }

    private static func fill(_ line: Substring, _ values: Values) -> String {
        String(line).replacing("@BINDIR@", with: escaped(values.binaries))
            .replacing("@PROGRAMS@", with: escaped(values.programs))
            .replacing("@HOME@", with: escaped(values.home))
            .replacing("@USER@", with: escaped(values.user))
    }

    /// `%` begins a specifier (systemd.unit(5)).
    private static func escaped(_ text: String) -> String {
        text.replacing("%", with: "%%")
    }

    static func unescaped(_ text: String) -> String {
        text.replacing("%%", with: "%")
    }

    /// Whether a path can stand between quotes in every assignment: systemd gives quotes, backslashes and dollars a
    /// meaning that differs between assignments, and a line end begins another one.
    package static func canHold(_ path: String) -> Bool {
        !path.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f || "\"'\\$".unicodeScalars.contains($0) }
    }
}
