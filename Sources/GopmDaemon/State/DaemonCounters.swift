import GopmWire
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The counts of the telemetry that belong to no single process.
///
/// They live in a shared mapping of `run/counters`, so a supervisor that takes over goes on counting where the one
/// before was killed; after a cold start they begin at 0. Each has its name beside it in the file, so that versions
/// with other counters understand it. Without the file they are only in memory.
@SupervisorActor
final class DaemonCounters {
    enum Name: String, CaseIterable {
        case requestErrors = "rpc_errors"
        case stateSaves = "state_saves"
        case stateSaveFailures = "state_save_failures"
        case resurrects = "resurrect_count"
        /// A spawn refused because a life was still alive.
        case zombieDetections = "zombie_detections"
        /// Events of an old generation.
        case monitorStales = "monitor_stales"
        case restartCancels = "restart_cancels"
    }

    /// A name of at most 24 bytes and its count.
    private static let entrySize = 32
    private static let fileSize = 4096
    private static let places = fileSize / entrySize

    private let memory: UnsafeMutableRawPointer
    private var byName: [Name: UnsafeMutablePointer<Int>] = [:]
    private var byMethod: [Method: UnsafeMutablePointer<Int>] = [:]

    init(path: String) {
        memory = DaemonCounters.map(path) ?? DaemonCounters.unshared()
        takePlaces()
    }

    /// Begins at 0: nothing of the supervisor before goes on.
    func reset() {
        memset(memory, 0, Self.fileSize)
        takePlaces()
    }

    private func takePlaces() {
        for name in Name.allCases { byName[name] = place(named: name.rawValue) }
        for method in Method.allCases { byMethod[method] = place(named: "rpc:\(method.rawValue)") }
    }

    subscript(name: Name) -> Int {
        get { byName[name]?.pointee ?? 0 }
        set { byName[name]?.pointee = newValue }
    }

    /// How often a method was asked for.
    subscript(method: Method) -> Int {
        get { byMethod[method]?.pointee ?? 0 }
        set { byMethod[method]?.pointee = newValue }
    }

    /// The place that bears the name, else the first free one.
    private func place(named name: String) -> UnsafeMutablePointer<Int>? {
        for index in 0..<Self.places {
            let entry = memory + index * Self.entrySize
            let label = entry.assumingMemoryBound(to: CChar.self)
            if label.pointee == 0 { _ = name.withCString { strncpy(label, $0, Self.entrySize - 9) } }
            let isIt = name.withCString { strncmp(label, $0, Self.entrySize - 9) == 0 }
            if isIt { return (entry + Self.entrySize - 8).assumingMemoryBound(to: Int.self) }
        }
        return nil
    }

    private static func unshared() -> UnsafeMutableRawPointer {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: fileSize, alignment: 16)
        memset(memory, 0, fileSize)
        return memory
    }

    private static func map(_ path: String) -> UnsafeMutableRawPointer? {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        defer { close(file) }
        // Allocated, as a store into a hole of the file would end us on a full disk.
        guard posix_fallocate(file, 0, off_t(fileSize)) == 0,
            let memory = mmap(nil, fileSize, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED
        else { return nil }
        return memory
    }
}
