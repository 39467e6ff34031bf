import GopmKeeper
import GopmLifecycle

#if canImport(Glibc)
    import Glibc
#endif

/// Whoever holds FIFOs and pidfds while there is no supervisor: systemd's fd store when systemd runs us, else the keeper.
@SupervisorActor
protocol DescriptorHolder: AnyObject {
    /// Called when all that was stored is lost, and must be stored again.
    var onReplaced: @SupervisorActor () -> Void { get set }
    /// Takes what was held for the supervisor before this one; for the start only.
    func takeOver() -> HeldForUs
    /// Makes sure that there is a holder.
    func ensure()
    /// Adds a set; the descriptors stay the caller's.
    func store(_ name: String, _ descriptors: [Int32])
    func remove(_ name: String)
    /// Waits, half a second at most, until everything that was said has arrived.
    func settle() -> Bool
    /// Everything is stopped, nothing needs to be held.
    func goodbye()
}

extension DescriptorHolder {
    func keepStreams(of process: Int, _ descriptors: [Int32]) {
        store(HeldForUs.streamsName(process), descriptors)
    }

    func dropStreams(of process: Int) {
        remove(HeldForUs.streamsName(process))
    }

    func keepLife(of process: Int, _ generation: Generation, _ pidfd: Int32) {
        store(HeldForUs.lifeName(process, generation), [pidfd])
    }

    func dropLife(of process: Int, _ generation: Generation) {
        remove(HeldForUs.lifeName(process, generation))
    }
}

/// What was held for the supervisor before this one; the descriptors are the receiver's.
struct HeldForUs {
    /// Read ends by process id: stdout's, then stderr's if it has its own.
    var streams: [Int: [Int32]] = [:]
    /// pidfds by name, which tells process id and generation.
    var lives: [String: Int32] = [:]

    static func lifeName(_ process: Int, _ generation: Generation) -> String {
        "life \(process) \(generation)"
    }

    static func streamsName(_ process: Int) -> String {
        "streams \(process)"
    }

    /// Sorts a set in by its name; one that nobody here gave is closed.
    mutating func add(_ set: HeldDescriptors) {
        let words = set.name.split(separator: " ")
        if words.count == 2, words[0] == "streams", let id = Int(words[1]) {
            streams[id, default: []] += set.descriptors
        } else if words.count == 3, words[0] == "life", lives[set.name] == nil, let pidfd = set.descriptors.first {
            lives[set.name] = pidfd
            for other in set.descriptors.dropFirst() { close(other) }
        } else {
            for descriptor in set.descriptors { close(descriptor) }
        }
    }

    /// Nothing of it is wanted any more.
    @SupervisorActor
    func discard(from holder: any DescriptorHolder) {
        for (id, descriptors) in streams {
            holder.dropStreams(of: id)
            for descriptor in descriptors { close(descriptor) }
        }
        for (name, descriptor) in lives {
            holder.remove(name)
            close(descriptor)
        }
    }
}
