import Glibc
import SeededRandom
import Testing

@testable import GopmLogs

@Suite struct BackwardLineReaderTests {
    private let folder = TemporaryFolder()

    /// All lines, last first, with their newlines.
    private func lines(_ path: String, blockSize: Int = 64, readsRotated: Bool = true) throws -> [String] {
        let log = try RotatedLog(path: path, readsRotated: readsRotated)
        let reader = BackwardLineReader(log, blockSize: blockSize)
        var lines: [String] = []
        var end = log.end
        while let start = try reader.next() {
            lines.append(String(decoding: try log.bytes(from: start, to: end, limit: 1 << 20), as: UTF8.self))
            end = start
        }
        #expect(try reader.next() == nil)
        return lines
    }

    @Test(arguments: [
        ("", []),
        ("\n", ["\n"]),
        ("\n\n", ["\n", "\n"]),
        ("one", ["one"]),
        ("one\n", ["one\n"]),
        ("one\ntwo", ["two", "one\n"]),
        ("\none\n\n", ["\n", "one\n", "\n"]),
        ("crlf\r\nnul\0\n", ["nul\0\n", "crlf\r\n"]),
    ])
    func linesFromTheLast(text: String, expected: [String]) throws {
        #expect(try lines(folder.write(text, to: "log")) == expected)
    }

    @Test func missingLogIsEmpty() throws {
        #expect(try lines(folder.file("none")) == [])
        #expect(try lines(folder.file("none/none")) == [])
    }

    @Test func rotatedFilesFollow() throws {
        folder.write("5\n6\n", to: "log")
        folder.write("", to: "log.1")
        folder.write("3\n4\n", to: "log.2")
        folder.write("1\n2\n", to: "log.3")
        #expect(try lines(folder.file("log")) == ["6\n", "5\n", "4\n", "3\n", "2\n", "1\n"])
        #expect(try lines(folder.file("log"), readsRotated: false) == ["6\n", "5\n"])
    }

    @Test func currentFileMayBeMissingForAMomentOfARotation() throws {
        folder.write("2\n", to: "log.1")
        folder.write("1\n", to: "log.3")
        #expect(try lines(folder.file("log")) == ["2\n", "1\n"])
    }

    @Test func lineLongerThanAFileGoesOnInTheNewer() throws {
        let long = String(repeating: "x", count: 300)
        folder.write("tail\n\(stamp(9))new\n", to: "log")
        folder.write(long, to: "log.1")
        folder.write("\(stamp(1))old\n\(stamp(2))\(long)", to: "log.2")
        #expect(
            try lines(folder.file("log")) == [
                "\(stamp(9))new\n", "\(stamp(2))\(long)\(long)tail\n", "\(stamp(1))old\n",
            ]
        )
    }

    @Test func fileThatEndsWithoutNewlineEndsItsLineWhereAStampFollows() throws {
        folder.write("\(stamp(2))new\n", to: "log")
        folder.write("\(stamp(1))cut", to: "log.1")
        #expect(try lines(folder.file("log")) == ["\(stamp(2))new\n", "\(stamp(1))cut"])
    }

    @Test func stampsAreWholeWhereverBlocksBegin() throws {
        let texts = (0..<200).map { stamp($0) + String(repeating: "y", count: $0 % 41) + "\n" }
        let path = folder.write(texts.joined(), to: "log")
        for blockSize in [32, 33, 57, 64, 100] {
            let reader = BackwardLineReader(try RotatedLog(path: path), blockSize: blockSize)
            var milliseconds: [Int64] = []
            while try reader.next() != nil {
                milliseconds.append(try #require(reader.stamp()).milliseconds - 1_776_186_000_000)
            }
            #expect(milliseconds == (0..<200).reversed(), "block of \(blockSize)")
        }
    }

    @Test func agreesWithSplittingTheWholeText() throws {
        var random = SeededGenerator()
        for _ in 0..<300 {
            let texts = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                String(repeating: "z", count: Int.random(in: 0...90, using: &random)) + "\n"
            }
            var text = texts.joined()
            if Bool.random(using: &random), !text.isEmpty { text.removeLast() }
            let expected = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0 + "\n" }
            let path = folder.write(text, to: "log")
            let blockSize = Int.random(in: 32...100, using: &random)
            let joined = try lines(path, blockSize: blockSize)
            #expect(joined.reversed().joined() == text, random.note)
            #expect(joined.count == expected.count - (text.isEmpty || text.hasSuffix("\n") ? 1 : 0), random.note)
        }
    }

    @Test func whatCannotBeReadBackIsAnError() throws {
        #expect(throws: LogError(code: .notARegularFile, path: folder.path, errno: nil)) {
            _ = try RotatedLog(path: folder.path)
        }
        mkfifo(folder.file("fifo"), 0o600)
        #expect(throws: LogError(code: .notARegularFile, path: folder.file("fifo"), errno: nil)) {
            _ = try RotatedLog(path: folder.file("fifo"))
        }
    }

    @Test func interruptionsAreNoErrorsAndErrorsAreNoLines() throws {
        let path = folder.write("1\n2\n", to: "log")
        let interrupted = ReadCounter { $0 < 3 ? EINTR : nil }
        let log = try RotatedLog(path: path, calls: interrupted.fileCalls)
        #expect(try BackwardLineReader(log).next() == LogPosition(depth: 0, offset: 2))
        #expect(interrupted.calls == 4)

        let broken = try RotatedLog(path: path, calls: ReadCounter { _ in EIO }.fileCalls)
        let error = LogError(code: .cannotRead, path: path, errno: EIO)
        #expect(throws: error) { _ = try BackwardLineReader(broken).next() }
        #expect("\(error)" == "read \(path): Input/output error")
    }
}
