/// The lines that join a tree's rows.
package enum TreeBranches {
    /// What to put before each row of a tree, given how deep each is, parents before children.
    package static func prefixes(of depths: [Int]) -> [String] {
        var prefixes = [String](repeating: "", count: depths.count)
        // From the end: whether a depth has another row below that is not in another branch.
        var goesOn: Set<Int> = []
        for index in depths.indices.reversed() {
            let depth = depths[index]
            goesOn = goesOn.filter { $0 <= depth }
            guard depth > 0 else { continue }
            // Depth 1 hangs at the left edge; a tree deeper than anybody reads is not moved further to the right.
            let stems = (1..<depth).suffix(30).map { goesOn.contains($0) ? "│ " : "  " }.joined()
            prefixes[index] = stems + (goesOn.contains(depth) ? "├─ " : "└─ ")
            goesOn.insert(depth)
        }
        return prefixes
    }
}
