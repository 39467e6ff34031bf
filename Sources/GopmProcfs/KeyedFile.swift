/// A file of `Key: value` lines: `/proc/PID/status` (proc_pid_status(5)), `io`, `smaps_rollup`.
package struct KeyedFile: Sendable {
    private var values: [(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] = []

    /// Lines without a colon are passed over: kernels add what they like.
    package init(parsing bytes: [UInt8]) {
        for line in bytes.lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            values.append((line[..<colon], value))
        }
    }

    package subscript(key: StaticString) -> ArraySlice<UInt8>? {
        values.first { $0.key.count == key.utf8CodeUnitCount && $0.key.starts(with: key) }?.value
    }

    /// The value as text.
    package func text(_ key: StaticString) -> String? { self[key]?.text }

    /// The first word as a number.
    package func number(_ key: StaticString) -> UInt64? { self[key]?.words.first?.number() }

    /// All words as numbers; those that are none are left out.
    package func numbers(_ key: StaticString) -> [UInt64] { self[key]?.words.compactMap { $0.number() } ?? [] }

    /// The second of the real, effective, saved and filesystem ids of `Uid` and `Gid`.
    package func effective(_ key: StaticString) -> UInt64 {
        let ids = numbers(key)
        return ids.count > 1 ? ids[1] : 0
    }

    /// The first word as a number in base 16.
    package func mask(_ key: StaticString) -> UInt64? { self[key]?.words.first?.number(radix: 16) }

    /// A size in kB, in bytes.
    package func bytes(_ key: StaticString) -> UInt64? {
        number(key).map { $0.multipliedReportingOverflow(by: 1024) }.flatMap { $0.overflow ? nil : $0.partialValue }
    }
}
