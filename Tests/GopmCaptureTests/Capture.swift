import CLinux
import Glibc
import Testing

@testable import GopmCapture

/// A log thread on a FIFO and a log in a folder of its own, and a program's end to write into.
final class Capture: Sendable {
    let folder: String
    let log: String
    let fifo: String
    let id = StreamID(process: 1, kind: .out)
    let records: RecordTable
    let slot: Int
    /// The program's end.
    let program: Int32
    /// What keeps unread output when a log thread dies, as the daemon's keeper does.
    let keeper: Int32
    private let current: Locked<LogPump>
    private let events = Locked<[PumpEvent]>([])

    init(log: String? = nil, maxSize: Int? = nil, maxFiles: Int = 3, probe: CaptureProbe = CaptureProbe()) throws {
        var template = Array("/tmp/gopm-capture-XXXXXX".utf8CString)
        folder = String(cString: mkdtemp(&template))
        self.log = log ?? folder + "/logs/app-out.log"
        fifo = folder + "/fifo"
        mkfifo(fifo, 0o622)
        keeper = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        program = open(fifo, O_WRONLY | O_CLOEXEC)
        _ = gopm_set_pipe_size(program, 1 << 20)
        records = try RecordTable(path: folder + "/records")
        slot = try records.allocate(RecordOwner(stream: id, generation: 1))
        let pump = try LogPump(records: records, probe: probe)
        current = Locked(pump)
        try pump.start()
        pump.attach(spec(maxSize, maxFiles))
    }

    deinit {
        _ = pump.stop()
        close(program)
        close(keeper)
        removeAll(folder)
    }

    var pump: LogPump { current.withLock { $0 } }

    func spec(_ maxSize: Int? = nil, _ maxFiles: Int = 3) -> StreamSpec {
        StreamSpec(
            id: id,
            generation: 1,
            fifo: open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC),
            path: log,
            maxSize: maxSize,
            maxFiles: maxFiles,
            recordSlot: slot
        )
    }

    /// Puts another daemon in the place of one that was killed, whose thread is left where it hangs.
    func replacePump(maxSize: Int?, maxFiles: Int = 3) throws {
        let pump = try LogPump(records: records)
        try pump.start()
        pump.attach(spec(maxSize, maxFiles))
        current.withLock { $0 = pump }
    }

    func write(_ text: String) { write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = rest.withUnsafeBytes { Glibc.write(program, $0.baseAddress, $0.count) }
            guard length > 0 else { return }
            rest = rest.dropFirst(length)
        }
    }

    /// Waits until all that was written so far is in the log.
    func drain() {
        _ = event {
            $0 == .drained(token: 1)
        } before: {
            self.pump.drain(token: 1)
        }
    }

    func flush() {
        _ = event {
            if case .flushed(2, nil) = $0 { true } else { false }
        } before: {
            self.pump.flush(self.id, token: 2)
        }
    }

    /// Waits for an event, and takes it away.
    @discardableResult
    func event(
        _ isIt: @escaping (PumpEvent) -> Bool,
        before action: () -> Void = {},
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> PumpEvent? {
        action()
        for _ in 0..<2000 {
            var request = pollfd(fd: pump.eventDescriptor, events: Int16(POLLIN), revents: 0)
            poll(&request, 1, 5)
            let new = pump.takeEvents()
            let found = events.withLock { events -> PumpEvent? in
                events += new
                return events.firstIndex(where: isIt).map { events.remove(at: $0) }
            }
            if let found { return found }
        }
        Issue.record("the event did not come", sourceLocation: sourceLocation)
        return nil
    }

    /// Events that came so far and were not taken.
    var otherEvents: [PumpEvent] {
        let new = pump.takeEvents()
        return events.withLock { events in
            events += new
            return events
        }
    }

    // MARK: What is in the log

    static func bytes(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var facts = stat()
        fstat(descriptor, &facts)
        return [UInt8](unsafeUninitializedCapacity: Int(facts.st_size)) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
    }

    /// All files of the log, oldest first.
    var files: [[UInt8]] {
        var files = [Self.bytes(log) ?? []]
        var number = 1
        while let bytes = Self.bytes("\(log).\(number)") {
            files.insert(bytes, at: 0)
            number += 1
        }
        return files
    }

    /// The log with `@` for each stamp, and `?` where a line has none.
    var text: String { Self.text(files.last ?? []) }

    static func text(_ bytes: [UInt8]) -> String {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { line in
                if line.isEmpty { return "" }
                guard isStamp(line.prefix(LineStamper.stampLength)) else {
                    return "?" + String(decoding: line, as: UTF8.self)
                }
                return "@" + String(decoding: line.dropFirst(LineStamper.stampLength), as: UTF8.self)
            }
            .joined(separator: "\n")
    }

    private static func isStamp(_ bytes: some Collection<UInt8>) -> Bool {
        let digits = bytes.map { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 ? UInt8(ascii: "9") : $0 }
        let form = String(decoding: digits, as: UTF8.self)
        return form == "9999-99-99T99:99:99.999+99:99 " || form == "9999-99-99T99:99:99.999-99:99 "
    }
}

/// Looks every 5 ms, for ten seconds at most, until a fact is there.
func eventually(_ isSo: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    for _ in 0..<2000 {
        if isSo() { return }
        usleep(5000)
    }
    Issue.record("it did not come true", sourceLocation: sourceLocation)
}

func removeAll(_ path: String) {
    if let folder = opendir(path) {
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { removeAll(path + "/" + name) }
        }
        closedir(folder)
    }
    remove(path)
}

/// The target of a symbolic link.
func target(of link: String) -> String {
    String(
        decoding: [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            count = buffer.withMemoryRebound(to: CChar.self) {
                max(0, $0.baseAddress.map { readlink(link, $0, 4096) } ?? 0)
            }
        },
        as: UTF8.self
    )
}
