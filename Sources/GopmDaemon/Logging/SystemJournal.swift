import CLinux
import GopmSystem
import Logging

#if canImport(Glibc)
    import Glibc
#endif

/// systemd's journal, when it is where our standard error goes: the daemon's log lines with their fields.
///
/// It speaks journald's own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL) instead of calling sd_journal_sendv(3), which
/// waits for as long as journald is slow or stopped. Here the wait has a budget; a line that finds no room after it is
/// left out and counted: `daemon.log` has it. Used by the disk thread only.
final class SystemJournal: @unchecked Sendable {
    private var socket: Int32 = -1
    private var missing = 0
    /// One note a second is enough (`Clock.boot`).
    private var noteDue: Int64 = 0
    /// Milliseconds that may yet be waited, and when they are given anew (`Clock.boot`).
    private var patience: Int32 = 0
    private var patienceRenewal: Int64 = 0

    /// A burst of lines is read within much less; more would keep the list from being saved.
    private static let patience: (milliseconds: Int32, every: Int64) = (100, 1_000_000_000)
    private let address: String

    static let standardAddress = "/run/systemd/journal/socket"

    /// `nil` unless systemd has connected our standard error to the journal (systemd.exec(5), `$JOURNAL_STREAM`).
    static func ifConnected() -> SystemJournal? {
        var info = stat()
        guard let stream = Environment.value("JOURNAL_STREAM"), fstat(2, &info) == 0,
            stream == "\(info.st_dev):\(info.st_ino)"
        else { return nil }
        return SystemJournal(address: standardAddress)
    }

    init(address: String) {
        self.address = address
    }

    deinit {
        if socket >= 0 { close(socket) }
    }

    func append(_ entry: Entry) {
        guard send(entry) else {
            missing += 1
            return
        }
        guard missing > 0, Clock.boot >= noteDue else { return }
        let text = "\(missing) lines before this one are missing here, the journal took none; see daemon.log"
        guard send(Entry(message: text, level: .warning, fields: [:])) else { return }
        missing = 0
        noteDue = Clock.boot + SystemJournal.patience.every
    }

    /// Returns false if it would have to wait, or nobody is there.
    private func send(_ entry: Entry) -> Bool {
        // Once more after a restart of journald has left us with a dead socket.
        for _ in 0..<2 {
            if socket < 0 { socket = gopm_connect_datagrams(address) }
            guard socket >= 0 else { return false }
            repeat {
                if gopm_keeper_send(socket, entry.bytes, entry.bytes.count, [], 0) == 0 { return true }
            } while errno == EAGAIN && waitForRoom()
            guard errno == ECONNREFUSED || errno == ENOTCONN || errno == EPIPE else { return false }
            close(socket)
            socket = -1
        }
        return false
    }
}

extension SystemJournal {
    /// Waits until journald has read something; false if the time for that is used up.
    private func waitForRoom() -> Bool {
        let begun = Clock.boot
        if begun >= patienceRenewal {
            patience = SystemJournal.patience.milliseconds
            patienceRenewal = begun + SystemJournal.patience.every
        }
        var room = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
        let hasRoom = patience > 0 && poll(&room, 1, patience) > 0
        let waited = Int32(clamping: (Clock.boot - begun + 999_999) / 1_000_000)
        patience = hasRoom ? max(patience - waited, 0) : 0
        if !hasRoom { errno = EAGAIN }
        return hasRoom
    }

    /// One line of the journal, encoded.
    struct Entry: Sendable {
        private(set) var bytes: [UInt8] = []

        /// `fields`: Each becomes `GOPM_` and its name in capitals.
        init(message: String, level: Logger.Level, fields: Logger.Metadata) {
            add("MESSAGE", message)
            add("PRIORITY", "\(level.priority)")
            add("SYSLOG_IDENTIFIER", "gopmd")
            for (name, value) in fields {
                guard let name = Entry.fieldName(name) else { continue }
                add(name, value.description)
            }
        }

        /// The form for values that may hold anything, line ends included: the name, the length, the bytes.
        private mutating func add(_ name: String, _ value: String) {
            bytes += name.utf8
            bytes.append(UInt8(ascii: "\n"))
            withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { bytes += $0 }
            bytes += value.utf8
            bytes.append(UInt8(ascii: "\n"))
        }

        /// Capitals, digits and underscores, 64 at most; `nil` if a name has anything else.
        private static func fieldName(_ name: String) -> String? {
            let letters = name.utf8.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 - 0x20 : $0 }
            let isAllowed = letters.allSatisfy {
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "_")
            }
            return isAllowed && letters.count < 60 ? "GOPM_" + String(decoding: letters, as: UTF8.self) : nil
        }
    }
}

extension Logger.Level {
    /// As in syslog(3).
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
