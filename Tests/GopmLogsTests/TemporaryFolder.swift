import Glibc
import Synchronization

@testable import GopmLogs

/// A folder for a test's log files, removed with the last reference.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/gopm-logs-test-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } }
        precondition(made != nil, "mkdtemp: errno \(errno)")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                unlink(path + "/" + name)
            }
            closedir(folder)
        }
        rmdir(path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file new, or to its end; returns its path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String, appending: Bool = false) -> String {
        let descriptor = open(file(name), O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC), 0o600)
        precondition(descriptor >= 0, "open \(name): errno \(errno)")
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            written += bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        }
        return file(name)
    }

    @discardableResult
    func write(_ text: String, to name: String, appending: Bool = false) -> String {
        write(Array(text.utf8), to: name, appending: appending)
    }

    func rename(_ old: String, to new: String) {
        Glibc.rename(file(old), file(new))
    }

    func contains(_ name: String) -> Bool { access(file(name), F_OK) == 0 }

    func remove(_ name: String) {
        unlink(file(name))
    }

    /// As gopmd does: `.2` to `.3`, `.1` to `.2`, the file to `.1`.
    func rotate(_ name: String) {
        for index in stride(from: 8, through: 1, by: -1) {
            rename("\(name).\(index)", to: "\(name).\(index + 1)")
        }
        rename(name, to: "\(name).1")
    }
}

/// Counts what is read, and can do something before a certain call of `pread(2)`.
final class ReadCounter: Sendable {
    private let counts = Mutex((calls: 0, bytes: 0))
    private let before: @Sendable (_ call: Int) -> Int32?

    /// `before` gets the number of the call, from 0; an error number that it returns is how the call fails.
    init(before: @escaping @Sendable (_ call: Int) -> Int32? = { _ in nil }) {
        self.before = before
    }

    var bytes: Int { counts.withLock { $0.bytes } }
    var calls: Int { counts.withLock { $0.calls } }

    var fileCalls: LogFileCalls {
        LogFileCalls { [self] descriptor, buffer, count, offset in
            let call = counts.withLock { counts in
                defer { counts.calls += 1 }
                return counts.calls
            }
            if let code = before(call) {
                errno = code
                return -1
            }
            let got = pread(descriptor, buffer, count, offset)
            counts.withLock { $0.bytes += max(0, got) }
            return got
        }
    }
}

/// A stamp `milliseconds` after 2026-04-14T13:00:00.000-04:00; less than an hour.
func stamp(_ milliseconds: Int) -> String {
    func padded(_ number: Int, _ digits: Int) -> String {
        String(repeating: "0", count: digits - String(number).count) + String(number)
    }
    let minute = padded(milliseconds / 60_000, 2)
    return "2026-04-14T13:\(minute):\(padded(milliseconds / 1000 % 60, 2)).\(padded(milliseconds % 1000, 3))-04:00 "
}

extension LogTail {
    /// All lines as they come: the number of the log, and the text without its newline.
    func lines() -> [(source: Int, text: [UInt8])] {
        var lines: [(source: Int, text: [UInt8])] = []
        forEachPiece { source, piece in
            if piece.startsLine { lines.append((source, [])) }
            lines[lines.count - 1].text += piece.bytes
            return true
        }
        return lines
    }

    var texts: [String] { lines().map { String(decoding: $0.text, as: UTF8.self) } }
}
