/// Lays JSON text out for people.
package enum JSONFormatter {
    /// The text with each member and element on a line of its own, as Go's `json.MarshalIndent` with two spaces does.
    ///
    /// Empty arrays and objects stay `[]` and `{}`, numbers and strings stay as they are, and there is no newline at
    /// the end. `text` must be valid JSON; of anything else it makes something of no use, but nothing worse.
    package static func indented(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 2)
        text.withUnsafeBufferPointer { indent($0, into: &output) }
        return output
    }

    private static func indent(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
        var depth = 0
        func startLine() {
            output.append(ASCII.newline)
            // The bound keeps the output of a text that no reader would accept from growing with its square.
            output.append(contentsOf: repeatElement(ASCII.space, count: 2 * min(depth, JSONLimits.greatestDepth)))
        }
        var offset = 0
        while offset < text.count {
            let byte = text[offset]
            switch byte {
            case ASCII.quote:
                let end = text.endOfString(at: offset)
                output.append(contentsOf: UnsafeBufferPointer(rebasing: text[offset..<end]))
                offset = end
                continue
            case ASCII.openBracket, ASCII.openBrace:
                output.append(byte)
                let next = text[(offset + 1)...].firstIndex { !$0.isWhitespace } ?? text.endIndex
                if next < text.count, text[next] == byte + 2 {  // "]" and "}" come two after "[" and "{"
                    output.append(text[next])
                    offset = next
                } else {
                    depth += 1
                    startLine()
                }
            case ASCII.closeBracket, ASCII.closeBrace:
                depth = max(0, depth - 1)
                startLine()
                output.append(byte)
            case ASCII.comma:
                output.append(byte)
                startLine()
            case ASCII.colon:
                output.append(byte)
                output.append(ASCII.space)
            default:
                if !byte.isWhitespace { output.append(byte) }
            }
            offset += 1
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The offset after the closing quote of the string that starts at `start`, or `count`.
    fileprivate func endOfString(at start: Int) -> Int {
        var offset = start + 1
        while true {
            offset = endOfUnescapedRun(from: offset)
            guard offset < count else { return count }
            switch self[offset] {
            case ASCII.quote: return offset + 1
            case ASCII.backslash: offset += 2
            default: offset += 1
            }
        }
    }
}
