/// Why a text is not the JSON that was asked for, and where.
package struct JSONError: Error, Sendable, Hashable {
    package enum Code: Sendable, Hashable, CaseIterable {
        case unexpectedCharacter
        case unexpectedEnd
        /// Something other than white space follows the value.
        case trailingText
        case invalidNumber
        /// The number is beyond the range of a double.
        case numberOutOfRange
        /// A control character stands unescaped in a string.
        case controlCharacter
        case invalidEscape
        /// An escaped UTF-16 surrogate has no partner.
        case loneSurrogate
        case invalidUTF8
        case byteOrderMark
        case tooDeep
        case tooLarge
        /// The text may be JSON, but `JSONSlices` wants an object.
        case notAnObject
    }

    package let code: Code

    /// Bytes before the fault.
    package let offset: Int

    /// The line of the fault, from 1.
    package let line: Int

    /// The column of the fault in Unicode scalars, from 1.
    package let column: Int

    /// What is wrong, without the place, on one line.
    package let reason: String

    /// What is wrong and where, on one line: `line 3, column 14: expected ',' or '}' after a member, found 'x'`.
    package var message: String { "line \(line), column \(column): \(reason)" }

    init(_ code: Code, at offset: Int, of text: UnsafeBufferPointer<UInt8>, _ reason: String) {
        let before = text[..<offset]
        let lineStart = before.lastIndex(of: ASCII.newline).map { $0 + 1 } ?? 0
        self.code = code
        self.offset = offset
        self.line = before.count { $0 == ASCII.newline } + 1
        self.column = before[lineStart...].count { !$0.isUTF8Continuation } + 1
        self.reason = reason
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { message }
}

extension UnsafeBufferPointer<UInt8> {
    /// What stands at `offset`, in words fit for "found …", safe to print on a terminal.
    func found(at offset: Int) -> String {
        guard offset < count else { return "the end of the text" }
        let rest = self[offset...]
        let length = lengthOfUTF8Scalar(at: offset)
        guard let scalar = String(decoding: rest.prefix(length), as: UTF8.self).unicodeScalars.first else {
            return "byte 0x\(hexadecimal(self[offset], digits: 2))"
        }
        switch scalar {
        case "\n": return "the end of the line"
        case "'": return "a single quote (JSON has double quotes only)"
        case "/", "#": return "'\(scalar)' (JSON has no comments)"
        case _ where rest.starts(with: "NaN".utf8) || rest.starts(with: "Infinity".utf8):
            return "'\(scalar)' (JSON has no NaN or Infinity)"
        case _ where scalar.isInvisible: return "character U+\(hexadecimal(scalar.value, digits: 4))"
        default: return "'\(scalar)'"
        }
    }
}

extension Unicode.Scalar {
    /// True for what changes a line of output without being seen in it: controls, direction marks, breaks, odd spaces.
    var isInvisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        case .spaceSeparator: self != " "
        default: false
        }
    }
}

/// The number in upper-case hexadecimal with leading zeros.
func hexadecimal(_ number: some BinaryInteger, digits: Int) -> String {
    let text = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}
