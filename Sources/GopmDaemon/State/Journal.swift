import CLinux
import GopmJSON
import GopmModel
import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// `run/journal`: what a supervisor that takes over must know, on disk before it can matter.
///
/// The first line is `{"boot_id":"…","folder":"…","clean":false}`; in a copy of the home, such as a backup that was
/// restored beside it, the journal means nothing, as the programs are the other home's. Each line after it is one process's whole record, or `{"id":3,"deleted":true}`;
/// the last line of an id holds. A line is one
/// write(2) without fsync: a kill of the daemon keeps the page cache, and after a power cut the boot id is another and
/// the journal means nothing. A torn last line (the disk was full) is skipped.
///
/// Room for what comes next is kept beyond the end of the file: on a full disk programs can still be stopped and restarted
/// for some time, and the next supervisor knows of it.
@SupervisorActor
final class Journal {
    /// Bytes of lines that are out of date before the file is written anew, and as many again as are in date.
    private static let slack = 4 << 20
    /// Bytes that are kept beyond the end: about a thousand records.
    private static let reserve = 1 << 20

    private let path: String
    private var descriptor: Int32 = -1
    private var size = 0
    private var sizeAfterRewrite = 0
    /// Up to where the file has its blocks.
    private var reservedEnd = 0

    init(path: String) {
        self.path = path
    }

    /// Appends a record.
    ///
    /// A journal that can't be written is no reason to stop supervising: the error is returned. But what the journal does
    /// not know must not be spawned.
    func append(_ record: ProcessRecord) -> SystemError? {
        var json = JSONWriter(reservingCapacity: 2048)
        record.encode(into: &json, detail: .saved)
        return append(json.bytes)
    }

    func appendDeletion(of id: Int) -> SystemError? {
        append(Array("{\"id\":\(id),\"deleted\":true}".utf8))
    }

    /// Whether so many lines are out of date that it is time for ``rewrite(_:)``.
    var wantsRewrite: Bool { size > 2 * sizeAfterRewrite + Journal.slack }

    /// Replaces the file by one line a record; `isClean` says that nothing is left alive.
    func rewrite(_ records: [ProcessRecord], isClean: Bool = false) throws(SystemError) {
        var header = JSONWriter()
        header.object { json in
            json.member("boot_id", Clock.bootID)
            json.member("folder", Journal.folder(of: path))
            json.member("clean", isClean)
        }
        var bytes = header.bytes + [UInt8(ascii: "\n")]
        for record in records {
            var json = JSONWriter(reservingCapacity: 2048)
            record.encode(into: &json, detail: .saved)
            bytes += json.bytes
            bytes.append(UInt8(ascii: "\n"))
        }
        try FileSystem.replace(path, with: bytes, isDurable: false)
        if descriptor >= 0 { close(descriptor) }
        descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        size = bytes.count
        sizeAfterRewrite = size
        reservedEnd = 0
        keepRoom()
    }

    /// What a journal says.
    struct Content: Sendable {
        var bootID: String?
        /// In which it was written.
        fileprivate var folder: String?
        /// The supervisor that wrote it stopped everything before it ended.
        var isClean = false
        /// The newest record of each id.
        var records: [Int: ProcessRecord] = [:]
        var badLines = 0
    }

    nonisolated static func read(_ path: String) -> Content {
        var content = Content()
        guard let bytes = try? FileSystem.read(path, limit: 256 << 20) else { return content }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let object = (try? JSONValue.parse(Array(line)))?.objectValue else {
                content.badLines += 1
                continue
            }
            content.take(object)
        }
        if let folder = content.folder, folder != Journal.folder(of: path) { content.bootID = nil }
        return content
    }

    /// What no two folders share at a time, whatever the path that leads to them.
    private nonisolated static func folder(of path: String) -> String {
        var info = stat()
        return stat(PathText.folder(path), &info) == 0 ? "\(info.st_dev):\(info.st_ino)" : ""
    }

    private func append(_ line: [UInt8]) -> SystemError? {
        // While programs are adopted, the journal of the last supervisor goes on.
        if descriptor < 0 {
            // O_NONBLOCK: a FIFO in its place must not make us wait for its other end.
            descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
            guard descriptor >= 0 else { return SystemError("open", path) }
            size = Int(lseek(descriptor, 0, SEEK_END))
        }
        do throws(SystemError) {
            // The line end comes first, too: a line that a full disk tore must not swallow this one.
            try FileSystem.write([UInt8(ascii: "\n")] + line + [UInt8(ascii: "\n")], to: descriptor, path: path)
        } catch {
            return error
        }
        size += line.count + 2
        keepRoom()
        return nil
    }

    /// Without success if the disk is full already, or of a kind that can't.
    private func keepRoom() {
        guard size + Journal.reserve / 2 > reservedEnd else { return }
        let end = size + Journal.reserve
        if gopm_keep_room(descriptor, off_t(end)) == 0 { reservedEnd = end }
    }
}

extension Journal.Content {
    fileprivate mutating func take(_ object: JSONObject) {
        if let bootID = object["boot_id"]?.stringValue {
            self.bootID = bootID
            folder = object["folder"]?.stringValue
            isClean = object["clean"]?.boolValue ?? false
        } else if object["deleted"]?.boolValue == true, let id = object["id"]?.integerValue {
            records[Int(id)] = nil
        } else {
            var fields = FieldReader(object)
            let record = ProcessRecord(from: &fields)
            if fields.faults.isEmpty { records[record.id] = record } else { badLines += 1 }
        }
    }
}
