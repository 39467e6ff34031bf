import GopmModel

/// A valid name, unlike any other's, for every name of PM2, which allows anything and twice the same.
package struct NameChoice: Sendable, Hashable {
    package var chosen: String
    /// Why it is another name; `nil` if it is not.
    package var reason: String?

    package static func names(for originals: [String], taken: Set<String>) -> [NameChoice] {
        // Who has a valid name keeps it, wherever in the list a mended one would like to have the same.
        var used = Set(originals.filter { ProcessName.isValid($0) })
        var kept: Set<String> = []
        return originals.map { original in
            if ProcessName.isValid(original), kept.insert(original).inserted {
                return NameChoice(chosen: original)
            }
            let chosen = free(ProcessName.nearestValid(to: original), used.union(taken))
            used.insert(chosen)
            let reason =
                ProcessName.isValid(original)
                ? "PM2 has several of this name; this one becomes \"\(chosen)\""
                : "names in gopm have none but A-Z a-z 0-9 . _ @ : + -, so it becomes \"\(chosen)\""
            return NameChoice(chosen: chosen, reason: reason)
        }
    }

    private static func free(_ name: String, _ used: Set<String>) -> String {
        guard used.contains(name) else { return name }
        var number = 2
        while true {
            let suffix = "-\(number)"
            let candidate = name.prefix(64 - suffix.count) + suffix
            if !used.contains(String(candidate)) { return String(candidate) }
            number += 1
        }
    }
}
