import Glibc
import SeededRandom
import Testing

@testable import GopmLogs

@Suite struct LogTailTests {
    private let folder = TemporaryFolder()

    @Test(arguments: [0, 1, 2, 3, 7, 100, Int.max])
    func lastLinesOfOneLog(count: Int) {
        let all = (0..<7).map { "line \($0)" }
        folder.write(all[0..<3].joined(separator: "\n") + "\n", to: "log.1")
        folder.write(all[3...].joined(separator: "\n"), to: "log")
        #expect(LogTail(lines: count, of: [folder.file("log")]).texts == all.suffix(count))
    }

    @Test func rotatedFilesOnlyWhenAskedFor() {
        folder.write("1\n", to: "log.1")
        folder.write("2\n", to: "log")
        #expect(LogTail(lines: 5, of: [folder.file("log")], readsRotated: false).texts == ["2"])
    }

    @Test func streamsAreMergedByTimeAndEqualTimesKeepTheirOrder() {
        folder.write("\(stamp(1))o1\n\(stamp(5))o2\n\(stamp(5))o3\n\(stamp(9))o4\n", to: "out")
        folder.write("\(stamp(2))e1\n\(stamp(5))e2\n\(stamp(5))e3\n", to: "err")
        let paths = [folder.file("out"), folder.file("err")]
        let merged = ["o1", "e1", "o2", "o3", "e2", "e3", "o4"]
        for count in 0...8 {
            #expect(LogTail(lines: count, of: paths).texts.map { String($0.suffix(2)) } == merged.suffix(count))
        }
    }

    @Test func offsetsAreComparedAsMoments() {
        folder.write("2026-04-14T13:00:00.000-04:00 second\n", to: "out")
        folder.write("2026-04-14T18:59:59.999+02:00 first\n2026-04-14T17:00:00.001Z third\n", to: "err")
        let texts = LogTail(lines: 9, of: [folder.file("out"), folder.file("err")]).texts
        #expect(texts.map { $0.split(separator: " ")[1] } == ["first", "second", "third"])
    }

    @Test func linesWithoutStampStayWithTheOneBefore() {
        folder.write("old\n\(stamp(1))o1\n  at a\n  at b\n\(stamp(6))o2\n", to: "out")
        folder.write("\(stamp(2))e1\n\(stamp(5))e2\n  more\n", to: "err")
        let paths = [folder.file("out"), folder.file("err")]
        let merged = [
            "old", "\(stamp(1))o1", "  at a", "  at b", "\(stamp(2))e1", "\(stamp(5))e2", "  more", "\(stamp(6))o2",
        ]
        for count in 0...9 {
            #expect(LogTail(lines: count, of: paths).texts == merged.suffix(count))
        }
    }

    @Test func longRunWithoutStampsIsOldAndDoesNotCostTheWholeFile() {
        let foreign = String(repeating: "from before gopm\n", count: 400_000)
        folder.write(foreign, to: "out")
        folder.write("\(stamp(1))e1\n", to: "err")
        let counter = ReadCounter()
        let tail = LogTail(lines: 2, of: [folder.file("out"), folder.file("err")], calls: counter.fileCalls)
        #expect(tail.texts == ["from before gopm", "\(stamp(1))e1"])
        #expect(counter.bytes < LogTail.stampSearchLimit + 4 * 65_536)
    }

    @Test func sourceThatFailsLeavesTheOthers() {
        folder.write("\(stamp(1))o1\n", to: "out")
        let tail = LogTail(lines: 9, of: [folder.path, folder.file("none"), folder.file("out")])
        #expect(tail.texts == ["\(stamp(1))o1"])
        #expect(tail.failures.map(\.source) == [0])
        #expect(tail.failures.first?.error.code == .notARegularFile)
    }

    @Test func failureHalfwayIsReported() {
        folder.write("1\n", to: "log.1")
        folder.write("2\n", to: "log")
        let calls = ReadCounter { $0 == 1 ? EIO : nil }.fileCalls
        let tail = LogTail(lines: 9, of: [folder.file("log")], calls: calls)
        #expect(tail.failures.map(\.error) == [LogError(code: .cannotRead, path: folder.file("log.1"), errno: EIO)])
    }

