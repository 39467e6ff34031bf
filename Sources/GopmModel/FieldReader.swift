package import GopmJSON

/// What is wrong with one value of a JSON document.
package struct Fault: Sendable, Hashable, CustomStringConvertible {
    /// For example `apps[2].min_uptime`; empty for the document itself.
    package var path: String
    /// What was found and what is allowed.
    package var message: String

    package init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

/// Takes typed fields out of a JSON object and collects every fault with its path, so that one pass over a bad file
/// reports all that is wrong with it.
///
/// An absent field and a field that is `null` read as `nil`; a field of the wrong type reads as `nil` and leaves a fault.
package struct FieldReader {
    package private(set) var faults: [Fault] = []
    /// Faults of one object that are told: a megabyte of wrong values would else become a hundred of them.
    private static let faultLimit = 100
    /// Faults of values that were passed over because of ``toleratesValues``.
    package private(set) var remarks: [Fault] = []
    /// Whether a value of the right type that is not allowed reads as absent and leaves a remark instead of a fault: in
    /// a saved list one such value must not cost all the rest.
    var toleratesValues = false
    private let object: JSONObject
    private let path: JSONPath
    /// Every key that was asked for, some of them more than once: a set would cost more than all the rest.
    private var asked: [String] = []

    package init(_ object: JSONObject, at path: JSONPath = JSONPath.root) {
        self.object = object
        self.path = path
    }

    /// The field as it stands, `nil` if absent or null.
    package mutating func value(_ key: String) -> JSONValue? {
        asked.append(key)
        guard let value = object[key], value != .null else { return nil }
        return value
    }

    /// Whether the field stands in the object, even as `null`.
    package mutating func isPresent(_ key: String) -> Bool {
        asked.append(key)
        return object[key] != nil
    }

    /// Whether the field stands in the object and is not `null`.
    mutating func hasValue(_ key: String) -> Bool {
        value(key) != nil
    }

    package mutating func string(_ key: String, expecting: String = "a string") -> String? {
        typed(key, expecting) { $0.stringValue }
    }

    package mutating func bool(_ key: String) -> Bool? {
        typed(key, "true or false") { $0.boolValue }
    }

    package mutating func integer(_ key: String, in range: ClosedRange<Int> = Int.min...Int.max) -> Int? {
        guard let value = typed(key, "a whole number", { $0.wholeNumber }) else { return nil }
        guard let number = Int(exactly: value), range.contains(number) else {
            fault(key, "\(value) is out of range (\(range.lowerBound) to \(range.upperBound))")
            return nil
        }
        return number
    }

    package mutating func object(_ key: String) -> JSONObject? {
        typed(key, "an object") { $0.objectValue }
    }

    package mutating func strings(_ key: String) -> [String]? {
        guard let values = typed(key, "a list of strings", { $0.arrayValue }) else { return nil }
        var result: [String] = []
        for (index, value) in values.enumerated() where faults.count < FieldReader.faultLimit {
            if let text = value.stringValue {
                result.append(text)
            } else {
                addFault(path[key][index], "expected a string, found \(value.kindName)")
            }
        }
        return result
    }

    /// A map of names to strings, such as `env`; numbers and booleans are taken as their text, as shells would.
    package mutating func environment(_ key: String) -> [String: String]? {
        guard let object = object(key) else { return nil }
        var result: [String: String] = [:]
        for name in object.duplicateKeys.prefix(FieldReader.faultLimit) {
            addFault(path[key][name], "the variable stands here twice")
        }
        for member in object.members where faults.count < FieldReader.faultLimit {
            let place = path[key][member.key]
            if member.key.isEmpty || member.key.utf8.contains(UInt8(ascii: "=")) || member.key.utf8.contains(0) {
                addFault(place, "a variable's name cannot be empty or hold \"=\"")
            }
            switch member.value {
            case .string(let text):
                if text.utf8.contains(0) { addFault(place, "a variable cannot hold a NUL character") }
                result[member.key] = text
            case .integer(let number): result[member.key] = String(number)
            case .bool(let flag): result[member.key] = String(flag)
            default: addFault(place, "expected a string, found \(member.value.kindName)")
            }
        }
        return result
    }

    /// A duration such as `"1m30s"`.
    package mutating func duration(_ key: String) -> Duration? {
        guard let text = string(key, expecting: "a string such as \"5s\"") else { return nil }
        guard let duration = DurationText.parse(text) else {
            fault(key, "\"\(text)\" is not \(DurationText.rule)")
            return nil
        }
        return duration
    }

    /// A size of a log file, as text such as `"10M"` or as a number of bytes.
    package mutating func logSize(_ key: String) -> Int64? {
        guard let value = value(key) else { return nil }
        let bytes: Int64?
        switch value {
        case .string(let text): bytes = ByteSize.parse(text)
        default: bytes = value.wholeNumber
        }
        guard let bytes, ByteSize.logSizeRange.contains(bytes) else {
            fault(key, "\(value.shortText) is not \(ByteSize.logSizeRule)")
            return nil
        }
        return bytes
    }

    package mutating func signal(_ key: String) -> Signal? {
        guard let value = value(key) else { return nil }
        let signal: Signal?
        switch value {
        case .string(let text): signal = Signal(text)
        default: signal = value.wholeNumber.flatMap { Signal(String($0)) }
        }
        if signal == nil { fault(key, "\(value.shortText) is not \(Signal.rule)") }
        return signal
    }

    package mutating func exitCodes(_ key: String) -> [Int]? {
        guard let values = typed(key, "a list of exit codes", { $0.arrayValue }) else { return nil }
        var codes: [Int] = []
        for (index, value) in values.enumerated() where faults.count < FieldReader.faultLimit {
            if let code = value.wholeNumber, (0...255).contains(code) {
                codes.append(Int(code))
            } else {
                addValueFault(path[key][index], "\(value.shortText) is not an exit code (0 to 255)")
            }
        }
        return codes
    }

    /// Adds a fault of a value of this object.
    package mutating func fault(_ key: String, _ message: String) {
        addValueFault(path[key], message)
    }

    /// Adds a fault without which the object means nothing, such as a missing field.
    mutating func fatalFault(_ key: String, _ message: String) {
        addFault(path[key], message)
    }

    /// A reader for an object inside this one, of the same tolerance.
    package func nested(_ object: JSONObject, _ key: String) -> FieldReader {
        var reader = FieldReader(object, at: path[key])
        reader.toleratesValues = toleratesValues
        return reader
    }

    /// Takes over what a nested reader found.
    package mutating func add(_ nested: FieldReader) {
        faults += nested.faults
        remarks += nested.remarks
    }

    /// The fields that nobody asked for, in the object's order.
    var unknownKeys: [String] {
        let known = Set(asked)
        return object.members.map(\.key).filter { !known.contains($0) }
    }

    /// Adds a fault for every unknown and every doubled field.
    ///
    /// `instead`: What to write for fields that belong to other programs.
    package mutating func refuseUnknownKeys(instead: [String: String] = [:]) {
        let unknown = unknownKeys.prefix(FieldReader.faultLimit)
        let known = unknown.isEmpty ? "" : Set(asked).sorted().joined(separator: ", ")
        for key in unknown {
            addFault(path[key], "unknown field (\(instead[key].map { "here: \($0)" } ?? "known: \(known)"))")
        }
        for key in object.duplicateKeys.prefix(FieldReader.faultLimit) {
            addFault(path[key], "the field stands here twice")
        }
    }

    private mutating func typed<Value>(_ key: String, _ expected: String, _ take: (JSONValue) -> Value?) -> Value? {
        guard let value = value(key) else { return nil }
        if let result = take(value) { return result }
        addFault(path[key], "expected \(expected), found \(value.kindName)")
        return nil
    }

    private mutating func addValueFault(_ path: JSONPath, _ message: String) {
        if toleratesValues {
            remarks.append(Fault(path: path.description, message: message))
        } else {
            addFault(path, message)
        }
    }

    private mutating func addFault(_ path: JSONPath, _ message: String) {
        faults.append(Fault(path: path.description, message: message))
    }
}

extension JSONValue {
    /// An integer, also when it is written `5.0` or `1e3`, as JSON Schema has it.
    fileprivate var wholeNumber: Int64? {
        integerValue ?? doubleValue.flatMap { Int64(exactly: $0) }
    }

    /// The value as a fault names it: a scalar's text, else its kind.
    fileprivate var shortText: String {
        switch self {
        case .string(let text): "\"\(text)\""
        case .integer(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        default: kindName
        }
    }
}
