/// Where the values of an object's members stand in its text, found without building them.
///
/// A client passes the `data` of a reply on as it is. The text is checked as strictly as by `JSONValue.parse`: the same
/// objects are accepted.
package struct JSONSlices: Sendable {
    package struct Member: Sendable, Hashable {
        package let key: String

        /// The bytes of the value in the text, white space around it left out.
        package let range: Range<Int>
    }

    /// In source order, duplicates included.
    package let members: [Member]

    /// Finds the members of the one object that `bytes` hold.
    package init(_ bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            try JSONSlices(bytes, limits: limits)
        }
    }

    /// The same for bytes that need not outlive the call.
    package init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = .default) throws(JSONError) {
        var scanner = try JSONScanner(bytes, limits: limits)
        guard scanner.peek() == ASCII.openBrace else { throw scanner.unexpected("an object", code: .notAnObject) }
        var members: [Member] = []
        var hasMore = try scanner.open(.object)
        while hasMore {
            let key = scanner.text(of: try scanner.key())
            _ = scanner.peek()
            let start = scanner.offset
            try scanner.skipValue()
            members.append(Member(key: key, range: start..<scanner.offset))
            hasMore = try scanner.next(in: .object)
        }
        try scanner.finish()
        self.members = members
    }

    /// The range of the last member with this key.
    package subscript(key: String) -> Range<Int>? {
        members.last { $0.key.hasSameBytes(as: key) }?.range
    }
}

extension JSONScanner {
    /// Consumes one value, checked in full; recurses at most as deep as the limits allow.
    mutating func skipValue() throws(JSONError) {
        switch peek() {
        case ASCII.quote: _ = try string()
        case ASCII.openBracket:
            var hasMore = try open(.array)
            while hasMore {
                try skipValue()
                hasMore = try next(in: .array)
            }
        case ASCII.openBrace:
            var hasMore = try open(.object)
            while hasMore {
                _ = try key()
                try skipValue()
                hasMore = try next(in: .object)
            }
        default: _ = try scalar()
        }
    }
}
