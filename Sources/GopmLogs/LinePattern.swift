import Glibc

/// An extended regular expression (regex(7)), matched against bytes: lines need not be valid UTF-8, and NUL is a byte
/// like others.
package final class LinePattern {
    /// What is wrong with an expression, as regerror(3) says it.
    package struct Fault: Error, Sendable, Hashable {
        package let reason: String
    }

    private var compiled = regex_t()

    package init(_ expression: String) throws(Fault) {
        let code = regcomp(&compiled, expression, REG_EXTENDED)
        guard code != 0 else { return }
        var text = [CChar](repeating: 0, count: 256)
        regerror(code, &compiled, &text, text.count)
        throw Fault(reason: String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    deinit {
        regfree(&compiled)
    }

    package func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return [0 as UInt8].withUnsafeBytes { matches($0, 0) } }
        return matches(UnsafeRawBufferPointer(start: base, count: bytes.count), bytes.count)
    }

    private func matches(_ bytes: UnsafeRawBufferPointer, _ count: Int) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        var range = regmatch_t(rm_so: 0, rm_eo: regoff_t(count))
        // REG_STARTEND (regex.h, for BSD and GNU): the text is a range, not a string that ends with NUL.
        let startAndEnd: Int32 = 4
        return regexec(&compiled, base.assumingMemoryBound(to: CChar.self), 1, &range, startAndEnd) == 0
    }
}
