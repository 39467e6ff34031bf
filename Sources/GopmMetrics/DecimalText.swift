extension [UInt8] {
    /// Appends a number without making a string of it.
    mutating func append(decimal number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        let start = count
        var rest = number.magnitude
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }

    /// Appends a number of tenths as a fraction: 12 is `1.2`.
    mutating func append(tenths number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(decimal: Int(number.magnitude / 10))
        append(UInt8(ascii: "."))
        append(UInt8(ascii: "0") + UInt8(number.magnitude % 10))
    }
}
