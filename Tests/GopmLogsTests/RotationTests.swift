import Glibc
import Testing

@testable import GopmLogs

/// Reading while gopmd rotates and flushes.
@Suite struct RotationTests {
    private let folder = TemporaryFolder()

    init() {
        folder.write("\(stamp(1))a\n\(stamp(2))b\n", to: "log.2")
        folder.write("\(stamp(3))c\n\(stamp(4))d\n", to: "log.1")
        folder.write("\(stamp(5))e\n\(stamp(6))f\n", to: "log")
    }

    private func texts(before: @escaping @Sendable (_ call: Int) -> Int32?) -> [String] {
        let calls = ReadCounter(before: before).fileCalls
        let tail = LogTail(lines: 100, of: [folder.file("log")], calls: calls)
        let texts = tail.texts.map { String($0.suffix(1)) }
        #expect(tail.failures.isEmpty)
        return texts
    }

    @Test(arguments: 0..<6)
    func rotationBeforeAnyReadShowsEachLineOnce(call: Int) {
        let folder = folder
        let texts = texts { current in
            if current == call {
                folder.rotate("log")
                folder.write("\(stamp(7))g\n", to: "log")
            }
            return nil
        }
        #expect(texts == ["a", "b", "c", "d", "e", "f"])
    }

    @Test(arguments: 0..<6)
    func severalRotationsInOneRead(call: Int) {
        let folder = folder
        let texts = texts { current in
            if current == call {
                for text in ["g", "h", "i"] {
                    folder.rotate("log")
                    folder.write("\(stamp(7))\(text)\n", to: "log")
                }
            }
            return nil
        }
        #expect(texts == ["a", "b", "c", "d", "e", "f"])
    }

    @Test(arguments: 0..<6)
    func halfARotation(call: Int) {
        let folder = folder
        let texts = texts { current in
            if current == call { folder.rename("log.2", to: "log.3") }
            if current == call + 1 { folder.rename("log.1", to: "log.2") }
            if current == call + 2 { folder.rename("log", to: "log.1") }
            return nil
        }
        #expect(texts == ["a", "b", "c", "d", "e", "f"])
    }

    /// A flush may take lines away that were found already; what is shown is a whole, ordered part of the log.
    @Test(arguments: 0..<6)
    func flushWhileReading(call: Int) {
        let folder = folder
        let texts = texts { current in
            if current == call {
                truncate(folder.file("log"), 0)
                for index in 1...2 { unlink(folder.file("log.\(index)")) }
            }
            return nil
        }
        #expect(Set(texts).isSubset(of: ["a", "b", "c", "d", "e", "f"]))
        #expect(texts == texts.sorted())
        #expect(call > 0 || texts.isEmpty)
    }

    @Test func whatIsWrittenMeanwhileIsLeftForLater() {
        let folder = folder
        let texts = texts { _ in
            folder.write("\(stamp(7))g\n", to: "log", appending: true)
            return nil
        }
        #expect(texts == ["a", "b", "c", "d", "e", "f"])
    }
}
