package import GopmJSON

/// What came of a program.
package struct CommandResult: CustomStringConvertible {
    package let words: [String]
    /// The exit code, or the negative number of the signal that ended it.
    package let status: Int32
    package let output: [UInt8]
    package let standardError: String

    package var stdout: String { String(decoding: output, as: UTF8.self) }
    package var stderr: String { standardError }

    package var lines: [String] { stdout.split(separator: "\n").map(String.init) }

    /// The cells of the table's rows, its heading first.
    package var table: [[String]] {
        lines.filter { $0.hasPrefix("│") }.map { line in
            line.split(separator: "│").map { $0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed() }.map {
                String($0)
            }
        }
    }

    /// Throws unless the program ended with 0.
    @discardableResult
    package func check() throws -> CommandResult {
        guard status == 0 else { throw TestFailure(description) }
        return self
    }

    /// Standard output, which must be one JSON text.
    package func json() throws -> JSONValue {
        do {
            return try JSONValue.parse(output)
        } catch {
            throw TestFailure("\(description)\nis no JSON: \(error)")
        }
    }

    package var description: String {
        "\(words.joined(separator: " ")) → \(status)\nstdout: \(stdout)\nstderr: \(stderr)"
    }
}

extension JSONValue {
    package subscript(index: Int) -> JSONValue? {
        guard let elements = arrayValue, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// A member's text; empty if it is absent or no string.
    package func text(_ key: String) -> String { self[key]?.stringValue ?? "" }

    /// A member that is a whole number; -999 if it is not.
    package func number(_ key: String) -> Int { self[key]?.integerValue.map { Int($0) } ?? -999 }

    package var pid: Int32 { Int32(truncatingIfNeeded: number("pid")) }

    package var keys: [String] { objectValue?.members.map(\.key) ?? [] }
}
