import CLinux
import Glibc
import GopmSystem
import Synchronization
import Testing

@testable import GopmKeeper

/// A home of its own with a keeper on a thread of this process, which can be made to stand still.
final class KeeperFixture {
    /// The loop belongs to the thread while there is one, and to nobody else.
    private final class Shared: @unchecked Sendable {
        let loop: KeeperLoop
        let isToStop = Atomic(false)
        let ending = Mutex<KeeperLoop.Ending?>(nil)
        init(_ loop: KeeperLoop) { self.loop = loop }
    }

    let home: String
    private let folder: String
    private var shared: Shared?
    private var thread: pthread_t?

    /// A keeper that takes `daemon` for its first gopmd, and runs `script` with `$home` when that one is gone.
    init(
        daemon: pid_t = getpid(),
        script: String = "true",
        capacity: Int = 10_000,
        subfolder: String = ""
    ) throws {
        folder = try temporaryFolder()
        home = folder + subfolder
        for path in [home, home + "/run"] { mkdir(path, 0o700) }
        let loop = KeeperLoop(
            home: home,
            listener: try KeeperSocket(home: home).listen(),
            daemon: daemon,
            command: ["/bin/sh", "-c", "home='\(home)'; \(script)"],
            capacity: capacity,
            startDaemon: { DetachedStart(command: $0).run() }
        )
        shared = Shared(loop)
        resume()
    }

    deinit {
        standStill()
        shared = nil
        removeFolder(folder)
    }

    var socketExists: Bool { access(home + "/run/keeper.sock", F_OK) == 0 }
    var ending: KeeperLoop.Ending? { shared?.ending.withLock { $0 } }

    func connect(command: [String] = []) throws -> (client: KeeperClient, held: [HeldDescriptors]) {
        try KeeperClient.connectAndFetch(home: home, command: command, waitingAtMost: 5_000_000_000)
    }

    /// Lets the keeper look at nothing until `resume()`.
    func standStill() {
        guard let thread else { return }
        shared?.isToStop.store(true, ordering: .sequentiallyConsistent)
        pthread_join(thread, nil)
        self.thread = nil
    }

    func resume() {
        guard let shared else { return }
        shared.isToStop.store(false, ordering: .sequentiallyConsistent)
        var thread = pthread_t()
        pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                let shared = Unmanaged<Shared>.fromOpaque(context).takeRetainedValue()
                while !shared.isToStop.load(ordering: .sequentiallyConsistent) {
                    guard let ending = shared.loop.turn(waitingAtMost: 5_000_000) else { continue }
                    shared.ending.withLock { $0 = ending }
                    break
                }
                return nil
            },
            Unmanaged.passRetained(shared).toOpaque()
        )
        self.thread = thread
    }

    func lines(of file: String) -> Int {
        (try? FileSystem.read("\(home)/\(file)"))?.count { $0 == UInt8(ascii: "\n") } ?? 0
    }
}

func temporaryFolder() throws -> String {
    var template = Array("/tmp/gopm-keeper-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("make", "a folder") }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
}

func removeFolder(_ path: String) {
    if let pid = DetachedStart(command: ["/bin/rm", "-rf", path]).run() { waitpid(pid, nil, 0) }
}

/// Looks every 5 ms for a fact, at most 5 s.
func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = Clock.boot + 5_000_000_000
    while !condition() {
        guard Clock.boot < deadline else { return false }
        usleep(5_000)
    }
    return true
}

/// A pipe with `text` in it.
struct TestPipe {
    let readEnd: Int32
    let writeEnd: Int32

    init(_ text: String = "") throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError("make", "a pipe") }
        (readEnd, writeEnd) = (ends[0], ends[1])
        _ = write(writeEnd, text, text.utf8.count)
    }

    /// Not at once true when the last read end is closed: another test may be between fork and exec.
    var hasNoReader: Bool {
        var watched = pollfd(fd: writeEnd, events: 0, revents: 0)
        return poll(&watched, 1, 0) == 1 && watched.revents & Int16(POLLERR) != 0
    }

    static func content(of descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }
}

/// A process for the keeper to watch, ended with `kill`.
func startSleeper() throws -> pid_t {
    let pid = DetachedStart(command: ["/bin/sleep", "1000"]).run()
    guard let pid else { throw SystemError("start", "sleep") }
    return pid
}

func end(_ pid: pid_t) {
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
}
