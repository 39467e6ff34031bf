import CLinux
import Glibc
import GopmCapture
import Testing

@Suite struct LogPumpTests {
    @Test func linesAreStampedAsTheyCome() throws {
        let capture = try Capture()
        capture.write("one\ntwo\nthr")
        capture.drain()
        #expect(capture.text == "@one\n@two\n@thr")
        capture.write("ee\n")
        capture.drain()
        #expect(capture.text == "@one\n@two\n@three\n")
        #expect(capture.records.slot(capture.slot)?.counters.writtenBytes == capture.files[0].count)
    }

    @Test func aLogIsForItsOwnerOnly() throws {
        let capture = try Capture()
        capture.write("x\n")
        capture.drain()
        var facts = stat()
        stat(capture.log, &facts)
        #expect(facts.st_mode & 0o7777 == 0o600)
        stat(capture.folder + "/logs", &facts)
        #expect(facts.st_mode & 0o7777 == 0o700)
    }

    /// Numbered lines of all lengths through many small files: each once, in order, whole, and no file too large.
    @Test func rotationLosesNothing() throws {
        let capture = try Capture(maxSize: 4000, maxFiles: 10_000)
        var program: [UInt8] = []
        for number in 0..<5000 { program += "\(number) \(String(repeating: "x", count: number % 200))\n".utf8 }
        capture.write(program)
        capture.drain()
        let files = capture.files
        #expect(files.count > 100)
        #expect(files.allSatisfy { $0.count <= 4000 && $0.last == UInt8(ascii: "\n") })
        let expected =
            "@" + String(decoding: program.dropLast(), as: UTF8.self).split(separator: "\n").joined(separator: "\n@")
        #expect(files.map(Capture.text).joined() == expected + "\n")
        #expect(capture.records.slot(capture.slot)?.counters.rotations == files.count - 1)
        capture.event { $0 == .rotated(capture.id, path: capture.log, rotations: files.count - 1) }
    }

    @Test func onlyMaxFilesAreKept() throws {
        let capture = try Capture(maxSize: 80, maxFiles: 2)
        for number in 1...5 { capture.write("line \(number) that fills a file by itself\n") }
        capture.drain()
        #expect(capture.files.map(Capture.text) == (3...5).map { "@line \($0) that fills a file by itself\n" })
    }

    @Test func withoutMaxFilesTheLogIsEmptied() throws {
        let capture = try Capture(maxSize: 64, maxFiles: 0)
        for number in 1...5 { capture.write("line \(number) of thirty-odd bytes\n") }
        capture.drain()
        #expect(capture.files.map(Capture.text) == ["@line 5 of thirty-odd bytes\n"])
    }

    @Test func oneEndlessLineCostsNoMemory() throws {
        let capture = try Capture(maxSize: 8 << 20, maxFiles: 20)
        let before = privateMemory()
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        for _ in 0..<64 { capture.write(piece) }
        capture.write("\nnext\n")
        capture.drain()
        #expect(privateMemory() - before < 4 << 20)
        let sizes = capture.files.map(\.count)
        #expect(sizes.dropLast().allSatisfy { $0 == 8 << 20 })
        #expect(sizes.reduce(0, +) == 64 << 20 + 1 + 2 * 30 + 5)
    }

    @Test func packetsAreReadToTheLast() throws {
        let capture = try Capture()
        #if arch(x86_64)
            _ = fcntl(capture.program, F_SETFL, 0o40000)  // O_DIRECT
        #else
            _ = fcntl(capture.program, F_SETFL, 0o200000)
        #endif
        for number in 0..<2000 { capture.write("\(number)\n") }
        capture.drain()
        #expect(capture.text == (0..<2000).map { "@\($0)\n" }.joined())
    }

    @Test func actionLinesComeAfterWhatWasWritten() throws {
        let capture = try Capture()
        for number in 0..<100 {
            capture.write("line \(number)\n")
            capture.pump.actionLine(capture.id, "action \(number)")
            capture.drain()
        }
        #expect(capture.text == (0..<100).map { "@line \($0)\n@[gopm] action \($0)\n" }.joined())
    }

