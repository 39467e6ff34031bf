import GopmJSON
import SeededRandom

func parse(_ text: String, limits: JSONLimits = .default) throws(JSONError) -> JSONValue {
    try JSONValue.parse(Array(text.utf8), limits: limits)
}

func fault(in bytes: [UInt8], limits: JSONLimits = .default) -> JSONError? {
    do throws(JSONError) {
        _ = try JSONValue.parse(bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}

func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

/// What `body` writes.
func written(_ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    body(&writer)
    return text(writer.bytes)
}

extension SeededGenerator {
    /// A random value, at most 6 deep; its numbers are such that they come back as the same kind.
    mutating func value(depth: Int = 0) -> JSONValue {
        switch Int.random(in: 0..<(depth < 6 ? 10 : 7), using: &self) {
        case 0: return pick([.null, true, false])
        case 1, 2: return .integer(chance(50) ? Int64(truncatingIfNeeded: next()) : .random(in: -99...99, using: &self))
        case 3: return .double(double())
        case 4, 5, 6: return .string(string())
        case 7, 8:
            var members: [JSONObject.Member] = []
            for _ in 0..<Int.random(in: 0...5, using: &self) {
                members.append(JSONObject.Member(key: string(), value: value(depth: depth + 1)))
            }
            return .object(JSONObject(members))
        default:
            var elements: [JSONValue] = []
            for _ in 0..<Int.random(in: 0...5, using: &self) {
                elements.append(value(depth: depth + 1))
            }
            return .array(elements)
        }
    }

    /// Any finite double with a fraction: without one it would be written, and read back, as an integer.
    private mutating func double() -> Double {
        while true {
            let value = chance(50) ? Double(bitPattern: next()) : .random(in: -1000...1000, using: &self)
            if value.isFinite, value.rounded() != value { return value }
        }
    }

    private mutating func string() -> String {
        var text = ""
        for _ in 0..<pick([0, 1, 3, 7, 8, 9, 15, 16, 17, 40]) {
            text.unicodeScalars.append(chance(60) ? "a" : pick(Self.scalars))
        }
        return text
    }

    private static let scalars: [Unicode.Scalar] = [
        "\"", "\\", "/", "\u{0}", "\u{8}", "\t", "\n", "\u{C}", "\r", "\u{1F}", "\u{7F}", "<", "é", "\u{301}", "日", "🎉",
        "\u{2028}", "\u{FEFF}", "\u{FFFF}", "\u{10FFFF}", "{", "}", "[", ":", ",", " ", "0", "z", "ß", "\u{80}",
    ]
}
