package import GopmTerminal

/// The lines of a log that the gui holds: the last ones while it follows, those that were there when it was stopped to
/// be read.
package struct LogPane: Sendable {
    package struct Line: Sendable, Hashable {
        /// `14:22:01`; nil for a line without a stamp.
        package var time: String?
        /// What follows the stamp, as it is in the file.
        package var text: [UInt8]

        package init(time: String?, text: [UInt8]) {
            self.time = time
            self.text = text
        }

        /// The line made harmless, in its colours.
        package var styled: StyledLine {
            var line = StyledLine()
            if let time { line.append(time + " ", .dim) }
            for span in content.spans { line.append(span.text, span.style) }
            return line
        }

        fileprivate var content: StyledLine {
            var sanitizer = LogLineSanitizer(.terminal)
            var safe: [UInt8] = []
            text.withUnsafeBytes { sanitizer.append($0, endsLine: true, to: &safe) }
            return StyledLine(terminalText: safe)
        }
    }

    package enum Stream: String, Sendable {
        case out, err
    }

    /// How many lines can be read back.
    package static let capacity = 2000

    package var stream = Stream.out
    package private(set) var lines: [Line] = []
    /// Lines below the pane; 0 while it follows.
    package private(set) var below = 0
    /// Columns left of the pane.
    package private(set) var left = 0
    package private(set) var search = ""
    /// The line that was found last.
    package private(set) var found: Int?

    package init() {}

    package var isFollowing: Bool { below == 0 && found == nil }

    package mutating func clear() {
        (lines, below, found) = ([], 0, nil)
    }

    /// Appends lines; `replacing` says that they follow on nothing that is there.
    package mutating func append(_ new: [Line], replacing: Bool) {
        if replacing { clear() }
        lines += new
        // In large steps, as the others have to move.
        if lines.count > 2 * Self.capacity { lines.removeFirst(lines.count - Self.capacity) }
    }

    /// Moves up (negative) or down; `height` rows are in view.
    package mutating func scroll(by count: Int, height: Int) {
        found = nil
        below = max(0, min(below - count, lines.count - height))
    }

    mutating func scrollToTop(height: Int) {
        scroll(by: -lines.count, height: height)
    }

    package mutating func follow() {
        (below, found) = (0, nil)
    }

    package mutating func shift(by columns: Int) {
        left = max(0, min(4096, left + columns))
    }

    /// Looks for a text, from the last line upwards; small letters stand for large ones, too.
    package mutating func find(_ text: String, height: Int) -> Bool {
        search = text
        found = nil
        return text.isEmpty || findNext(upwards: true, height: height)
    }

    mutating func findNext(upwards: Bool, height: Int) -> Bool {
        guard !search.isEmpty else { return false }
        let start = found ?? (upwards ? lines.count - below : lines.count - below - height - 1)
        let candidates =
            upwards ? Array((0..<max(0, start)).reversed()) : Array(max(0, start + 1)..<max(start + 1, lines.count))
        guard let index = candidates.first(where: { lines[$0].content.text.matches(search) != nil }) else {
            return false
        }
        found = index
        // In the middle of the pane, if there are lines enough.
        below = max(0, min(lines.count - index - 1 - height / 2, lines.count - height))
        return true
    }

    /// The lines in view, the last one at the bottom.
    package func visible(height: Int) -> ArraySlice<Line> {
        let end = max(0, lines.count - below)
        return lines[max(0, end - height)..<end]
    }
}

extension String {
    /// Where `pattern` is in the text first; its small letters stand for large ones, too.
    package func matches(_ pattern: String) -> Range<String.Index>? {
        guard !pattern.isEmpty else { return nil }
        let ignoresCase = !pattern.contains { $0.isUppercase }
        func same(_ one: Character, _ other: Character) -> Bool {
            one == other || (ignoresCase && one.lowercased() == other.lowercased())
        }
        var start = startIndex
        while start < endIndex {
            var (place, wanted) = (start, pattern.startIndex)
            while place < endIndex, wanted < pattern.endIndex, same(self[place], pattern[wanted]) {
                place = index(after: place)
                wanted = pattern.index(after: wanted)
            }
            if wanted == pattern.endIndex { return start..<place }
            start = index(after: start)
        }
        return nil
    }
}
