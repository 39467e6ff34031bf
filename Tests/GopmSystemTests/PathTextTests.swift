import GopmSystem
import Testing

@Suite struct PathTextTests {
    @Test(
        arguments: [
            ("/a/b", "/x", "/a/b"), ("b", "/a", "/a/b"), ("./b", "/a", "/a/b"), ("../b", "/a/c", "/a/b"),
            ("a//b///c", "/", "/a/b/c"), ("/a/./b/../c/", "/x", "/a/c"), ("", "/a/b", "/a/b"), (".", "/a", "/a"),
            ("..", "/", "/"), ("../../../x", "/a", "/x"), ("/..", "/a", "/"), ("/", "/a", "/"), ("...", "/a", "/a/..."),
            ("a b/ü", "/x/", "/x/a b/ü"), (".hidden/..x", "/", "/.hidden/..x"),
        ] as [(String, String, String)]
    )
    func normalized(path: String, folder: String, result: String) {
        #expect(PathText.normalized(path, relativeTo: folder) == result)
        #expect(PathText.normalized(result, relativeTo: "/elsewhere") == result)
    }

    @Test(
        arguments: [
            ("/a/b", "b", "/a"), ("/a", "a", "/"), ("/", "/", "/"), ("a/b", "b", "a"), ("a", "a", "."),
            ("/a/b.js", "b.js", "/a"), ("/x y/z", "z", "/x y"),
        ] as [(String, String, String)]
    )
    func parts(path: String, last: String, folder: String) {
        #expect(PathText.lastPart(path) == last)
        #expect(PathText.folder(path) == folder)
    }

    @Test(
        arguments: [
            ("~/x", "/home/me", "/home/me/x"), ("~/", "/home/me", "/home/me/"), ("~", "/home/me", "~"),
            ("~you/x", "/home/me", "~you/x"), ("/~/x", "/home/me", "/~/x"), ("x", "/home/me", "x"),
        ] as [(String, String, String)]
    )
    func expandingTilde(path: String, home: String, result: String) {
        #expect(PathText.expandingTilde(path, home: home) == result)
    }

    @Test(
        arguments: [
            ("/home/me/x", "/home/me", "~/x"), ("/home/meow/x", "/home/me", "/home/meow/x"),
            ("/home/me", "/home/me", "/home/me"),
            ("/x", "/", "/x"), ("/x", "", "/x"), ("/srv/x", "/home/me", "/srv/x"),
        ] as [(String, String, String)]
    )
    func abbreviated(path: String, home: String, result: String) {
        #expect(PathText.abbreviated(path, home: home) == result)
    }
}

@Suite struct PipeBudgetTests {
    @Test(
        arguments: [
            (1, 1 << 20), (2, 1 << 20), (32, 1 << 20), (33, 1 << 19), (64, 1 << 19), (65, 1 << 18), (256, 1 << 17),
            (257, 1 << 16), (512, 1 << 16), (513, 1 << 16), (100_000, 1 << 16), (0, 1 << 20), (-1, 1 << 20),
        ] as [(Int, Int)]
    )
    func sizeOfEach(count: Int, size: Int) {
        #expect(PipeBudget(total: 32 << 20).size(count: count) == size)
    }

    @Test func allTogetherKeepTheBudgetWhileTheyCan() {
        for count in 1...512 {
            let size = PipeBudget(total: 32 << 20).size(count: count)
            #expect(size * count <= 32 << 20)
            #expect(size.nonzeroBitCount == 1)
            #expect(size == 1 << 20 || size * 2 * count > 32 << 20, "\(count): half of what is possible")
        }
    }

    @Test func rootHasNoLimit() {
        #expect(PipeBudget(total: nil).size(count: 100_000) == 1 << 20)
    }

    @Test func noBudgetGivesTheSmallest() {
        #expect(PipeBudget(total: 0).size(count: 1) == 64 << 10)
    }
}
