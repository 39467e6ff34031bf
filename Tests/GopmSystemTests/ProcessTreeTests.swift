import GopmSystem
import Testing

@Suite struct ProcessTreeTests {
    private func tree(_ pairs: [(Int32, Int32)], main: Int32) -> [String] {
        ProcessTree(pairs.map { ProcessTree.Node(pid: $0.0, parent: $0.1) }, main: main).nodes
            .map { String(repeating: "-", count: $0.depth) + "\($0.pid)" }
    }

    @Test func childrenStandBehindTheirParentsAndTheMainProcessIsFirst() {
        #expect(tree([(7, 5), (9, 1), (5, 1), (6, 5), (8, 6)], main: 9) == ["9", "5", "-6", "--8", "-7"])
    }

    @Test func whoseParentIsGoneStandsAtTheTop() {
        #expect(tree([(20, 10), (30, 1), (10, 3)], main: 10) == ["10", "-20", "30"])
    }

    /// Pids that changed hands between two looks.
    @Test func aCircleEnds() {
        #expect(tree([(2, 3), (3, 2), (4, 4)], main: 0).map { $0.filter { $0 != "-" } }.sorted() == ["2", "3", "4"])
        #expect(tree([], main: 0).isEmpty)
    }

    @Test func randomFamiliesKeepEveryMemberOnce() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let pids = (1...Int32.random(in: 1...30, using: &generator)).map { $0 }
            let pairs = pids.map { ($0, Int32.random(in: 0...31, using: &generator)) }
            let nodes = ProcessTree(pairs.map { ProcessTree.Node(pid: $0.0, parent: $0.1) }, main: 1).nodes
            #expect(nodes.map(\.pid).sorted() == pids, "\(pairs)")
        }
    }
}
