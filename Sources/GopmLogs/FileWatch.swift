import Glibc

/// Tells when files change, by inotify(7): nobody has to look again and again.
///
/// A file is watched for writes by its descriptor, so that a rotation that renames it changes nothing; a folder for names
/// that come, go and are renamed in it.
final class FileWatch {
    enum Event: Sendable, Hashable {
        /// A watched file was written to or emptied; by its watch.
        case written(Int32)
        /// A name in a watched folder was made, or something was renamed to it or deleted.
        case name(folder: Int32, String)
        /// A name in a watched folder was renamed to another.
        case renamedAway(folder: Int32, String)
        /// Too much happened at once; anything may have.
        case overflow
    }

    let descriptor: Int32
    private let buffer: UnsafeMutableRawBufferPointer

    /// Nil if the user has no inotify instance left (`fs.inotify.max_user_instances`).
    init?() {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        buffer = .allocate(byteCount: 65_536, alignment: 8)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// Nil if it can't be watched.
    func add(file: Int32) -> Int32? {
        added(inotify_add_watch(descriptor, "/proc/self/fd/\(file)", UInt32(IN_MODIFY)))
    }

    func add(folder: String) -> Int32? {
        let kinds = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR
        return added(inotify_add_watch(descriptor, folder, UInt32(kinds)))
    }

    func remove(_ watch: Int32) {
        _ = inotify_rm_watch(descriptor, watch)
    }

    private func added(_ watch: Int32) -> Int32? { watch < 0 ? nil : watch }

    /// All that happened since the last call; does not wait.
    func events() -> [Event] {
        var events: [Event] = []
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return events }
            var place = 0
            while place < count {
                let head = buffer.loadUnaligned(fromByteOffset: place, as: inotify_event.self)
                place += MemoryLayout<inotify_event>.size
                let name = buffer[place..<place + Int(head.len)].prefix { $0 != 0 }
                place += Int(head.len)
                if let event = event(head, String(decoding: name, as: UTF8.self)) { events.append(event) }
            }
        }
    }

    private func event(_ head: inotify_event, _ name: String) -> Event? {
        func has(_ kind: some BinaryInteger) -> Bool { head.mask & UInt32(truncatingIfNeeded: kind) != 0 }
        if has(IN_Q_OVERFLOW) { return .overflow }
        if has(IN_MODIFY) { return .written(head.wd) }
        if has(IN_MOVED_FROM) { return .renamedAway(folder: head.wd, name) }
        return name.isEmpty ? nil : .name(folder: head.wd, name)
    }
}
