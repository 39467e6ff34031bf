/// One JSON value, with integers kept exact.
///
/// A number without fraction and exponent that fits is an `integer`; every other number is a `double`, so `1.0` and
/// `1e3` are doubles. Two strings are equal as Swift's strings are (by canonical equivalence); members of an object are
/// looked up by their exact bytes, see `JSONObject`.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    package var isNull: Bool { self == .null }

    package var boolValue: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The integer, or nil for anything else, `.double(1)` included.
    package var integerValue: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    /// The number; an integer beyond ±2^53 is rounded to the nearest double.
    package var doubleValue: Double? {
        switch self {
        case .double(let value): value
        case .integer(let value): Double(value)
        case .null, .bool, .string, .array, .object: nil
        }
    }

    package var stringValue: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var arrayValue: [JSONValue]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    package var objectValue: JSONObject? {
        guard case .object(let value) = self else { return nil }
        return value
    }

    /// The value of an object's last member with this key; nil if there is none or this is not an object.
    package subscript(key: String) -> JSONValue? { objectValue?[key] }

    /// The kind in plain words, as in "must be a string, not a number".
    package var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer, .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
