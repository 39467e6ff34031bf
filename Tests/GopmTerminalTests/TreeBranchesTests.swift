import GopmTerminal
import Testing

@Suite struct TreeBranchesTests {
    @Test func linesJoinBrothersAndSisters() {
        let rows = zip(TreeBranches.prefixes(of: [0, 1, 2, 2, 1, 2, 3, 1]), "abcdefgh").map { "\($0)\($1)" }
        #expect(
            rows == [
                "a",
                "├─ b",
                "│ ├─ c",
                "│ └─ d",
                "├─ e",
                "│ └─ f",
                "│   └─ g",
                "└─ h",
            ]
        )
    }

    @Test func severalRootsAreNotJoined() {
        #expect(TreeBranches.prefixes(of: [0, 1, 0, 1]) == ["", "└─ ", "", "└─ "])
    }

    @Test func nothingHasNoLines() {
        #expect(TreeBranches.prefixes(of: []).isEmpty)
    }

    @Test func aDeepTreeStaysNarrow() {
        let prefixes = TreeBranches.prefixes(of: Array(0...5000))
        #expect(prefixes.allSatisfy { $0.count <= 63 })
    }
}
