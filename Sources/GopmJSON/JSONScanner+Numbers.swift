extension JSONScanner {
    /// Consumes the number under the cursor: `.integer` if it has no fraction or exponent and fits, else `.double`.
    ///
    /// A double is the one nearest to the text. Throws if that would be infinite.
    mutating func number() throws(JSONError) -> JSONValue {
        let start = offset
        let isNegative = bytes[start] == ASCII.minus
        if isNegative { advance(to: start + 1) }

        var significand = Significand()
        let firstDigit = offset
        try digits(into: &significand, after: "'-'")  // without a sign the first digit is there
        guard bytes[firstDigit] != ASCII.zero || offset == firstDigit + 1 else {
            throw fault(.invalidNumber, at: firstDigit, "a number may not start with a zero before other digits")
        }

        var isInteger = true
        if consume(ASCII.point) {
            isInteger = false
            let integerDigits = significand.digitCount
            try digits(into: &significand, after: "'.'")
            significand.exponent = integerDigits - significand.digitCount
        }
        if consume(UInt8(ascii: "e")) || consume(UInt8(ascii: "E")) {
            isInteger = false
            let isSmall = consume(ASCII.minus)
            if !isSmall { _ = consume(ASCII.plus) }
            var exponent = Significand()
            try digits(into: &exponent, after: "the exponent sign 'e'")
            significand.scale(by: exponent, isSmall: isSmall)
        }

        if isInteger, let integer = significand.integer(isNegative: isNegative) { return .integer(integer) }
        if let magnitude = significand.exactDouble { return .double(isNegative ? -magnitude : magnitude) }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self)
        guard let double = Double(text), double.isFinite else {
            throw fault(.numberOutOfRange, at: start, "this number is too large for a double")
        }
        return .double(double)
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        advance(to: offset + 1)
        return true
    }

    /// Consumes one digit or more.
    private mutating func digits(into significand: inout Significand, after place: String) throws(JSONError) {
        var index = offset
        while index < bytes.count, bytes[index].isDigit {
            significand.append(bytes[index] - ASCII.zero)
            index += 1
        }
        guard index > offset else { throw unexpected("a digit after \(place)", code: .invalidNumber) }
        advance(to: index)
    }
}

/// The digits of a number as an integer, times a power of ten.
private struct Significand {
    /// Wraps around when there are more than 19 digits, and is then of no use.
    private var value: UInt64 = 0
    private(set) var digitCount = 0
    var exponent = 0

    mutating func append(_ digit: UInt8) {
        value = value &* 10 &+ UInt64(digit)
        digitCount += 1
    }

    private var isExact: Bool { digitCount <= 19 }

    /// Adds a decimal exponent; one of many digits becomes one too large for `exactDouble`, which is all that matters.
    mutating func scale(by other: Significand, isSmall: Bool) {
        let amount = other.digitCount <= 4 ? Int(other.value) : 10_000
        exponent += isSmall ? -amount : amount
    }

    func integer(isNegative: Bool) -> Int64? {
        guard isExact else { return nil }
        guard isNegative else { return Int64(exactly: value) }
        return value <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- value) : nil
    }

    /// The double, if the digits and the power of ten are both exact as doubles: one rounding, so the nearest (Clinger).
    var exactDouble: Double? {
        guard isExact, value <= 1 << 53, abs(exponent) < Self.powersOfTen.count else { return nil }
        let power = Self.powersOfTen[abs(exponent)]
        return exponent < 0 ? Double(value) / power : Double(value) * power
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]
}
