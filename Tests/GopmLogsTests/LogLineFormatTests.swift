import Glibc
import GopmLogs
import GopmTerminal
import Testing

@Suite struct LogLineFormatTests {
    private let folder = TemporaryFolder()

    private func shown(
        _ labels: [LogLineFormat.Label],
        _ paths: [String],
        _ destination: LogLineSanitizer.Destination = .plain,
        colour: Bool = false
    ) -> String {
        var format = LogLineFormat(labels, for: destination, colour: colour)
        var output: [UInt8] = []
        LogTail(lines: 100, of: paths).forEachPiece { source, piece in
            format.append(piece, of: source, to: &output)
            return true
        }
        format.finish(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private let api: [LogLineFormat.Label] = [
        .init(process: "api", stream: .standardOutput), .init(process: "api", stream: .standardError),
    ]

    @Test func exampleOfTheManual() {
        let out = folder.write(
            "2026-04-14T13:25:59.595-04:00 api ready\n2026-04-14T13:25:59.776-04:00 retrying in 1s\n",
            to: "out"
        )
        let err = folder.write("2026-04-14T13:25:59.716-04:00 failed to connect\n", to: "err")
        #expect(
            shown(api, [out, err]) == """
                2026-04-14T13:25:59.595-04:00 [OUT] api ready
                2026-04-14T13:25:59.716-04:00 [ERR] failed to connect
                2026-04-14T13:25:59.776-04:00 [OUT] retrying in 1s

                """
        )
        #expect(
            shown(api, [out, err], .terminal, colour: true) == """
                2026-04-14T13:25:59.595-04:00 \u{1b}[32m[OUT]\u{1b}[0m api ready
                2026-04-14T13:25:59.716-04:00 \u{1b}[31m[ERR]\u{1b}[0m failed to connect
                2026-04-14T13:25:59.776-04:00 \u{1b}[32m[OUT]\u{1b}[0m retrying in 1s

                """
        )
    }

    @Test func oneStreamOfOneProcessNeedsNoMarks() {
        let err = folder.write("\(stamp(1))[gopm] started (PID 7)\n  more\n", to: "err")
        #expect(shown([api[1]], [err]) == "\(stamp(1))[gopm] started (PID 7)\n  more\n")
    }

    @Test func severalProcessesGetAColumnOfNames() {
        let paths = ["api", "db"].map { folder.write("\(stamp(1))of \($0)\nmore\n", to: $0) }
        let labels = ["api", "db"].map { LogLineFormat.Label(process: $0, stream: .standardError) }
        #expect(shown(labels, paths) == "\(stamp(1))api of api\napi more\n\(stamp(1))db  of db\ndb  more\n")
        #expect(shown(labels, paths, .terminal, colour: true).contains("\u{1b}[36mapi\u{1b}[0m of api\n"))
        #expect(shown(labels, paths, .terminal, colour: true).contains("\u{1b}[33mdb \u{1b}[0m of db\n"))
    }

    @Test func terminalIsProtectedAndPipeGetsTheBytes() {
        let out = folder.write("\(stamp(1))\u{1b}[2J\u{1b}[31mred\n", to: "out")
        #expect(shown([api[0]], [out], .terminal) == "\(stamp(1))\\x1b[2J\u{1b}[31mred\u{1b}[0m\n")
        #expect(shown([api[0]], [out]) == "\(stamp(1))\u{1b}[2J\u{1b}[31mred\n")
    }

    @Test func newlineThatIsMissingIsAddedOnlyWhereALineFollows() {
        let out = folder.write("\(stamp(1))partial", to: "out")
        let err = folder.write("\(stamp(2))after", to: "err")
        #expect(shown(api, [out, err]) == "\(stamp(1))[OUT] partial\n\(stamp(2))[ERR] after")
        #expect(shown(api, [out, err], .terminal) == "\(stamp(1))[OUT] partial\n\(stamp(2))[ERR] after\n")
    }

    @Test func writingEndsWhenNobodyReads() throws {
        let path = folder.write(String(repeating: "\(stamp(1))text\n", count: 50_000), to: "out")
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[1]) }
        close(ends[0])
        var format = LogLineFormat([api[0]], for: .plain, colour: false)
        var writer = OutputWriter(descriptor: ends[1])
        #expect(LogTail(lines: .max, of: [path]).write(&format, to: &writer) == .readerGone)
    }

    @Test func wholeLogGoesThroughUnchanged() throws {
        let path = folder.write(String(repeating: "\(stamp(1))text\0\u{1b}\r\n", count: 1_000) + "end", to: "out")
        let copy = open(folder.file("copy"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try #require(copy >= 0)
        defer { close(copy) }
        var format = LogLineFormat([api[0]], for: .plain, colour: false)
        var writer = OutputWriter(descriptor: copy, capacity: 1_000)
        #expect(LogTail(lines: .max, of: [path]).write(&format, to: &writer) == .open)
        #expect(LogTail(lines: .max, of: [folder.file("copy")]).texts == LogTail(lines: .max, of: [path]).texts)
        #expect(lseek(copy, 0, SEEK_END) == 1_000 * 38 + 3)
    }
}

extension LogTail {
    /// Writes the lines until nobody reads any more.
    fileprivate func write(_ format: inout LogLineFormat, to writer: inout OutputWriter) -> OutputWriter.Status {
        forEachPiece { source, piece in
            writer.append { format.append(piece, of: source, to: &$0) }
            return writer.isOpen
        }
        writer.append { format.finish(to: &$0) }
        return writer.flush()
    }
}
