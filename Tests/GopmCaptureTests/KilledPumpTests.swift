import CLinux
import Glibc
import GopmCapture
import Synchronization
import Testing

/// A log thread that stops for ever at one moment stands for one that was killed there: nothing it holds is released.
@Suite struct KilledPumpTests {
    final class Grave: Sendable {
        private let point: CaptureProbe.Point
        private let left: Atomic<Int>
        let isFilled = Atomic(false)

        /// Stops at the n-th time that point is passed.
        init(at point: CaptureProbe.Point, time: Int) {
            self.point = point
            left = Atomic(time)
        }

        func passing(_ point: CaptureProbe.Point) {
            guard point == self.point, left.subtract(1, ordering: .relaxed).newValue == 0 else { return }
            isFilled.store(true, ordering: .releasing)
            while true { pause() }
        }
    }

    @Test(arguments: CaptureProbe.Point.allCases.filter { $0 != .blockCutShort }, [1, 2, 7])
    func eachLineIsThereOnce(point: CaptureProbe.Point, time: Int) throws {
        let grave = Grave(at: point, time: time)
        try write(CaptureProbe(passing: { grave.passing($0) }), grave)
    }

    /// Nothing in the FIFO tells what was taken, and yet it is known.
    @Test(arguments: [CaptureProbe.Point.blockWritten, .blockTaken, .blockEnded])
    func linesThatAreAllTheSameAreThereOnceEach(point: CaptureProbe.Point) throws {
        let grave = Grave(at: point, time: 3)
        let program = [String](repeating: "the same again\n", count: 3000)
        try write(CaptureProbe(passing: { grave.passing($0) }), grave, program)
    }

    @Test func aBlockThatWasBeingCutIsWrittenAgain() throws {
        let grave = Grave(at: .blockCutShort, time: 1)
        let writes = Atomic(0)
        let probe = CaptureProbe(
            passing: { grave.passing($0) },
            write: { descriptor, bytes, count in
                switch writes.add(1, ordering: .relaxed).newValue {
                case 1...4: return Glibc.write(descriptor, bytes, count)
                case 5: return Glibc.write(descriptor, bytes, count - 90)
                default:
                    errno = ENOSPC
                    return -1
                }
            }
        )
        try write(probe, grave)
    }

    /// Writes lines until the pump is dead, and more; another pump must then make the log complete.
    private func write(_ probe: CaptureProbe, _ grave: Grave, _ lines: [String]? = nil) throws {
        let capture = try Capture(maxSize: 3000, maxFiles: 1000, probe: probe)
        let program = lines ?? (0..<3000).map { "\($0) \(String(repeating: "x", count: $0 % 97))\n" }
        // In pieces that are taken one by one, so that there are many blocks.
        for piece in stride(from: 0, to: program.count, by: 60) {
            capture.write(program[piece..<piece + 60].joined())
            eventually { grave.isFilled.load(ordering: .acquiring) || capture_unread(capture.program) == 0 }
        }
        eventually { grave.isFilled.load(ordering: .acquiring) }
        try capture.replacePump(maxSize: 3000, maxFiles: 1000)
        capture.drain()
        #expect(capture.files.map(Capture.text).joined() == program.map { "@" + $0 }.joined())
    }

    /// The real thing, at random instants: see `capture-helper`.
    @Test func killMinus9() throws {
        let capture = try Capture()
        capture.event({ $0 == .detached(token: 1) }, before: { capture.pump.detach(capture.id, token: 1) })
        let program = NumberedLines(into: capture.program)
        for _ in 0..<30 {
            let helper = try Helper(capture)
            usleep(UInt32.random(in: 5_000...40_000))
            helper.kill()
        }
        let helper = try Helper(capture)
        let count = program.stop()
        helper.end()
        let lines = capture.files.map(Capture.text).joined()
        #expect(lines == (0..<count).map { "@\($0)\n" }.joined(), "\(count) lines written")
    }
}
