/// The rules for the name of a managed process.
///
/// A name becomes part of file names (`<name>-out.log`) and of commands (`gopm stop <name>`), so it can hold neither
/// slashes nor anything a terminal or shell would act on, and cannot be taken for an id or for `all`.
package enum ProcessName {
    /// What is allowed, for descriptions.
    package static let allowed =
        "1 to 64 of A-Z a-z 0-9 . _ @ : + -, beginning with a letter or digit, not \"all\", not a number"
    /// What a name is, for refusals in flags and files.
    package static let rule = "a name (\(allowed))"

    /// Whether a name keeps the rules.
    package static func isValid(_ name: String) -> Bool {
        let bytes = name.utf8
        guard (1...64).contains(bytes.count), name != "all", let first = bytes.first, first.isASCIILetterOrDigit else {
            return false
        }
        guard bytes.allSatisfy(isAllowed) else { return false }
        return !bytes.allSatisfy { $0.decimalDigit != nil }
    }

    /// The nearest valid name: other characters become `-`; used for names from old dumps and for default names.
    package static func nearestValid(to name: String) -> String {
        var bytes = name.utf8.map { isAllowed($0) ? $0 : UInt8(ascii: "-") }
        if isValid(name) { return name }
        bytes = Array(bytes.drop { !$0.isASCIILetterOrDigit }.prefix(64))
        while bytes.last == UInt8(ascii: "-") { bytes.removeLast() }
        let mended = String(decoding: bytes, as: UTF8.self)
        if isValid(mended) { return mended }
        return mended.isEmpty ? "process" : "process-" + mended.prefix(56)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte.isASCIILetterOrDigit || "._@:+-".utf8.contains(byte)
    }
}

extension UInt8 {
    fileprivate var isASCIILetterOrDigit: Bool {
        decimalDigit != nil || (self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "z"))
    }
}