    @Test func bytesSurviveAsTheyAre() {
        let lines: [[UInt8]] = [Array(0...9) + Array(11...255), [0, 0, 0xff], [0x0d]]
        folder.write(Array(lines.joined(separator: [0x0a])), to: "log")
        #expect(LogTail(lines: 9, of: [folder.file("log")]).lines().map(\.text) == lines)
    }

    @Test func linesLongerThanAnyBufferComeInPieces() {
        let long = stamp(2) + String(repeating: "0123456789", count: 30_000)
        folder.write("\(stamp(1))o1\n\(long)\n\(stamp(4))o3\n", to: "out")
        folder.write("\(stamp(3))e1\n", to: "err")
        let tail = LogTail(lines: 9, of: [folder.file("out"), folder.file("err")])
        #expect(tail.texts == ["\(stamp(1))o1", long, "\(stamp(3))e1", "\(stamp(4))o3"])
        var largest = 0
        tail.forEachPiece { _, piece in
            largest = max(largest, piece.bytes.count)
            return true
        }
        #expect(largest == 65_536)
        #expect(LogTail(lines: 2, of: [folder.file("out")]).texts == [long, "\(stamp(4))o3"])
    }

    /// 64 MiB, 20 lines: one block for finding them, one for showing them.
    @Test(arguments: [1, 2])
    func costIsWhatIsShownNotTheSizeOfTheFile(sources: Int) {
        let line = stamp(0) + String(repeating: "x", count: 97) + "\n"
        let chunk = Array(String(repeating: line, count: 8_192).utf8)
        let paths = (0..<sources).map { source in
            for index in 0..<64 {
                folder.write(chunk, to: "log\(source)", appending: index > 0)
            }
            return folder.file("log\(source)")
        }
        let counter = ReadCounter()
        let tail = LogTail(lines: 20, of: paths, calls: counter.fileCalls)
        #expect(tail.lines().count == 20)
        #expect(counter.bytes <= sources * 65_536 + 20 * line.utf8.count)
        #expect(counter.calls <= 2 * sources)
    }

    @Test func mergesOfAnyShapeAgreeWithSortingEverything() {
        var random = SeededGenerator()
        for round in 0..<300 {
            let sourceCount = Int.random(in: 1...5, using: &random)
            var expected: [(time: Int, source: Int, text: String)] = []
            var paths: [String] = []
            for source in 0..<sourceCount {
                let name = "r\(round)s\(source)"
                var time = 0
                var files = [""]
                for number in 0..<Int.random(in: 0...40, using: &random) {
                    let isStamped = number == 0 || Int.random(in: 0..<4, using: &random) > 0
                    if isStamped { time += Int.random(in: 0...3, using: &random) }
                    let filler = String(repeating: "f", count: Int.random(in: 0...60, using: &random))
                    let text = (isStamped ? stamp(time) : "") + "\(source):\(number) \(filler)"
                    expected.append((time, source, text))
                    if Int.random(in: 0..<12, using: &random) == 0 { files.append("") }
                    files[files.count - 1] += text + "\n"
                }
                for (index, text) in files.reversed().enumerated() {
                    folder.write(text, to: index == 0 ? name : "\(name).\(index)")
                }
                paths.append(folder.file(name))
            }
            // Lines were added source by source, so sorting by time and source keeps each log's order.
            let sorted = expected.enumerated()
                .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
                .map(\.element.text)
            let count = Int.random(in: 0...(sorted.count + 2), using: &random)
            #expect(LogTail(lines: count, of: paths).texts == sorted.suffix(count), random.note)
        }
    }

    @Test func clockSetBackKeepsEachLogsOrderAndTheCount() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let paths = (0..<3).map { source in
                let texts = (0..<20).map { "\(stamp(Int.random(in: 0...50, using: &random)))\(source):\($0)\n" }
                return folder.write(texts.joined(), to: "s\(source)")
            }
            let count = Int.random(in: 0...60, using: &random)
            let lines = LogTail(lines: count, of: paths).lines()
            #expect(lines.count == count, random.note)
            for source in 0..<3 {
                let numbers = lines.filter { $0.source == source }
                    .map { String(decoding: $0.text, as: UTF8.self).split(separator: ":").last.flatMap { Int($0) } }
                #expect(numbers == Array((20 - numbers.count)..<20), random.note)
            }
        }
    }
}
