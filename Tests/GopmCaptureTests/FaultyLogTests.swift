import Glibc
import GopmCapture
import Synchronization
import SystemPackage
import Testing

@Suite struct FaultyLogTests {
    /// A disk with so many bytes left.
    final class Disk: Sendable {
        let room: Atomic<Int>

        init(room: Int) { self.room = Atomic(room) }

        var probe: CaptureProbe {
            CaptureProbe(write: { descriptor, bytes, count in
                let length = min(count, self.room.load(ordering: .relaxed))
                guard length > 0 else {
                    errno = ENOSPC
                    return -1
                }
                self.room.subtract(length, ordering: .relaxed)
                return write(descriptor, bytes, length)
            })
        }
    }

    @Test func aFullDiskGetsWholeLinesAndCountsTheRest() throws {
        let disk = Disk(room: 100)
        let capture = try Capture(probe: disk.probe)
        capture.write("1111\n2222\n3333\n4444\n")
        capture.drain()
        #expect(capture.text == "@1111\n@2222\n")
        capture.write("5555\n")
        capture.drain()
        capture.event { $0 == .writeFailing(capture.id, path: capture.log, .noSpace) }
        disk.room.store(1 << 20, ordering: .relaxed)
        capture.event { $0 == .resumed(capture.id, path: capture.log, lostBytes: 15) }
        capture.write("6666\n")
        capture.drain()
        #expect(capture.text == "@1111\n@2222\n@[gopm] 15 bytes lost (disk full)\n@6666\n")
        #expect(capture.otherEvents.isEmpty)
    }

    @Test func aFullDiskNeverBlocksTheProgram() throws {
        let disk = Disk(room: 10_000)
        let capture = try Capture(probe: disk.probe)
        let line = String(repeating: "x", count: 99) + "\n"
        capture.write(String(repeating: line, count: 200_000))  // 20 times what fits into the FIFO
        capture.drain()
        let kept = capture.text.split(separator: "\n").count
        disk.room.store(1 << 20, ordering: .relaxed)
        let lost = 20_000_000 - kept * 100
        capture.event { $0 == .resumed(capture.id, path: capture.log, lostBytes: lost) }
        #expect(capture.text.hasSuffix("\n@[gopm] \(lost) bytes lost (disk full)\n"))
    }

    @Test func aMissingFolderComesBack() throws {
        let capture = try Capture()
        capture.write("one\n")
        capture.drain()
        let folder = capture.folder + "/logs"
        unlink(capture.log)
        rmdir(folder)
        close(open(folder, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))  // a file where the folder was
        capture.write("two\n")
        capture.event { $0 == .writeFailing(capture.id, path: capture.log, .notDirectory) }
        capture.drain()
        unlink(folder)
        capture.event { $0 == .resumed(capture.id, path: capture.log, lostBytes: 4) }
        capture.write("three\n")
        capture.drain()
        #expect(capture.text == "@[gopm] 4 bytes lost (Not a directory)\n@three\n")
    }

    /// An unreadable name in the way of the renames: the log grows on, and nothing is lost.
    @Test func aLogThatCanNotBeRotatedGrowsOn() throws {
        let capture = try Capture(maxSize: 80, maxFiles: 1)
        capture.write("a line that fills a file by itself\n")
        capture.drain()
        mkdir(capture.log + ".1", 0o700)
        for _ in 0..<3 { capture.write("a line that fills a file by itself\n") }
        capture.drain()
        #expect(capture.files.last?.count == 4 * 65)
        capture.event { if case .rotationFailing(capture.id, capture.log, _) = $0 { true } else { false } }
        rmdir(capture.log + ".1")
        // It tries once a second, with the next line.
        var lines = 4
        eventually {
            capture.write("a line that fills a file by itself\n")
            capture.drain()
            lines += 1
            return capture.files.count == 2
        }
        #expect(capture.files.map(\.count) == [(lines - 1) * 65, 65])
        #expect(capture.otherEvents.filter { if case .rotationFailing = $0 { true } else { false } }.isEmpty)
    }

    @Test func aPipeWithoutAReaderCosts() throws {
        let folder = "/tmp/gopm-capture-\(getpid())-pipe"
        mkdir(folder, 0o700)
        defer { removeAll(folder) }
        mkfifo(folder + "/log", 0o600)
        let capture = try Capture(log: folder + "/log", maxSize: 64)
        capture.write("nobody listens\n")
        capture.event { $0 == .writeFailing(capture.id, path: capture.log, .noSuchAddressOrDevice) }
        capture.drain()
        let reader = open(folder + "/log", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        capture.event { $0 == .resumed(capture.id, path: capture.log, lostBytes: 15) }
        capture.write("somebody does\n")
        capture.drain()
        var bytes = [UInt8](repeating: 0, count: 500)
        bytes.removeLast(500 - max(0, read(reader, &bytes, 500)))
        #expect(
            Capture.text(bytes) == "@[gopm] 15 bytes lost (reader is missing or too slow)\n@somebody does\n"
        )
        close(reader)
    }

    /// Writes of 300 ms to one log: the other is held up once.
    @Test func aSlowLogGetsAThreadOfItsOwn() throws {
        let slow = "/slow-out.log"
        let probe = CaptureProbe(write: { descriptor, bytes, count in
            if target(of: "/proc/self/fd/\(descriptor)").hasSuffix(slow) { usleep(300_000) }  // the disk
            return write(descriptor, bytes, count)
        })
        let capture = try Capture(probe: probe)
        let other = try Capture()
        var spec = other.spec()
        spec.id = StreamID(process: 2, kind: .out)
        spec.path = capture.folder + slow
        spec.recordSlot = nil
        other.event({ $0 == .detached(token: 1) }, before: { other.pump.detach(other.id, token: 1) })
        capture.pump.attach(spec)
        other.write("first\n")
        capture.event { if case .slow(spec.id, spec.path, 300...) = $0 { true } else { false } }
        let begin = time()
        for number in 0..<4 {
            other.write("more\n")  // 300 ms each
            capture.pump.actionLine(spec.id, "action \(number)")
            capture.write("quick \(number)\n")
            eventually { capture.text.hasSuffix("quick \(number)\n") }
        }
        #expect(time() - begin < 0.3)
        capture.drain()
        let log = Capture.text(Capture.bytes(spec.path) ?? []).split(separator: "\n")
        #expect(log.filter { $0.hasPrefix("@[gopm]") } == (0..<4).map { "@[gopm] action \($0)" })
        #expect(log.count { $0 == "@more" } == 4)
    }

    private func time() -> Double {
        var time = timeval()
        gettimeofday(&time, nil)
        return Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }
}
