/// Where a value stands in a document, printed the way people write it: `apps[2].min_uptime`.
///
///     let path = JSONPath.root["apps"][2]["min_uptime"]
package struct JSONPath: Sendable, Hashable {
    package enum Component: Sendable, Hashable {
        case key(String)
        case index(Int)
    }

    package var components: [Component]

    package static let root = JSONPath([])

    package init(_ components: [Component]) {
        self.components = components
    }

    package subscript(key: String) -> JSONPath { JSONPath(components + [.key(key)]) }
    package subscript(index: Int) -> JSONPath { JSONPath(components + [.index(index)]) }
}

extension JSONPath: CustomStringConvertible {
    /// One line without control characters, whatever the keys hold; the root prints as `top level`.
    package var description: String {
        guard !components.isEmpty else { return "top level" }
        var text = ""
        for component in components {
            switch component {
            case .index(let index): text += "[\(index)]"
            case .key(let key) where key.isSimpleIdentifier: text += text.isEmpty ? key : ".\(key)"
            case .key(let key): text += "[\"\(key.escapedForPeople)\"]"
            }
        }
        return text
    }
}

extension String {
    fileprivate var isSimpleIdentifier: Bool {
        guard let first = utf8.first, !first.isDigit else { return false }
        return utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            default: byte.isDigit
            }
        }
    }

    /// As in JSON text, with all that a terminal would act upon or not show escaped too.
    fileprivate var escapedForPeople: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case _ where scalar.isInvisible:
                for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                    text += "\\u\(hexadecimal(unit, digits: 4))"
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
