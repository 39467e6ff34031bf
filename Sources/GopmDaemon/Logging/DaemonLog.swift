import GopmModel
import GopmSystem
import Logging
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// `daemon.log`: one line an event, `time=… level=… msg="…" key=value`, rotated once at its size limit.
///
/// Lines are made on the caller's thread and written by the disk thread, so a slow disk never holds a decision up. Run
/// by systemd those from level info on also go to its journal.
final class DaemonLog: Sendable {
    /// Bytes; with the one rotated file twice this is the most that the log takes.
    static let sizeLimit = 10 << 20

    private let path: String
    private let disk: BackgroundThread
    private let file = LogFileState()
    private let journal: SystemJournal?

    init(path: String, disk: BackgroundThread, journal: SystemJournal?) {
        self.path = path
        self.disk = disk
        self.journal = journal
    }

    var hasJournal: Bool { journal != nil }

    /// The handler for `LoggingSystem.bootstrap`.
    func handler(level: Logger.Level) -> DaemonLogHandler {
        DaemonLogHandler(log: self, logLevel: level)
    }

    func write(_ line: String, _ entry: SystemJournal.Entry?) {
        disk.run { [self] in
            file.append(Array(line.utf8), to: path)
            if let entry { journal?.append(entry) }
        }
    }
}

/// The open file; used by the disk thread only.
private final class LogFileState: @unchecked Sendable {
    private var descriptor: Int32 = -1
    private var size = 0

    func append(_ line: [UInt8], to path: String) {
        if descriptor >= 0, size + line.count > DaemonLog.sizeLimit {
            close(descriptor)
            descriptor = -1
            rename(path, path + ".1")
        }
        if descriptor < 0 {
            // O_NONBLOCK: a FIFO in its place must not make us wait for its other end.
            descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o600)
            var info = stat()
            size = fstat(descriptor, &info) == 0 ? Int(info.st_size) : 0
        }
        // A full disk loses lines of this log; the programs and their logs come first.
        if descriptor >= 0, (try? FileSystem.write(line, to: descriptor, path: path)) != nil { size += line.count }
    }
}

/// swift-log's face of ``DaemonLog``.
struct DaemonLogHandler: LogHandler {
    let log: DaemonLog
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(log: DaemonLog, logLevel: Logger.Level) {
        self.log = log
        self.logLevel = logLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let message = event.message.description
        var fields = metadata
        if let given = event.metadata { fields.merge(given) { $1 } }
        let text = listed(fields)
        let line = "time=\(LocalTime.now()) level=\(event.level.shortName) msg=\(quoted(message))\(text)\n"
        // Lines for debugging would bury the others in what `systemctl status` shows.
        let isForJournal = log.hasJournal && event.level >= .info
        log.write(
            line,
            isForJournal ? SystemJournal.Entry(message: message + text, level: event.level, fields: fields) : nil
        )
    }

    /// ` key=value` for each.
    private func listed(_ fields: Logger.Metadata) -> String {
        var fields = fields
        var text = ""
        // The process first, the rest by name, so that lines can be compared by eye and by tools.
        if let process = fields.removeValue(forKey: "process") { text += " process=\(bare(process.description))" }
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) { text += " \(key)=\(bare(value.description))" }
        return text
    }

    private func bare(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") }
        return isPlain ? text : quoted(text)
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value):
                result += "\\x" + String(scalar.value + 0x100, radix: 16).dropFirst()
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension Logger.Level {
    fileprivate var shortName: String {
        switch self {
        case .trace, .debug: "DEBUG"
        case .info, .notice: "INFO"
        case .warning: "WARN"
        case .error, .critical: "ERROR"
        }
    }
}

/// The time as log lines show it: local, with milliseconds and offset.
enum LocalTime {
    static func now() -> String {
        let wall = Clock.wall
        var seconds = time_t(wall / 1_000_000_000)
        var local = tm()
        localtime_r(&seconds, &local)
        let offset = abs(local.tm_gmtoff) / 60
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(local.tm_year + 1900)-\(padded(Int(local.tm_mon) + 1, 2))-\(padded(Int(local.tm_mday), 2))"
        let clock = "\(padded(Int(local.tm_hour), 2)):\(padded(Int(local.tm_min), 2)):\(padded(Int(local.tm_sec), 2))"
        let zone = "\(local.tm_gmtoff < 0 ? "-" : "+")\(padded(offset / 60, 2)):\(padded(offset % 60, 2))"
        return "\(date)T\(clock).\(padded(Int(wall / 1_000_000 % 1000), 3))\(zone)"
    }
}
