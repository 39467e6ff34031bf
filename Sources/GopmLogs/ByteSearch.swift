/// The last place of a byte in a buffer: `memrchr(3)`, which Swift's Glibc module does not show (it is a GNU extension).
func lastIndex(of byte: UInt8, in bytes: UnsafeRawBufferPointer) -> Int? {
    typealias Lanes = SIMD32<UInt8>
    let pattern = Lanes(repeating: byte)
    var end = bytes.count
    while end >= Lanes.scalarCount {
        let lanes = bytes.loadUnaligned(fromByteOffset: end - Lanes.scalarCount, as: Lanes.self)
        if any(lanes .== pattern) { break }
        end -= Lanes.scalarCount
    }
    while end > 0 {
        end -= 1
        if bytes[end] == byte { return end }
    }
    return nil
}
