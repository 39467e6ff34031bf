package import GopmJSON

/// The part of JSON Schema that tools need: what a value may be, for clients to read and for us to check.
package indirect enum Schema: Sendable, Hashable {
    case string(allowed: [String] = [])
    case integer(ClosedRange<Int>)
    case number
    case boolean
    case array(of: Schema)
    /// An object with any keys, all of whose values are of one kind.
    case map(of: Schema)
    case object([Property], isClosed: Bool)
    case anything

    package struct Property: Sendable, Hashable {
        package var name: String
        package var schema: Schema
        package var description: String
        package var isRequired: Bool

        package init(_ name: String, _ schema: Schema, _ description: String, isRequired: Bool = false) {
            self.name = name
            self.schema = schema
            self.description = description
            self.isRequired = isRequired
        }
    }

    /// Arguments of a tool: what is not named is refused.
    package static func arguments(_ properties: Property...) -> Schema { .object(properties, isClosed: true) }

    /// A result: later versions may add to it.
    package static func result(_ properties: Property...) -> Schema { .object(properties, isClosed: false) }
}

// MARK: - As JSON Schema 2020-12

extension Schema {
    package func encode(into json: inout JSONWriter, description: String = "") {
        json.object { json in
            switch self {
            case .string(let allowed):
                json.member("type", "string")
                if !allowed.isEmpty { json.member("enum", allowed) }
            case .integer(let range):
                json.member("type", "integer")
                if range.lowerBound > Int.min { json.member("minimum", range.lowerBound) }
                if range.upperBound < Int.max { json.member("maximum", range.upperBound) }
            case .number: json.member("type", "number")
            case .boolean: json.member("type", "boolean")
            case .array(let element):
                json.member("type", "array")
                json.member("items") { element.encode(into: &$0) }
            case .map(let value):
                json.member("type", "object")
                json.member("additionalProperties") { value.encode(into: &$0) }
            case .object(let properties, let isClosed):
                encode(properties, isClosed: isClosed, into: &json)
            case .anything: break
            }
            if !description.isEmpty { json.member("description", description) }
        }
    }

    private func encode(_ properties: [Property], isClosed: Bool, into json: inout JSONWriter) {
        json.member("type", "object")
        json.member("properties") { json in
            json.object { json in
                for property in properties {
                    json.member(property.name) {
                        property.schema.encode(into: &$0, description: property.description)
                    }
                }
            }
        }
        let required = properties.filter(\.isRequired).map(\.name)
        if !required.isEmpty { json.member("required", required) }
        if isClosed { json.member("additionalProperties", false) }
    }
}

// MARK: - Checking

extension Schema {
    /// Everything that is wrong with a value, each fault with its place and with what is allowed.
    package func faults(of value: JSONValue, at path: JSONPath = .root) -> [String] {
        func wrong(_ expected: String) -> [String] {
            ["\(path): expected \(expected), found \(value.kindName)"]
        }
        switch self {
        case .anything: return []
        case .string(let allowed):
            guard let text = value.stringValue else { return wrong("a string") }
            if allowed.isEmpty || allowed.contains(text) { return [] }
            return ["\(path): \"\(text)\" is not allowed (\(allowed.joined(separator: ", ")))"]
        case .integer(let range):
            guard let number = value.integerValue else { return wrong("a whole number") }
            return range.contains(Int(number))
                ? [] : ["\(path): \(number) is out of range (\(range.lowerBound) to \(range.upperBound))"]
        case .number: return value.doubleValue == nil ? wrong("a number") : []
        case .boolean: return value.boolValue == nil ? wrong("true or false") : []
        case .array(let element):
            guard let values = value.arrayValue else { return wrong("a list") }
            return values.enumerated().flatMap { element.faults(of: $1, at: path[$0]) }
        case .map(let element):
            guard let object = value.objectValue else { return wrong("an object") }
            return object.members.flatMap { element.faults(of: $0.value, at: path[$0.key]) }
        case .object(let properties, let isClosed):
            guard let object = value.objectValue else { return wrong("an object") }
            return Schema.faults(of: object, properties, isClosed: isClosed, at: path)
        }
    }

    private static func faults(
        of object: JSONObject,
        _ properties: [Property],
        isClosed: Bool,
        at path: JSONPath
    ) -> [String] {
        var faults: [String] = []
        for property in properties {
            if let value = object[property.name] {
                faults += property.schema.faults(of: value, at: path[property.name])
            } else if property.isRequired {
                faults.append("\(path[property.name]): missing (\(property.description))")
            }
        }
        guard isClosed else { return faults }
        let known = Set(properties.map(\.name))
        let allowed = properties.isEmpty ? "none" : properties.map(\.name).joined(separator: ", ")
        for member in object.members where !known.contains(member.key) {
            faults.append("\(path[member.key]): unknown argument (allowed: \(allowed))")
        }
        for key in object.duplicateKeys { faults.append("\(path[key]): stands there twice") }
        return faults
    }
}
