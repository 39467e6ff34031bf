import GopmSystem

/// `/proc/PID/limits` (proc_pid_limits(5)).
package struct LimitsFile: Sendable {
    package struct Limit: Sendable, Hashable {
        /// As the kernel names it, `open files` for `Max open files`.
        package var name: String
        /// `nil`: unlimited.
        package var soft: UInt64?
        package var hard: UInt64?
        /// `bytes`, `files`, …; empty for priorities.
        package var unit: String
    }

    package private(set) var limits: [Limit] = []

    /// The columns are found from the right, as names have blanks: `Max open files   1024   4096   files`.
    package init(parsing bytes: [UInt8]) {
        for line in bytes.lines where line.starts(with: "Max ") {
            var words = line.words
            guard words.count >= 3 else { continue }
            let last = words[words.count - 1]
            let unit = LimitsFile.value(last) == nil ? words.removeLast().text : ""
            guard words.count >= 4, let hard = LimitsFile.value(words[words.count - 1]),
                let soft = LimitsFile.value(words[words.count - 2])
            else { continue }
            let name = words[1..<(words.count - 2)].map(\.text).joined(separator: " ")
            limits.append(Limit(name: name, soft: soft, hard: hard, unit: unit))
        }
    }

    package subscript(name: String) -> Limit? { limits.first { $0.name == name } }

    /// The life id that a program of gopm carries as the soft value of its limit of file locks.
    ///
    /// A limit that somebody set for its own sake is smaller than any of these.
    package var lifeID: UInt64? { self["file locks"]?.soft.flatMap { LifeScan.ids.contains($0) ? $0 : nil } }

    /// - Returns: `.some(nil)` for `unlimited`, `nil` for what is no limit.
    private static func value(_ word: ArraySlice<UInt8>) -> UInt64?? {
        if word.elementsEqual("unlimited".utf8) { return .some(nil) }
        return word.number().map { .some($0) }
    }
}
