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
final class KeeperLink: DescriptorHolder {
    private let home: Home
    private let executable: String
    private let arguments: [String]
    private let limits: InheritedLimits
    private let logger: Logger
    private var client: KeeperClient?
    private var source: LoopDescriptor?
    private var failures = 0
    private lazy var retry = LoopTimer { [unowned self] in replace() }
    var onReplaced: @SupervisorActor () -> Void = {}

    init(home: Home, executable: String, arguments: [String], limits: InheritedLimits, logger: Logger) {
        self.home = home
        self.executable = executable
        self.arguments = arguments
        self.limits = limits
        self.logger = logger
    }

    /// Waits a second at most.
    func takeOver() -> HeldForUs {
        var held = HeldForUs()
        do throws(KeeperError) {
            let (client, sets) = try KeeperClient.connectAndFetch(home: home.path, command: [executable] + arguments)
            use(client)
            for set in sets { held.add(set) }
        } catch {
            if error.code != .notRunning { logger.warning("keeper lost", metadata: ["error": "\(error)"]) }
        }
        return held
    }

    func ensure() {
        if client == nil { replace() }
    }

    func store(_ name: String, _ descriptors: [Int32]) {
        client?.store(name: name, fds: descriptors)
    }

    func remove(_ name: String) {
        client?.remove(name: name)
    }

    func settle() -> Bool {
        client?.settle(waitingAtMost: 500_000_000) ?? false
    }

    func goodbye() {
        retry.cancel()
        source = nil
        client?.goodbye(waitingAtMost: 500_000_000)
        client = nil
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