    @Test func actionLinesHaveALineOfTheirOwn() throws {
        let capture = try Capture()
        capture.write("unfinished")
        capture.pump.actionLine(capture.id, "esc \u{1b}[31m and\nnewline \u{9b}")
        capture.drain()
        capture.write("rest\n")
        capture.drain()
        #expect(capture.text == "@unfinished\n@[gopm] esc \\u{1b}[31m and\\nnewline \\u{9b}\n@rest\n")
    }

    @Test func flushEmptiesAllFiles() throws {
        let capture = try Capture(maxSize: 80, maxFiles: 2)
        for _ in 0..<5 { capture.write("a line that fills a file by itself\n") }
        capture.write("unfin")
        capture.flush()
        #expect(capture.files == [[]])
        capture.write("ished\n")
        capture.drain()
        #expect(capture.text == "@ished\n")
    }

    @Test func anotherOnesUnfinishedLineIsEnded() throws {
        let folder = "/tmp/gopm-capture-\(getpid())-foreign"
        mkdir(folder, 0o700)
        defer { removeAll(folder) }
        let log = folder + "/log"
        let file = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        write(file, "unfinished", 10)
        close(file)
        let capture = try Capture(log: log)
        capture.write("ours\n")
        capture.drain()
        #expect(capture.text == "?unfinished\n@ours\n")
        var facts = stat()
        stat(log, &facts)
        #expect(facts.st_mode & 0o777 == 0o644)
    }

    @Test func aNewLifeBeginsItsOwnLine() throws {
        let capture = try Capture()
        capture.write("killed in mid-")
        capture.drain()
        var spec = capture.spec()
        spec.generation = 2
        spec.recordSlot = try capture.records.allocate(RecordOwner(stream: capture.id, generation: 2))
        capture.pump.attach(spec)
        capture.drain()
        capture.write("again\n")
        capture.drain()
        #expect(capture.text == "@killed in mid-\n@again\n")
    }

    @Test func aLogThatIsNoFileIsLeftAlone() throws {
        let capture = try Capture(log: "/dev/null", maxSize: 64)
        capture.write(String(repeating: "x\n", count: 1000))
        capture.drain()
        capture.flush()
        var facts = stat()
        stat("/dev/null", &facts)
        #expect(facts.st_mode & S_IFMT == S_IFCHR)
        #expect(access("/dev/null.1", F_OK) != 0)
        #expect(capture.otherEvents.isEmpty)
    }

    @Test func aLogThatWasDeletedOrMovedIsOpenedAnew() throws {
        let capture = try Capture()
        capture.write("one\n")
        capture.drain()
        unlink(capture.log)
        capture.write("two\n")
        capture.drain()
        #expect(capture.text == "@two\n")
        rename(capture.log, capture.log + ".old")
        usleep(1_100_000)  // it looks once a second
        capture.write("three\n")
        capture.drain()
        #expect(capture.text == "@three\n")
    }

    @Test func detachTakesWhatIsThereAndCloses() throws {
        let capture = try Capture()
        capture.write("last words")
        capture.event({ $0 == .detached(token: 9) }, before: { capture.pump.detach(capture.id, token: 9) })
        #expect(capture.text == "@last words")
        capture.write("too late")
        capture.drain()
        #expect(capture.text == "@last words")
    }

    /// A writer that never pauses keeps nobody waiting.
    @Test func aFloodDoesNotHoldAnythingUp() throws {
        let capture = try Capture(log: "/dev/null")
        let quiet = try Capture()
        let flood = Flood(into: capture.program)
        defer { flood.stop() }
        var spec = quiet.spec()
        spec.id = StreamID(process: 2, kind: .err)
        spec.recordSlot = nil
        capture.pump.attach(spec)
        quiet.pump.detach(quiet.id, token: 1)
        quiet.event { $0 == .detached(token: 1) }
        quiet.write("heard\n")
        eventually { quiet.text == "@heard\n" }
        capture.drain()
        capture.flush()
        capture.event({ $0 == .detached(token: 9) }, before: { capture.pump.detach(capture.id, token: 9) })
    }

    @Test func stopIsBounded() throws {
        let capture = try Capture(log: "/dev/null")
        let flood = Flood(into: capture.program)
        defer { flood.stop() }
        usleep(10_000)  // so that it floods
        #expect(capture.pump.stop(within: 5_000))
    }

    private func privateMemory() -> Int {
        let text = String(decoding: (try? Self.read("/proc/self/status")) ?? [], as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return (line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) << 10
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        return [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
            count = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
        }
    }
}
