import CSystemd
import GopmKeeper
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

    init(_ serviceManager: ServiceManager, _ logger: Logger) {
        self.serviceManager = serviceManager
        self.logger = logger
    }

    /// The descriptors that were passed at the start; none after a hot reboot, when the store keeps what it has.
    func takeOver() -> HeldForUs {
        var held = HeldForUs()
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        guard count > 0, let names else { return held }
        defer {
            for index in 0..<Int(count) { free(names[index]) }
            free(names)
        }
        var sets: [String: [Int: Int32]] = [:]
        for index in 0..<count {
            let name = names[Int(index)].map { String(cString: $0) } ?? ""
            let parts = name.split(separator: "/")
            let place = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
            let descriptor = SD_LISTEN_FDS_START + index
            if let double = sets[String(parts.first ?? ""), default: [:]].updateValue(descriptor, forKey: place) {
                close(double)
            }
        }
        for (name, set) in sets {
            let descriptors = set.sorted { $0.key < $1.key }.map(\.value)
            held.add(HeldDescriptors(name: name, descriptors: descriptors))
        }
        logger.debug("descriptors came back from the service manager", metadata: ["count": "\(count)"])
        return held
    }

    func ensure() {}

    /// Without `FDPOLL=0` systemd drops a FIFO or pidfd whose program ends while there is no supervisor.
    ///
    /// It gives descriptors of one name back in any order, so each has its place in its name.
    func store(_ name: String, _ descriptors: [Int32]) {
        for (place, descriptor) in descriptors.enumerated() {
            serviceManager.notify("FDSTORE=1\nFDNAME=\(name)/\(place)\nFDPOLL=0", [descriptor])
        }
    }

    func remove(_ name: String) {
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
