import GopmLogs
import GopmSystem

@testable import GopmCapture

#if canImport(Glibc)
    import Glibc
#endif

enum LogTargets {
    private static let stamp = Array("2026-04-14T13:25:59.595-04:00 ".utf8)

    /// Whatever a program writes, in whatever pieces, into files of whatever size: without the stamps it is there again,
    /// byte by byte, and no file is larger than it may be.
    static func stamper(_ bytes: [UInt8]) {
        var choices = Choices(bytes)
        let maxSize = 64 + choices.number(below: 512)
        let room = LineStamper.leastOutput + choices.number(below: 300)
        let piece = 1 + choices.number(below: 300)
        let starts: [LinePosition] = [.start, .foreign, .inside(choices.number(below: 64))]
        var stamper = LineStamper(at: starts[choices.number(below: 3)])
        let input = Array(choices.bytes)
        var file: [UInt8] = []
        var fileStart = stamper.position
        var (size, taken) = (0, 0)
        var seen: [UInt8] = []
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
        defer { output.deallocate() }
        while taken < input.count {
            let step = input[taken..<min(taken + piece, input.count)].withUnsafeBytes { bytes in
                stamp.withUnsafeBytes { stamp in
                    guard let stamp = stamp.baseAddress else { return LineStamper.Step() }
                    return stamper.stamp(bytes, with: stamp, into: output, fileSize: size, maxSize: maxSize)
                }
            }
            precondition(step.made <= room && (step.taken > 0 || step.isFileFull), "no way on")
            file += output[..<step.made]
            (size, taken) = (size + step.made, taken + step.taken)
            guard step.isFileFull else { continue }
            precondition(size > 0 || fileStart != .start, "an empty file is full")
            seen += unstamped(file, fileStart)
            (file, size) = ([], 0)
            stamper.position = stamper.position.inEmptyFile
            fileStart = stamper.position
        }
        precondition(seen + unstamped(file, fileStart) == input, "bytes of the program are lost or changed")
    }

    private static func unstamped(_ file: [UInt8], _ position: LinePosition) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: file.count) { buffer, count in
            count = file.withUnsafeBytes { LineStamper.origin(of: $0, after: position, into: buffer.baseAddress).count }
        }
    }

    /// A log of two files: read from its start it is what was put there, its last lines are the last of those, and
    /// whoever follows it sees each line once.
    static func logs(_ bytes: [UInt8]) {
        mkdir(StateTargets.folder, 0o700)
        let path = StateTargets.folder + "/log"
        var choices = Choices(bytes)
        let count = choices.number(below: 6)
        let piece = 1 + choices.number(below: 300)
        let cut = choices.number(below: 1000)
        let input = Array(choices.bytes)
        let older = input.prefix(cut)
        try? FileSystem.replace(path + ".1", with: Array(older), isDurable: false)
        try? FileSystem.replace(path, with: Array(input.dropFirst(cut)), isDurable: false)
        let all = lines(LogTail(lines: .max, of: [path]))
        precondition(Array(all.joined()) == input.filter { $0 != 0x0a }, "bytes are lost by reading")
        precondition(lines(LogTail(lines: count, of: [path])) == Array(all.suffix(count)), "not the last lines")
        // Two logs at once look for stamps, in blocks that are small.
        let merged = lines(LogTail(lines: .max, since: 0, of: [path, path + ".none"]))
        precondition(merged.count <= all.count)
        follow(input, piece: piece, path)
    }

    private static func lines(_ tail: LogTail) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        tail.forEachPiece { _, piece in
            if piece.startsLine { lines.append([]) }
            lines[lines.count - 1] += piece.bytes
            return true
        }
        return lines
    }

    private static func follow(_ input: [UInt8], piece: Int, _ path: String) {
        unlink(path + ".1")
        let file = open(path, O_WRONLY | O_TRUNC | O_APPEND | O_CREAT, 0o600)
        defer { close(file) }
        guard let log = try? RotatedLog(path: path) else { fatalError("no log") }
        let followed = FollowedLog(log, path: path, blockSize: 128)
        var seen: [UInt8] = []
        for start in stride(from: 0, to: input.count, by: piece) {
            try? FileSystem.write(Array(input[start..<min(start + piece, input.count)]), to: file, path: path)
            while let piece = try? followed.next(refresh: {}) {
                seen += piece.bytes
                if piece.end == .newline { seen.append(0x0a) }
            }
        }
        precondition(input.starts(with: seen), "a follower sees something else")
        precondition(input.count - seen.count < 128 && !input[seen.count...].contains(0x0a), "a line is not followed")
    }
}
