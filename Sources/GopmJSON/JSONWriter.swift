/// Appends compact JSON text to an array of bytes and puts the commas where they belong.
///
///     var writer = JSONWriter()
///     writer.object { writer in
///         writer.member("id", 7)
///         writer.member("args") { $0.array { $0.string("-c") } }
///     }
///
/// It trusts its caller with the grammar: keys only inside `object`, one value after each key.
package struct JSONWriter: Sendable {
    /// What was written so far.
    package internal(set) var bytes: [UInt8] = []

    /// True after a value: what comes next in the same container starts with a comma.
    ///
    /// One flag is enough for all depths, since a closed container is a value of the one around it.
    private var needsComma = false

    package init(reservingCapacity capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Writes `{…}`; `body` writes the members.
    package mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        open(ASCII.openBrace)
        try body(&self)
        close(ASCII.closeBrace)
    }

    /// Writes `[…]`; `body` writes the elements.
    package mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
        open(ASCII.openBracket)
        try body(&self)
        close(ASCII.closeBracket)
    }

    /// Writes the key of a member; its value comes next.
    package mutating func key(_ key: String) {
        appendQuoted(key, isKey: true)
        needsComma = false
    }

    package mutating func null() { raw("null".utf8) }

    package mutating func bool(_ value: Bool) { raw(value ? "true".utf8 : "false".utf8) }

    package mutating func string(_ text: String) {
        appendQuoted(text, isKey: false)
        needsComma = true
    }

    /// Writes bytes from outside as a string, with U+FFFD in place of what is not valid UTF-8.
    package mutating func string(lossyUTF8 bytes: some Collection<UInt8>) {
        string(String(decoding: bytes, as: UTF8.self))
    }

    /// Writes one value that is JSON text already.
    package mutating func raw(_ text: some Collection<UInt8>) {
        appendComma()
        bytes.append(contentsOf: text)
        needsComma = true
    }

    /// Forgets what was written but keeps the memory, for the next text.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }
}

extension JSONWriter {
    private mutating func open(_ bracket: UInt8) {
        appendComma()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    /// Appends one value or key of at most `capacity` bytes, after the comma if one is due.
    ///
    /// Room is made once for all of them, not byte by byte: most of the speed of short strings and numbers.
    @inline(__always)
    mutating func append(atMost capacity: Int, _ fill: (inout OutputSpan<UInt8>) -> Void) {
        bytes.append(addingCapacity: capacity + 1) { output in
            if needsComma { output.append(ASCII.comma) }
            fill(&output)
        }
    }

    @inline(__always)
    mutating func appendValue(atMost capacity: Int, _ fill: (inout OutputSpan<UInt8>) -> Void) {
        append(atMost: capacity, fill)
        needsComma = true
    }

    private mutating func appendComma() {
        if needsComma { bytes.append(ASCII.comma) }
    }
}

extension OutputSpan<UInt8> {
    @inline(__always)
    mutating func append(contentsOf text: UnsafeBufferPointer<UInt8>) {
        withUnsafeMutableBufferPointer { buffer, count in
            count = buffer[count...].initialize(fromContentsOf: text)
        }
    }
}
