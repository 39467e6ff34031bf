package import GopmJSON
package import GopmTerminal

/// What commands write: answers to standard output, everything else to standard error.
///
/// Text that comes from outside is made harmless here or where it is composed (``DisplayText``).
package enum Console {
    package static func out(_ line: String) {
        write(1) { $0.append(line + "\n") }
    }

    package static func error(_ line: String) {
        write(2) { $0.append(line + "\n") }
    }

    package static func out(_ table: Table) {
        write(1) { $0.append(table.rendered(for: 1)) }
    }

    /// Writes text that is for programs, as it is.
    package static func text(_ bytes: [UInt8]) {
        write(1) { $0.append(bytes) }
    }

    /// Writes JSON text, indented; with `--json` it is all that goes to standard output.
    package static func json(_ text: [UInt8]) {
        write(1) { writer in
            writer.append(JSONFormatter.indented(text))
            writer.append("\n")
        }
    }

    package static func json(_ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        body(&writer)
        json(writer.bytes)
    }

    /// A text in a colour, where standard output wants colours.
    package static func styled(_ text: String, _ style: Style) -> String {
        style.applied(to: text, colour: Terminal.wantsColour(1))
    }

    private static func write(_ descriptor: Int32, _ body: (inout OutputWriter) -> Void) {
        var writer = OutputWriter(descriptor: descriptor)
        body(&writer)
        writer.flush()
    }
}
