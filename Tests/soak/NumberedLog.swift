import Glibc
import GopmTestSupport

/// The log of a program that writes numbered lines, read while it is written and rotated: none is lost, doubled or torn.
struct NumberedLog {
    let path: String
    /// How many lines each life writes before it ends; `nil`: there is one life, and it does not end.
    let linesOfALife: Int?

    private(set) var lines = 0
    private(set) var lives = 1
    private var expected = 0
    /// Which file was read, and how far.
    private var file: ino_t = 0
    private var offset = 0
    private var unended = 0

    /// Bytes of a stamp and of a line of testapp with its end.
    private static let (stamp, line) = (30, 100)
    /// What it says after all lines of a life.
    private static let lastWords = "exit 1\n"

    init(_ path: String, linesOfALife: Int?) {
        self.path = path
        self.linesOfALife = linesOfALife
    }

    /// Reads what is new.
    mutating func check() throws {
        for descriptor in try openUnread() {
            defer { close(descriptor) }
            var status = stat()
            fstat(descriptor, &status)
            if status.st_ino != file {
                if file != 0 { try checkWhole() }
                (file, offset) = (status.st_ino, 0)
            }
            try readOn(descriptor)
        }
    }

    /// The file that was read last and those after it, oldest first.
    private func openUnread() throws -> [Int32] {
        // While files are renamed one may have no name for a moment.
        for _ in 0..<20 {
            if let found = openNewestFirst() { return found.reversed() }
            pause(.milliseconds(5))
        }
        throw TestFailure("\(path): the file that was read is gone: looked at too seldom, or lost")
    }

    /// A rotation meanwhile shows a file a second time, it hides none.
    ///
    /// - Returns: `nil` if the file that was read last is not there.
    private func openNewestFirst() -> [Int32]? {
        var found: [Int32] = []
        var inodes: Set<ino_t> = []
        for number in 0... {
            let descriptor = open(number == 0 ? path : "\(path).\(number)", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                if number == 0 { continue }
                break
            }
            var status = stat()
            fstat(descriptor, &status)
            if !inodes.insert(status.st_ino).inserted {
                close(descriptor)
                continue
            }
            found.append(descriptor)
            if status.st_ino == file { return found }
        }
        if file == 0 { return found }
        for descriptor in found { close(descriptor) }
        return nil
    }

    /// A file that is followed by another ends with a line's end.
    private func checkWhole() throws {
        guard unended == 0 else { throw TestFailure("\(path): \(unended) bytes without an end before a rotation") }
    }

    private mutating func readOn(_ descriptor: Int32) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 17)
        while true {
            let count = max(pread(descriptor, &buffer, buffer.count, off_t(offset)), 0)
            var start = 0
            try buffer.withUnsafeBufferPointer { bytes in
                while count - start >= size { start += try take(bytes, at: start) }
            }
            unended = count - start
            offset += start
            if start == 0 { return }
        }
    }

    private var isLifeOver: Bool { expected == linesOfALife }

    /// Of the line that should come next.
    private var size: Int { Self.stamp + (isLifeOver ? Self.lastWords.utf8.count : Self.line) }

    /// - Returns: How long the line is.
    private mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) throws -> Int {
        let (size, text) = (size, bytes[start + Self.stamp..<start + size])
        let isWhole = bytes[start + 4] == 45 && bytes[start + size - 1] == 10
        if isLifeOver {
            guard isWhole, text.elementsEqual(Self.lastWords.utf8) else { throw fault(bytes[start..<start + size]) }
            (expected, lives) = (0, lives + 1)
            return size
        }
        var number = 0
        for byte in text.prefix(10) { number = (48...57).contains(byte) ? number * 10 + Int(byte) - 48 : .min / 100 }
        guard isWhole, number == expected else { throw fault(bytes[start..<start + size]) }
        expected += 1
        lines += 1
        return size
    }

    private func fault(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> TestFailure {
        TestFailure("\(path): where number \(expected) should be: \(String(decoding: line, as: UTF8.self))")
    }
}
