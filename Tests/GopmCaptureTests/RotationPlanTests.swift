import GopmCapture
import Testing

@Suite struct RotationPlanTests {
    static func moves(_ maxFiles: Int, _ existing: Set<Int>) -> [Int] {
        RotationPlan(maxFiles: maxFiles, exists: existing.contains).moves.map(\.from)
    }

    @Test func theFirstRotationMovesOnlyTheLog() {
        #expect(Self.moves(3, []) == [0])
    }

    @Test func theOldestIsReplaced() {
        #expect(Self.moves(3, [1, 2, 3]) == [2, 1, 0])
        #expect(Self.moves(1, [1]) == [0])
    }

    @Test func filesBehindAGapStay() {
        #expect(Self.moves(4, [1, 3, 4]) == [1, 0])
    }

    @Test func keepingNoneRenamesNothing() {
        #expect(Self.moves(0, [1, 2]) == [])
    }

    /// Killed after any number of renames and begun again, one rotation drops at most one file, and only the oldest.
    @Test(arguments: 1...5, 0...5)
    func beingKilledBetweenRenamesDropsNothingMore(maxFiles: Int, kill: Int) {
        // Number of a file to its age.
        var files = Dictionary(uniqueKeysWithValues: (0...maxFiles).map { ($0, $0) })
        func rotate(stopAfter limit: Int) {
            let plan = RotationPlan(maxFiles: maxFiles) { files[$0] != nil }
            for move in plan.moves.prefix(limit) { files[move.to] = files.removeValue(forKey: move.from) }
        }
        rotate(stopAfter: kill)
        if files[0] != nil { rotate(stopAfter: .max) }
        #expect(files == Dictionary(uniqueKeysWithValues: (1...maxFiles).map { ($0, $0 - 1) }))
    }
}
