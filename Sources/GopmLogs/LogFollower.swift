import Glibc

/// Follows logs: sleeps until one of them changes, and gives what came, merged by time.
///
/// What arrives in one instant is in the order of its stamps; nothing is held back to wait for a log that may still have
/// something older.
package final class LogFollower {
    private final class Source {
        let log: FollowedLog
        let base: String
        var folder: Int32?
        var watch: Int32?
        var watched: Int32?
        var isDue = true

        init(_ log: FollowedLog) {
            self.log = log
            base = log.path.split(separator: "/").last.map(String.init) ?? log.path
        }

        var folderPath: String { String(log.path.dropLast(base.utf8.count)) }
    }

    /// What woke it.
    package enum Wake: Sendable, Hashable {
        case logs, list, readerGone, timeout
    }

    private let watch: FileWatch
    private var sources: [Source] = []
    private var list: (folder: Int32, name: String)?
    /// Nothing of the logs was there to be read (a file that vanished, an error); the others go on.
    package var onFailure: (_ source: Int, LogError) -> Void = { _, _ in }

    /// Nil if the kernel has no inotify instance for us.
    package init?() {
        guard let watch = FileWatch() else { return nil }
        self.watch = watch
    }

    package var count: Int { sources.count }

    /// Readable when something happened, for those who wait for other things, too.
    package var descriptor: Int32 { watch.descriptor }

    package subscript(_ source: Int) -> FollowedLog { sources[source].log }

    /// Follows another log; its number is the count before.
    package func add(_ log: FollowedLog) {
        let source = Source(log)
        source.folder = watch.add(folder: source.folderPath)
        sources.append(source)
        watchFile(source)
    }

    /// Tells by ``Wake/list`` when a file is replaced.
    package func watchList(_ path: String) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if let folder = watch.add(folder: String(path.dropLast(name.utf8.count))) { list = (folder, name) }
    }

    /// Waits until there is something to do.
    ///
    /// `output`: A descriptor whose reader may go away. `timeout`: In milliseconds; without one it waits until something
    /// happens.
    package func wait(output: Int32, timeout: Int32? = nil) -> Wake {
        // What came while the last lines were shown.
        if note(watch.events()) { return .list }
        if sources.contains(where: \.isDue) { return .logs }
        // A folder that is not there cannot be watched.
        let isBlind = sources.contains { $0.folder == nil }
        var milliseconds = timeout ?? -1
        if isBlind { milliseconds = min(1000, timeout ?? 1000) }
        var polled = [
            pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: output, events: 0, revents: 0),
        ]
        let count = poll(&polled, 2, milliseconds)
        if polled[1].revents & Int16(POLLERR | POLLHUP) != 0 { return .readerGone }
        if isBlind {
            for source in sources where source.folder == nil { source.folder = watch.add(folder: source.folderPath) }
            for source in sources { source.isDue = true }
        }
        if count <= 0 { return isBlind ? .logs : .timeout }
        return note(watch.events()) ? .list : .logs
    }

    /// Gives all lines that are there now; stops when `body` returns false.
    package func forEachPiece(_ body: (_ source: Int, _ piece: LogPiece) -> Bool) {
        var merge = TimeMerge(count: sources.count)
        for index in sources.indices where sources[index].isDue {
            sources[index].isDue = false
            merge.add(index, next(index))
        }
        merge.forEachPiece(next: next, body)
    }

    private func next(_ index: Int) -> LogPiece? {
        let source = sources[index]
        do throws(LogError) {
            let piece = try source.log.next { _ = note(watch.events()) }
            if piece == nil { watchFile(source) }
            return piece
        } catch {
            onFailure(index, error)
            return nil
        }
    }

    /// Watches the file that is read now, and looks once more if that is another than before.
    private func watchFile(_ source: Source) {
        let descriptor = source.log.descriptor
        guard descriptor != source.watched else { return }
        if let watch = source.watch { self.watch.remove(watch) }
        source.watched = descriptor
        source.watch = descriptor.flatMap { watch.add(file: $0) }
        source.isDue = true
    }

    /// Returns whether the list was replaced.
    private func note(_ events: [FileWatch.Event]) -> Bool {
        var isListNew = false
        for event in events {
            switch event {
            case .overflow:
                for source in sources {
                    source.isDue = true
                    source.log.noteUncertainty()
                }
                isListNew = list != nil
            case .written(let watch):
                for source in sources where source.watch == watch { source.isDue = true }
            case .name(let folder, let name):
                if let list, list.folder == folder, list.name == name { isListNew = true }
                for source in sources where source.folder == folder && source.base == name { source.isDue = true }
            case .renamedAway(let folder, let name):
                for source in sources where source.folder == folder && source.base == name {
                    source.log.noteRotation()
                    source.isDue = true
                }
            }
        }
        return isListNew
    }
}
