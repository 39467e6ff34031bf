/// Walks over JSON text token by token and is the one place that knows the grammar (RFC 8259).
///
/// `JSONValue.parse` builds values from what it finds, `JSONSlices` only remembers where they are, so both accept the
/// same texts. Every read is bounded by `bytes.count`.
struct JSONScanner {
    enum Container {
        case array
        case object
    }

    let bytes: UnsafeBufferPointer<UInt8>
    private(set) var offset = 0
    private var depth = 0
    private let limits: JSONLimits

    /// Throws if the text is over the size limit or starts with a byte order mark.
    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) throws(JSONError) {
        self.bytes = bytes
        self.limits = limits
        guard bytes.count <= limits.size else {
            throw fault(.tooLarge, at: 0, "the text has \(bytes.count) bytes, more than the \(limits.size) allowed")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw fault(.byteOrderMark, at: 0, "the text starts with a byte order mark; save it as UTF-8 without BOM")
        }
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
            throw fault(.byteOrderMark, at: 0, "the text is UTF-16; save it as UTF-8 without BOM")
        }
    }

    /// The first byte of the next token, not consumed; 0, which starts no token, at the end of the text.
    @inline(__always)
    mutating func peek() -> UInt8 {
        var index = offset
        while index < bytes.count, bytes[index].isWhitespace {
            index += 1
        }
        offset = index
        return index < bytes.count ? bytes[index] : 0
    }

    mutating func advance(to newOffset: Int) {
        offset = newOffset
    }

    /// Consumes the opening bracket under the cursor; false if the container is empty, which is then consumed whole.
    mutating func open(_ container: Container) throws(JSONError) -> Bool {
        guard depth < limits.depth else {
            throw fault(.tooDeep, at: offset, "arrays and objects are nested more than \(limits.depth) deep")
        }
        offset += 1
        guard peek() != container.closingByte else {
            offset += 1
            return false
        }
        depth += 1
        return true
    }

    /// Consumes what follows an element: true after a comma, false after the closing bracket.
    mutating func next(in container: Container) throws(JSONError) -> Bool {
        switch peek() {
        case ASCII.comma:
            let comma = offset
            offset += 1
            guard peek() != container.closingByte else {
                throw fault(.unexpectedCharacter, at: comma, "no ',' may stand before \(container.closingName)")
            }
            return true
        case container.closingByte:
            offset += 1
            depth -= 1
            return false
        default:
            throw unexpected("',' or \(container.closingName) after \(container.elementName)")
        }
    }

    /// Consumes the key of a member and the colon after it.
    mutating func key() throws(JSONError) -> StringToken {
        guard peek() == ASCII.quote else { throw unexpected("a key in double quotes") }
        let key = try string()
        guard peek() == ASCII.colon else { throw unexpected("':' after a key") }
        offset += 1
        return key
    }

    /// Consumes a number, `true`, `false` or `null`.
    mutating func scalar() throws(JSONError) -> JSONValue {
        switch peek() {
        case ASCII.minus, ASCII.zero...ASCII.nine: return try number()
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        default: throw unexpected("a value")
        }
    }

    /// Throws unless only white space is left.
    mutating func finish() throws(JSONError) {
        _ = peek()
        guard offset == bytes.count else {
            throw fault(.trailingText, at: offset, "expected nothing after the value, found \(bytes.found(at: offset))")
        }
    }

    private mutating func literal(_ word: StaticString) throws(JSONError) {
        for expected in UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount) {
            guard offset < bytes.count, bytes[offset] == expected else { throw unexpected("'\(word)'") }
            offset += 1
        }
    }

    /// The error for a cursor that does not stand on what was `expected`.
    @inline(never)
    func unexpected(_ expected: String, code: JSONError.Code = .unexpectedCharacter) -> JSONError {
        fault(
            offset < bytes.count ? code : .unexpectedEnd,
            at: offset,
            "expected \(expected), found \(bytes.found(at: offset))"
        )
    }

    @inline(never)
    func fault(_ code: JSONError.Code, at offset: Int, _ reason: String) -> JSONError {
        JSONError(code, at: offset, of: bytes, reason)
    }
}

extension JSONScanner.Container {
    fileprivate var closingByte: UInt8 { self == .array ? ASCII.closeBracket : ASCII.closeBrace }
    fileprivate var closingName: String { self == .array ? "']'" : "'}'" }
    fileprivate var elementName: String { self == .array ? "an element" : "a member" }
}
