import Testing

@testable import GopmCapture

@Suite struct LineStamperTests {
    static let stamp = Array("2026-04-14T13:25:59.595-04:00 ".utf8)

    /// Stamps all of it, in pieces of those sizes, over as many files as it takes.
    static func files(
        _ pieces: [[UInt8]],
        maxSize: Int = .max,
        buffer: Int = 4096,
        from position: LinePosition = .start
    ) -> [[UInt8]] {
        var stamper = LineStamper(at: position)
        var files: [[UInt8]] = [[]]
        for piece in pieces {
            var rest = piece[...]
            while !rest.isEmpty {
                var output = [UInt8](repeating: 0, count: buffer)
                let step = rest.withUnsafeBytes { input in
                    stamp.withUnsafeBytes { stamp in
                        output.withUnsafeMutableBytes { output in
                            guard let stamp = stamp.baseAddress else { return LineStamper.Step() }
                            let size = files[files.count - 1].count
                            return stamper.stamp(input, with: stamp, into: output, fileSize: size, maxSize: maxSize)
                        }
                    }
                }
                files[files.count - 1] += output.prefix(step.made)
                rest = rest.dropFirst(step.taken)
                if step.made == 0 {
                    #expect(step.isFileFull)
                    guard step.isFileFull else { return files }
                    files.append([])
                    stamper.position = stamper.position.inEmptyFile
                }
            }
        }
        return files
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let text = String(decoding: Array(bytes), as: UTF8.self)
        let stamp = String(decoding: stamp, as: UTF8.self)
        return text.split(separator: stamp, omittingEmptySubsequences: false).joined(separator: "@")
    }

    @Test func eachLineGetsOneStamp() {
        #expect(Self.text(Self.files([Array("a\n\nbc\nd".utf8)])[0]) == "@a\n@\n@bc\n@d")
    }

    @Test func anotherOnesUnfinishedLineIsEndedFirst() {
        #expect(Self.text(Self.files([Array("a\nb".utf8)], from: .foreign)[0]) == "\n@a\n@b")
    }

    @Test func aLineGoesOnWhereItStopped() {
        #expect(Self.text(Self.files([Array("a\nb".utf8)], from: .inside(40))[0]) == "a\n@b")
    }

    /// However the program's writes and our looks fall, the log is the same.
    @Test func splitsDoNotShow() {
        let program = Array("first\n\nthird line\nno end".utf8)
        let whole = Self.files([program])
        for cut in 0...program.count {
            for second in cut...program.count {
                let pieces = [Array(program[..<cut]), Array(program[cut..<second]), Array(program[second...])]
                #expect(Self.files(pieces) == whole)
            }
        }
        for buffer in LineStamper.leastOutput...100 {
            #expect(Self.files([program], buffer: buffer) == whole)
        }
    }

    @Test func filesTakeWholeLines() {
        // 35 bytes a line: two fit into 80.
        let files = Self.files([Array("1111\n2222\n3333\n4444\n5555\n".utf8)], maxSize: 80)
        #expect(files.map(Self.text) == ["@1111\n@2222\n", "@3333\n@4444\n", "@5555\n"])
    }

    @Test func aFileMayBeFilledToTheLastByte() {
        let files = Self.files([Array("1111\n2222\n".utf8)], maxSize: 70)
        #expect(files.map(Self.text) == ["@1111\n@2222\n"])
    }

    @Test func onlyALineLongerThanAFileGoesOnInTheNext() {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 150)
        let files = Self.files([Array("1\n".utf8) + long + Array("\n2\n".utf8)], maxSize: 80)
        #expect(files.map(\.count) == [32, 80, 80, 21 + 32])
        #expect(Self.text(files.dropFirst().joined()) == "@" + String(repeating: "x", count: 150) + "\n@2\n")
    }

    /// It was begun when there was room for what was there of it.
    @Test func aBegunLineMayTakeItsFilePastTheLimit() {
        let rest: [UInt8] = Array(repeating: 99, count: 30) + [10]
        let files = Self.files([Array("1\nab".utf8), rest, Array("2\n".utf8)], maxSize: 80)
        #expect(files.map(\.count) == [32 + 63, 32])
    }

    /// What recovery compares with the FIFO is what the program wrote.
    @Test func stampsComeOffAgain() {
        let program = Array("first\n\nthird line\nno end".utf8)
        for position in [LinePosition.start, .inside(33), .foreign] {
            for cut in 0...program.count {
                let block = Self.files([Array(program[..<cut])], from: position)[0]
                var bytes = [UInt8](repeating: 0, count: block.count)
                let origin = block.withUnsafeBytes { block in
                    bytes.withUnsafeMutableBytes { bytes in
                        LineStamper.origin(of: block, after: position, into: bytes.baseAddress)
                    }
                }
                #expect(Array(bytes.prefix(origin.count)) == Array(program[..<cut]))
            }
        }
    }

    @Test(arguments: [LinePosition.start, .inside(0), .inside(33), .foreign])
    func positionsSurviveTheRecord(position: LinePosition) {
        #expect(LinePosition(code: position.code) == position)
    }

    @Test func ofABlockCutShortWholeLinesAreKept() {
        let block = Self.files([Array("first\nsecond\n".utf8)])[0]
        let end = LineStamper.stampLength + 6
        for written in 0...block.count {
            let kept = block.withUnsafeBytes { LineStamper.worthKeeping(of: $0, written: written, after: .start) }
            #expect(kept == (written == block.count ? block.count : written >= end ? end : 0))
        }
    }
}
