extension JSONWriter {
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .double(let value): double(value)
        case .string(let value): string(value)
        case .array(let elements):
            array { writer in
                for element in elements {
                    writer.value(element)
                }
            }
        case .object(let object):
            self.object { writer in
                for member in object.members {
                    writer.member(member.key, member.value)
                }
            }
        }
    }

    package mutating func member(_ key: String, _ value: JSONValue) {
        self.key(key)
        self.value(value)
    }

    package mutating func member(_ key: String, _ value: Bool) {
        self.key(key)
        bool(value)
    }

    package mutating func member(_ key: String, _ value: Int) {
        self.key(key)
        integer(value)
    }

    package mutating func member(_ key: String, _ value: some BinaryInteger) {
        self.key(key)
        integer(value)
    }

    package mutating func member(_ key: String, _ value: Double) {
        self.key(key)
        double(value)
    }

    package mutating func member(_ key: String, _ value: String) {
        self.key(key)
        string(value)
    }

    package mutating func member(_ key: String, raw value: some Collection<UInt8>) {
        self.key(key)
        raw(value)
    }

    /// Writes an array of strings.
    package mutating func member(_ key: String, _ values: [String]) {
        self.key(key)
        array { writer in
            for value in values {
                writer.string(value)
            }
        }
    }

    /// Writes a member whose one value `body` writes.
    package mutating func member(_ key: String, _ body: (inout JSONWriter) throws -> Void) rethrows {
        self.key(key)
        try body(&self)
    }
}

extension JSONValue {
    /// The value as compact JSON text.
    package var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}
