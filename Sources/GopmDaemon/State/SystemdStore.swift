import Logging

#if canImport(Glibc)
    import Glibc
#endif

/// systemd's fd store: holds FIFOs and pidfds and hands them to the next supervisor, which systemd starts
/// (`FileDescriptorStoreMax=` in systemd.service(5), `FDSTORE=1` in sd_notify(3)).
@SupervisorActor
final class SystemdStore: DescriptorHolder {
    var onReplaced: @SupervisorActor () -> Void = {}
    private let serviceManager: ServiceManager
    private let logger: Logger
    private var passed: HeldForUs
    /// Until ``ensure()``: what is stored may be there already, from before a crash or a hot reboot.
    private var isAdopting = true
    /// The names of lives that systemd held for us, and goes on holding.
    private var heldLives: Set<String> = []
    private var predecessor: Predecessor?

    /// `passed`: What systemd held for us.
    ///
    /// `predecessor`: Who held it otherwise.
    init(_ serviceManager: ServiceManager, passed: HeldForUs, predecessor: Predecessor?, _ logger: Logger) {
        self.serviceManager = serviceManager
        self.passed = passed
        self.predecessor = predecessor
        self.logger = logger
    }

    /// What came back at the start; nothing after a hot reboot, when the store keeps what it has.
    func takeOver() -> HeldForUs {
        let returned = passed
        passed = HeldForUs()
        guard let predecessor else {
            heldLives = Set(returned.lives.keys)
            return returned
        }
        // Of an earlier life of the service: nobody stores twice.
        returned.discard(from: self)
        return predecessor.held
    }

    /// What a keeper held before us is stored anew; then it can go.
    func ensure() {
        isAdopting = false
        guard let predecessor else { return }
        onReplaced()
        // Once in a service's life, and the keeper must not let go before systemd holds all.
        if !serviceManager.settle(waitingAtMost: 5_000_000_000) {
            logger.warning("systemd does not take the pipes; programs keep theirs open themselves")
        }
        predecessor.retire()
        self.predecessor = nil
        logger.info("took over from the daemon that was started by hand")
    }

    /// Without `FDPOLL=0` systemd drops a FIFO or pidfd whose program ends while there is no supervisor.
    ///
    /// It gives descriptors of one name back in any order, so each has its place in its name
    /// (``PassedDescriptors/take(socket:)`` reads it).
    func store(_ name: String, _ descriptors: [Int32]) {
        // systemd compares each one that it is given with all that it has, before it serves others.
        if heldLives.contains(name) { return }
        // Names are no keys: a second descriptor of a name would be kept beside the first.
        if isAdopting { remove(name) }
        for (place, descriptor) in descriptors.enumerated() {
            serviceManager.notify("FDSTORE=1\nFDNAME=\(name)/\(place)\nFDPOLL=0", [descriptor])
        }
    }

    func remove(_ name: String) {
        heldLives.remove(name)
        for place in 0..<SystemdStore.mostInSet {
            serviceManager.notify("FDSTOREREMOVE=1\nFDNAME=\(name)/\(place)")
        }
    }

    /// The streams of a program: standard output and error.
    private static let mostInSet = 2

    func settle() -> Bool {
        serviceManager.settle(waitingAtMost: 500_000_000)
    }

    /// systemd closes what it holds when the service is down.
    func goodbye() {
        _ = settle()
    }
}
