extension JSONValue {
    /// Reads one JSON text (RFC 8259) and nothing else: no comments, no byte order mark, only valid UTF-8.
    ///
    /// An integer outside `Int64` becomes the nearest double; a number outside the range of a double is an error.
    /// Duplicate keys are kept, see `JSONObject`.
    package static func parse(_ bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in try parse(bytes, limits: limits) }
    }

    /// Reads part of an array; offsets in errors count from the start of the slice.
    package static func parse(
        _ bytes: ArraySlice<UInt8>,
        limits: JSONLimits = .default
    ) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in try parse(bytes, limits: limits) }
    }

    /// Reads bytes that need not outlive the call.
    package static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>,
        limits: JSONLimits = .default
    ) throws(JSONError) -> JSONValue {
        var scanner = try JSONScanner(bytes, limits: limits)
        let value = try scanner.value()
        try scanner.finish()
        return value
    }

    /// Reads an array of objects, of which only the members with these keys are built; all the rest is checked as
    /// strictly and passed over.
    ///
    /// `keys`: Few; each member is compared with each of them.
    package static func parseObjects(
        _ bytes: [UInt8],
        keeping keys: [String],
        limits: JSONLimits = .default
    ) throws(JSONError) -> [JSONObject] {
        try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            var scanner = try JSONScanner(bytes, limits: limits)
            let objects = try scanner.objects(keeping: keys)
            try scanner.finish()
            return objects
        }
    }
}

extension JSONScanner {
    /// Consumes one value; recurses at most as deep as the limits allow.
    fileprivate mutating func value() throws(JSONError) -> JSONValue {
        switch peek() {
        case ASCII.quote: .string(text(of: try string()))
        case ASCII.openBracket: .array(try array())
        case ASCII.openBrace: .object(try object())
        default: try scalar()
        }
    }

    fileprivate mutating func objects(keeping keys: [String]) throws(JSONError) -> [JSONObject] {
        guard peek() == ASCII.openBracket else { throw unexpected("a list of objects", code: .notAnObject) }
        var objects: [JSONObject] = []
        var hasMore = try open(.array)
        while hasMore {
            guard peek() == ASCII.openBrace else { throw unexpected("an object", code: .notAnObject) }
            objects.append(try object(keeping: keys))
            hasMore = try next(in: .array)
        }
        return objects
    }

    private mutating func object(keeping keys: [String]) throws(JSONError) -> JSONObject {
        var members: [JSONObject.Member] = []
        var hasMore = try open(.object)
        while hasMore {
            let token = try key()
            if let key = keys.first(where: { isText(of: token, $0) }) {
                members.append(JSONObject.Member(key: key, value: try value()))
            } else {
                try skipValue()
            }
            hasMore = try next(in: .object)
        }
        return JSONObject(members)
    }

    private func isText(of token: StringToken, _ key: String) -> Bool {
        if token.hasEscapes { return text(of: token).hasSameBytes(as: key) }
        return token.range.count == key.utf8.count && bytes[token.range].elementsEqual(key.utf8)
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        var elements: [JSONValue] = []
        var hasMore = try open(.array)
        while hasMore {
            elements.append(try value())
            hasMore = try next(in: .array)
        }
        return elements
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        var members: [JSONObject.Member] = []
        var hasMore = try open(.object)
        while hasMore {
            let key = text(of: try key())
            members.append(JSONObject.Member(key: key, value: try value()))
            hasMore = try next(in: .object)
        }
        return JSONObject(members)
    }
}
