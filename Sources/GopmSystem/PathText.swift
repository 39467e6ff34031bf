/// Paths as text, without looking at the disk.
package enum PathText {
    /// Makes a path absolute and takes `.`, `..` and doubled slashes out of it.
    package static func normalized(_ path: String, relativeTo folder: String) -> String {
        let full = path.hasPrefix("/") ? path : folder + "/" + path
        var parts: [Substring] = []
        for part in full.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// The last part of a path; `/` for the root.
    package static func lastPart(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? "/"
    }

    /// Everything before the last part; `/` at the top.
    package static func folder(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Replaces a leading `~/` by a home directory, and in the other direction for display.
    package static func expandingTilde(_ path: String, home: String) -> String {
        path.hasPrefix("~/") ? home + path.dropFirst() : path
    }

    package static func abbreviated(_ path: String, home: String) -> String {
        !home.isEmpty && home != "/" && path.hasPrefix(home + "/") ? "~" + path.dropFirst(home.count) : path
    }
}
