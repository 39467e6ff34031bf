/// Reads the values of options.
enum Values {
    static func text(_ text: String) -> String { text }

    static func count(_ text: String) throws(UsageError) -> Int { try number(text, in: 0...(.max)) }
    static func rate(_ text: String) throws(UsageError) -> Int { try number(text, in: 1...1_000_000_000) }
    static func exitCode(_ text: String) throws(UsageError) -> Int32 { try number(text, in: 0...255) }
    static func port(_ text: String) throws(UsageError) -> UInt16 { try number(text, in: 0...(.max)) }

    /// Room for ten digits and the newline.
    static func lineSize(_ text: String) throws(UsageError) -> Int {
        let size = try size(text)
        guard size > NumberedLines.digits else { throw UsageError(message: "'\(text)' is less than 11") }
        return size
    }

    /// `4096`, `64K`, `10MB`; K, M, G are powers of 1024, with or without B or iB, in any case.
    static func size(_ text: String) throws(UsageError) -> Int {
        let digits = text.prefix(while: \.isNumber)
        let factors = ["": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
        var unit = text.dropFirst(digits.count).lowercased()
        for ending in ["ib", "b"] where unit.count > ending.count && unit.hasSuffix(ending) {
            unit.removeLast(ending.count)
            break
        }
        guard let number = Int(digits), let factor = factors[unit] else {
            throw UsageError(message: "'\(text)' is not a size like 4096, 64K or 10MB")
        }
        let (size, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw UsageError(message: "'\(text)' is too large") }
        return size
    }

    /// `500ms`, `2s`, `1m30s`, `1.5h`; `0` alone needs no unit.
    static func duration(_ text: String) throws(UsageError) -> Duration {
        if text == "0" { return .zero }
        let units: [Substring: Double] = ["us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3_600]
        var total = Duration.zero
        var rest = text[...]
        repeat {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix(while: \.isLetter)
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), number < 1e9, let seconds = units[unit] else {
                throw UsageError(message: "'\(text)' is not a duration like 500ms, 2s or 1m30s")
            }
            total += .seconds(number * seconds)
        } while !rest.isEmpty
        return total
    }

    /// A duration to be passed on as it is written.
    static func durationText(_ text: String) throws(UsageError) -> String {
        _ = try duration(text)
        return text
    }

    private static func number<Number: FixedWidthInteger>(
        _ text: String,
        in range: ClosedRange<Number>
    ) throws(UsageError) -> Number {
        guard let number = Number(text), range.contains(number) else {
            throw UsageError(message: "'\(text)' is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
