import CLinux
import GopmKeeper
import GopmLifecycle
import GopmSystem
import Logging
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The supervisor's connection to the keeper, the process that holds FIFOs and pidfds while there is no supervisor.
///
/// A keeper that dies is replaced and told everything again; programs notice nothing, as each also holds read ends of
/// its own FIFOs.
@SupervisorActor
final class KeeperLink {
    /// What the keeper held for the supervisor before this one; the descriptors are the receiver's.
    struct Held {
        /// Read ends by process id: stdout's, then stderr's if it has its own.
        var streams: [Int: [Int32]] = [:]
        /// pidfds by process id and generation.
        var lives: [String: Int32] = [:]
    }

    private let home: Home
    private let executable: String
    private let arguments: [String]
    private let limits: InheritedLimits
    private let logger: Logger
    private var client: KeeperClient?
    private var source: LoopDescriptor?
    private var failures = 0
    private lazy var retry = LoopTimer { [unowned self] in replace() }
    /// Called when a keeper that knows nothing is connected.
    var onReplaced: @SupervisorActor () -> Void = {}

    init(home: Home, executable: String, arguments: [String], limits: InheritedLimits, logger: Logger) {
        self.home = home
        self.executable = executable
        self.arguments = arguments
        self.limits = limits
        self.logger = logger
    }

    /// Takes what a keeper holds, if there is one.
    ///
    /// Waits, a second at most, so it is for the start only.
    func takeOver() -> Held {
        var held = Held()
        do throws(KeeperError) {
            let (client, sets) = try KeeperClient.connectAndFetch(home: home.path, command: [executable] + arguments)
            use(client)
            for set in sets { sort(set, into: &held) }
        } catch {
            if error.code != .notRunning { logger.warning("keeper lost", metadata: ["error": "\(error)"]) }
        }
        return held
    }

    /// Starts a keeper unless one is connected.
    func ensure() {
        if client == nil { replace() }
    }

    func keepStreams(of process: Int, _ descriptors: [Int32]) {
        client?.store(name: KeeperLink.streamName(process), fds: descriptors)
    }

    func dropStreams(of process: Int) {
        client?.remove(name: KeeperLink.streamName(process))
    }

    func keepLife(of process: Int, _ generation: Generation, _ pidfd: Int32) {
        client?.store(name: KeeperLink.lifeName(process, generation), fds: [pidfd])
    }

    func dropLife(of process: Int, _ generation: Generation) {
        client?.remove(name: KeeperLink.lifeName(process, generation))
    }

    /// Waits until the keeper has everything, before this image makes room for the next.
    func settle() -> Bool {
        client?.settle(waitingAtMost: 500_000_000) ?? false
    }

    /// Everything is stopped; the keeper may go.
    func goodbye() {
        retry.cancel()
        source = nil
        client?.goodbye(waitingAtMost: 500_000_000)
        client = nil
    }

    static func lifeName(_ process: Int, _ generation: Generation) -> String {
        "life \(process) \(generation)"
    }

    private static func streamName(_ process: Int) -> String {
        "streams \(process)"
    }

    private func sort(_ set: HeldDescriptors, into held: inout Held) {
        let words = set.name.split(separator: " ")
        if words.count == 2, words[0] == "streams", let id = Int(words[1]) {
            held.streams[id] = set.descriptors
        } else if words.count == 3, words[0] == "life", let pidfd = set.descriptors.first {
            held.lives[set.name] = pidfd
        } else {
            for descriptor in set.descriptors { close(descriptor) }
        }
    }

    private func use(_ client: KeeperClient) {
        self.client = client
        source = LoopDescriptor(client.fileDescriptor, events: UInt32(EPOLLIN.rawValue)) { [unowned self] in hear() }
    }

    private func hear() {
        guard let news = client?.handleReadiness() else { return }
        for name in news.refused { logger.error("keeper has no descriptor free", metadata: ["set": "\(name)"]) }
        guard news.isLost else { return }
        logger.warning("keeper lost, starting another")
        source = nil
        client = nil
        replace()
    }

    private func replace() {
        do throws(KeeperError) {
            try KeeperClient.launch(
                executable: executable,
                home: home.path,
                arguments: arguments,
                openFiles: limits.openFiles,
                fileMask: limits.fileMask
            )
            let (client, held) = try KeeperClient.connectAndFetch(home: home.path)
            for set in held { for descriptor in set.descriptors { close(descriptor) } }
            use(client)
            failures = 0
            onReplaced()
        } catch {
            failures += 1
            logger.error("no keeper", metadata: ["error": "\(error)", "tries": "\(failures)"])
            retry.arm(after: .milliseconds(min(100 << min(failures, 9), 30_000)))
        }
    }
}
