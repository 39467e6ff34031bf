import CLinux
import Glibc
import GopmSystem
import Logging
import Testing

@testable import GopmDaemon

/// The journal's own protocol, read by a socket that stands for journald.
@Suite struct JournalTests {
    private let address = "/tmp/gopm-journal-\(getpid())-\(UInt32.random(in: 0 ... .max))"

    private func listen() -> Int32 {
        let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: address.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        _ = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) }
        }
        return socket
    }

    /// The fields of the next datagram; `nil` if there is none.
    private func next(_ socket: Int32) -> [String: String]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        var rest = buffer[..<count]
        var fields: [String: String] = [:]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let name = String(decoding: rest[..<end], as: UTF8.self)
            let length = rest[(end + 1)...].prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
            let value = rest[(end + 9)...].prefix(length)
            fields[name] = String(decoding: value, as: UTF8.self)
            rest = rest[(end + 9 + length + 1)...]
        }
        return fields
    }

    private func entry(_ message: String, _ fields: Logger.Metadata = [:]) -> SystemJournal.Entry {
        SystemJournal.Entry(message: message, level: .warning, fields: fields)
    }

    @Test func fieldsArriveWhateverTheyHold() {
        let journald = listen()
        defer {
            close(journald)
            unlink(address)
        }
        let journal = SystemJournal(address: address)
        journal.append(entry("a\nPRIORITY=0", ["process": "api", "exit_code": "3\n", "bad name": "x", "ü": "y"]))
        #expect(
            next(journald) == [
                "MESSAGE": "a\nPRIORITY=0", "PRIORITY": "4", "SYSLOG_IDENTIFIER": "gopmd", "GOPM_PROCESS": "api",
                "GOPM_EXIT_CODE": "3\n",
            ]
        )
    }

    /// With nobody reading, or nobody there, lines are left out, and the count of them follows.
    @Test func nothingWaitsForASlowOrDeadJournal() throws {
        let journald = listen()
        defer { unlink(address) }
        let journal = SystemJournal(address: address)
        // The queue of a datagram socket takes net.unix.max_dgram_qlen of them.
        let begun = Clock.boot
        for number in 0..<5000 { journal.append(entry("line \(number)")) }
        #expect(Clock.boot - begun < 2_000_000_000)
        var kept = 0
        while next(journald) != nil { kept += 1 }
        #expect(kept > 0 && kept < 5000)
        journal.append(entry("after"))
        #expect(next(journald)?["MESSAGE"] == "after")
        let note = try #require(next(journald)?["MESSAGE"])
        #expect(note.hasPrefix("\(5000 - kept) lines before this one are missing here"))
        close(journald)
        unlink(address)
        journal.append(entry("to nobody"))
        let successor = listen()
        defer { close(successor) }
        journal.append(entry("again"))
        #expect(next(successor)?["MESSAGE"] == "again")
    }
}
