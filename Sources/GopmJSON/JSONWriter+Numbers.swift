extension JSONWriter {
    package mutating func integer(_ value: Int) {
        integer(magnitude: UInt64(value.magnitude), isNegative: value < 0)
    }

    /// Writes an integer of any type; its magnitude must fit 64 bits.
    ///
    /// Other modules call this unspecialized, some 85 ns slower (measured), hence the method for `Int`.
    package mutating func integer(_ value: some BinaryInteger) {
        integer(magnitude: UInt64(value.magnitude), isNegative: value < 0)
    }

    private mutating func integer(magnitude: UInt64, isNegative: Bool) {
        appendValue(atMost: 21) { $0.append(magnitude, isNegative: isNegative) }
    }

    /// Writes the shortest number that reads back as the same double, laid out as Go's `encoding/json` does.
    ///
    /// That is without exponent from 1e-6 up to below 1e21, and without fraction where there is none; but negative zero is
    /// `-0.0`, as `-0` would be read as an integer. JSON has no word for NaN and the infinities: they are written as `null`.
    package mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        if value == 0, value.sign == .minus { return raw("-0.0".utf8) }
        // Up to 2^53 an integral double needs all of its digits; beyond, fewer may name it.
        let magnitude = value.magnitude
        if magnitude <= 0x1p53, Double(UInt64(magnitude)) == magnitude {
            integer(magnitude: UInt64(magnitude), isNegative: value.sign == .minus)
        } else {
            let decimal = ShortestDecimal(value)
            appendValue(atMost: 32) { $0.append(decimal) }
        }
    }
}

extension OutputSpan<UInt8> {
    fileprivate mutating func append(_ magnitude: UInt64, isNegative: Bool) {
        if isNegative { append(ASCII.minus) }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = digits.count
        var rest = magnitude
        repeat {
            start -= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            digits[start] = ASCII.zero + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest > 0
        digits.span.extracting(start...).withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    /// Takes at most 25 bytes: a sign, 17 digits, and `0.00000` before or four zeros or `.e-324` among or after them.
    fileprivate mutating func append(_ decimal: ShortestDecimal) {
        if decimal.isNegative { append(ASCII.minus) }
        let digits = decimal.digits
        let position = decimal.pointPosition
        switch position {
        case -5...0:
            append(ASCII.zero)
            append(ASCII.point)
            append(repeating: ASCII.zero, count: -position)
            append(digits[...])
        case 1...21:
            append(digits.prefix(position))
            append(repeating: ASCII.zero, count: max(0, position - digits.count))
            guard digits.count > position else { break }
            append(ASCII.point)
            append(digits[position...])
        default:
            append(digits[..<1])
            if digits.count > 1 { append(ASCII.point) }
            append(digits[1...])
            append(UInt8(ascii: "e"))
            if position > 0 { append(ASCII.plus) }
            append(UInt64((position - 1).magnitude), isNegative: position <= 0)
        }
    }

    private mutating func append(_ digits: ArraySlice<UInt8>) {
        digits.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}

/// The shortest digits that name a double, and where the decimal point stands among them.
private struct ShortestDecimal {
    let isNegative: Bool
    /// At most 17, without zeros at either end.
    private(set) var digits: [UInt8] = []

    /// Digits before the point: 2 for `12.25`, 0 for `0.3`, -1 for `0.03`.
    private(set) var pointPosition = 0

    /// Takes the digits from `Double.description`, which promises the shortest that round-trip: `1.5e-07`, `12.25`.
    init(_ value: Double) {
        isNegative = value.sign == .minus
        digits.reserveCapacity(24)
        var hasPoint = false
        var hasExponent = false
        var exponent = 0
        var exponentIsNegative = false
        var integerDigits = 0
        for byte in value.magnitude.description.utf8 {
            switch byte {
            case ASCII.point: hasPoint = true
            case UInt8(ascii: "e"): hasExponent = true
            case ASCII.minus: exponentIsNegative = true
            case ASCII.plus: break
            case _ where hasExponent: exponent = exponent * 10 + Int(byte - ASCII.zero)
            default:
                digits.append(byte)
                if !hasPoint { integerDigits += 1 }
            }
        }
        let zeros = digits.prefix { $0 == ASCII.zero }.count
        digits.removeFirst(zeros)
        while digits.last == ASCII.zero {
            digits.removeLast()
        }
        pointPosition = (exponentIsNegative ? -exponent : exponent) + integerDigits - zeros
    }
}
