import Glibc
import GopmLogs
import SeededRandom
import Testing

/// Following a log through whatever happens to its files.
@Suite struct FollowedLogTests {
    private let folder = TemporaryFolder()

    private func follow(_ name: String = "a.log") throws -> FollowedLog {
        FollowedLog(try RotatedLog(path: folder.file(name)), path: folder.file(name), blockSize: 256)
    }

    private func read(_ log: FollowedLog) throws -> [String] {
        var lines: [String] = []
        while let piece = try log.next(refresh: {}) {
            if piece.startsLine { lines.append("") }
            lines[lines.count - 1] += String(decoding: piece.bytes, as: UTF8.self)
        }
        return lines
    }

    private func append(_ text: String, _ name: String = "a.log") {
        folder.write(text, to: name, appending: true)
    }

    @Test func onlyWhatComesIsShown() throws {
        append("old\n")
        let log = try follow()
        #expect(try read(log).isEmpty)
        append("one\ntwo\n")
        #expect(try read(log) == ["one", "two"])
        append("thr")
        #expect(try read(log).isEmpty)
        append("ee\n")
        #expect(try read(log) == ["three"])
    }

    @Test func rotationsInARowLoseNothing() throws {
        append("0\n")
        let log = try follow()
        for number in 1...6 {
            append("\(number)a\n\(number)b\n")
            folder.rotate("a.log")
            log.noteRotation()
        }
        append("7\n")
        #expect(try read(log) == (1...6).flatMap { ["\($0)a", "\($0)b"] } + ["7"])
        append("8\n")
        #expect(try read(log) == ["8"])
    }

    @Test func whatIsWrittenJustBeforeARotationIsRead() throws {
        append("0\n")
        let log = try follow()
        append("1\n")
        #expect(try read(log) == ["1"])
        append("2\n")
        folder.rotate("a.log")
        // Between the rename and the new file.
        #expect(try read(log) == ["2"])
        append("3\n")
        #expect(try read(log) == ["3"])
    }

    @Test func anEmptiedFileIsReadFromItsBeginning() throws {
        append("a long enough line\n")
        let log = try follow()
        append("more\n")
        #expect(try read(log) == ["more"])
        folder.write("new\n", to: "a.log")
        #expect(try read(log) == ["new"])
    }

    /// It has grown past where we were before we looked again.
    @Test func anEmptiedFileThatHasGrownIsReadFromItsBeginning() throws {
        let log = try follow()
        append("first\nsecond\n")
        #expect(try read(log) == ["first", "second"])
        folder.write("other\nlines\nthan before\n", to: "a.log")
        #expect(try read(log) == ["other", "lines", "than before"])
    }

    /// A program that is restarted after a flush often says as many bytes as before.
    @Test func anEmptiedFileThatIsAsLongAgainIsReadFromItsBeginning() throws {
        let log = try follow()
        append("1 first\n")
        #expect(try read(log) == ["1 first"])
        folder.write("2 first\n", to: "a.log")
        #expect(try read(log) == ["2 first"])
        #expect(try read(log) == [])
    }

    @Test func aFileThatIsDeletedAndMadeAgainIsReadWhole() throws {
        append("old\n")
        let log = try follow()
        append("last\n")
        unlinkFile("a.log")
        #expect(try read(log) == ["last"])
        append("new\n")
        #expect(try read(log) == ["new"])
    }

    @Test func aLogThatComesLaterIsReadWhole() throws {
        let log = FollowedLog(nil, path: folder.file("late.log"))
        #expect(try read(log).isEmpty)
        append("one\n", "late.log")
        #expect(try read(log) == ["one"])
    }

    /// It was rotated before anybody looked; what was full long ago is not read.
    @Test func aLogThatIsSeenLateIsReadFromWhereWeBegan() throws {
        append("old\n", "late.log")
        let past = timeval(tv_sec: 1_000_000, tv_usec: 0)
        #expect(utimes(folder.file("late.log"), [past, past]) == 0)
        folder.rotate("late.log")
        let log = FollowedLog(nil, path: folder.file("late.log"), since: 2_000_000_000)
        for number in 1...3 {
            append("\(number)\n", "late.log")
            if number < 3 { folder.rotate("late.log") }
        }
        #expect(try read(log) == ["1", "2", "3"])
        #expect(try read(FollowedLog(nil, path: folder.file("late.log"))) == ["3"])
    }

    @Test func filesThatWereRotatedAwayAreCounted() throws {
        append("0\n")
        let log = try follow()
        var lost: [FollowedLog.Event] = []
        log.onEvent = { event in
            if case .lost = event { lost.append(event) }
        }
        append("1\n")
        for number in 2...6 {
            folder.rotate("a.log")
            log.noteRotation()
            append("line \(number)\n")
        }
        // The last two and the newest stay: what is left of ours we still hold, 2 and 3 are gone.
        for index in 3...6 { unlinkFile("a.log.\(index)") }
        #expect(try read(log) == ["1", "line 4", "line 5", "line 6"])
        #expect(lost == [.lost(bytes: 2 * 7)])
    }

    @Test func flushedRotatedFilesAreNoLoss() throws {
        append("0\n")
        let log = try follow()
        var lost = 0
        log.onEvent = { event in
            if case .lost = event { lost += 1 }
        }
        append("1\n")
        folder.rotate("a.log")
        log.noteRotation()
        append("2\n")
        unlinkFile("a.log.1")
        folder.write("", to: "a.log")
        append("3\n")
        #expect(try read(log) == ["1", "3"])
        #expect(lost == 0)
    }

    @Test func aLongLineComesInPieces() throws {
        let log = try follow()
        let text = String(repeating: "x", count: 5000)
        append("\(text)\nshort\n")
        #expect(try read(log) == [text, "short"])
    }

    /// Random writes, rotations and reads: every line once, in order.
    @Test func randomRuns() throws {
        var random = SeededGenerator()
        for run in 0..<30 {
            let name = "r\(run).log"
            let log = FollowedLog(nil, path: folder.file(name), blockSize: 128)
            var (written, seen): ([String], [String]) = ([], [])
            var isWithinLine = false
            func look() throws {
                while let piece = try log.next(refresh: {}) {
                    if piece.startsLine || !isWithinLine { seen.append("") }
                    seen[seen.count - 1] += String(decoding: piece.bytes, as: UTF8.self)
                    isWithinLine = piece.end == .continues
                }
            }
            for _ in 0..<200 {
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<6:
                    let line =
                        stamp(written.count) + String(repeating: "y", count: Int.random(in: 0...300, using: &random))
                    written.append(line)
                    append(line + "\n", name)
                case 6, 7:
                    // gopmd rotates what it has just written to.
                    guard folder.contains(name) else { continue }
                    folder.rotate(name)
                    log.noteRotation()
                    // At most eight are kept by the helper.
                    try look()
                default: try look()
                }
            }
            append("", name)
            try look()
            let first = zip(seen, written).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            #expect(seen.count == written.count && first == nil, "run \(run), \(random.note)")
        }
    }

    private func unlinkFile(_ name: String) {
        folder.remove(name)
    }
}
