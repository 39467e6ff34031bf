/// Decodes UTF-8 one step at a time from bytes that nobody has checked.
enum UTF8Scan {
    /// What begins at one index of a byte buffer.
    enum Step {
        /// A well-formed scalar of `length` bytes.
        case scalar(Unicode.Scalar, length: Int)
        /// `length` bytes (1...3) that cannot be part of any scalar.
        case invalid(length: Int)
    }

    /// The scalar at `index`, by the standard library's own parser: an ill-formed sequence ends where the Unicode
    /// Standard (3.9, "maximal subpart") says, so one bad byte never hides the good one after it.
    static func step(at index: Int, in bytes: UnsafeRawBufferPointer) -> Step {
        var rest = UnsafeRawBufferPointer(rebasing: bytes[index...]).makeIterator()
        var parser = Unicode.UTF8.ForwardParser()
        switch parser.parseScalar(from: &rest) {
        case .valid(let encoded):
            return .scalar(Unicode.UTF8.decode(encoded), length: encoded.count)
        case .error(let length):
            return .invalid(length: length)
        case .emptyInput:
            return .invalid(length: 0)
        }
    }
}
