/// Gathers lines into datagrams that end where a line ends.
package struct LineBatch: Sendable {
    /// What UDP over IPv4 can carry at all.
    package static let largest = 65507

    private let limit: Int
    private var bytes: [UInt8] = []

    /// `limit`: Bytes of a datagram; a line that is longer is one by itself.
    package init(limit: Int) {
        self.limit = min(limit, LineBatch.largest)
    }

    /// Adds a line.
    ///
    /// Returns the datagram that it found no place in, if so. A line that no datagram can carry is left out.
    package mutating func add(_ write: (inout [UInt8]) -> Void) -> [UInt8]? {
        let start = bytes.count
        write(&bytes)
        if bytes.count - start > LineBatch.largest { bytes.removeSubrange(start...) }
        guard bytes.count > limit, start > 0, bytes.count > start else { return nil }
        let full = Array(bytes[..<start])
        bytes.removeSubrange(..<start)
        return full
    }

    /// The datagram that is not full yet; `nil` if there is none.
    package mutating func takeRest() -> [UInt8]? {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes.isEmpty ? nil : bytes
    }
}
