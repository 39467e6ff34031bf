import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// The beginning of a conversation: says hello, and asks for one set after the other until all have come.
struct KeeperTakeover {
    /// Microseconds between two tries of what can't be waited for.
    static let pause: UInt32 = 5_000
    /// How many sets are asked for in advance: enough that neither side waits for the other, few enough that their
    /// descriptors are within what the user may have on their way (unix(7), ETOOMANYREFS).
    private static let mostAsked = 16

    let channel: KeeperChannel
    let path: String
    /// Nanoseconds of `Clock.boot`.
    let deadline: Int64
    /// What has come so far; the caller's to close.
    private(set) var held: [HeldDescriptors] = []

    init(channel: KeeperChannel, path: String, deadline: Int64) {
        self.channel = channel
        self.path = path
        self.deadline = deadline
    }

    /// Returns the client that goes on with the conversation; closes the connection if there is none.
    mutating func run(command: [String]) throws(KeeperError) -> KeeperClient {
        let keeperPID: pid_t
        let count: Int
        do throws(KeeperError) {
            (keeperPID, count) = try introduce(command: command)
        } catch {
            close(channel.descriptor)
            throw error
        }
        // Before the sets come, which may leave it no descriptor.
        let client = try KeeperClient(socket: channel.descriptor, keeperPID: keeperPID)
        try fetch(count)
        return client
    }

    private func introduce(command: [String]) throws(KeeperError) -> (pid_t, count: Int) {
        var hello = KeeperRequest.hello(command: command)
        if hello.bytes.count > KeeperLimit.messageBytes { hello = .hello(command: []) }
        try ask(hello)
        guard case (.welcome(let pid, let count), _) = try answer() else { throw error(.notAKeeper) }
        return (pid, count)
    }

    private mutating func fetch(_ count: Int) throws(KeeperError) {
        var waiting = Array(0..<count)[...]
        var asked: [Int] = []
        while held.count < count {
            while asked.count < Self.mostAsked, let number = waiting.popFirst() {
                try ask(.fetch(number))
                asked.append(number)
            }
            let number = asked.removeFirst()
            switch try answer() {
            case (.set(let name), let descriptors):
                held.append(HeldDescriptors(name: name, descriptors: descriptors))
            case (.busy, _):
                waiting.append(number)
                // The user has too many descriptors on their way (unix(7), ETOOMANYREFS), perhaps other programs' ones:
                // the kernel does not tell when there are fewer.
                usleep(Self.pause)
            case (_, let descriptors):
                closeAll(descriptors)
                throw error(.notAKeeper)
            }
        }
    }

    private func ask(_ request: KeeperRequest) throws(KeeperError) {
        guard case .sent = channel.send(request.bytes) else { throw error(.noAnswer) }
    }

    /// Without descriptors if there was no room for them here.
    private func answer() throws(KeeperError) -> (KeeperReply, [Int32]) {
        while waitForInput(channel.descriptor, until: deadline) {
            switch channel.receive() {
            case .message(let bytes, let descriptors):
                if let reply = KeeperReply(bytes) { return (reply, descriptors) }
                closeAll(descriptors)
                throw error(.notAKeeper)
            case .unusable(let bytes):
                guard let reply = KeeperReply(bytes) else { throw error(.notAKeeper) }
                return (reply, [])
            case .nothing:
                continue
            case .ended:
                throw error(.notRunning)
            }
        }
        throw error(.noAnswer)
    }

    private func error(_ code: KeeperError.Code) -> KeeperError {
        KeeperError(code, "take over from the keeper at", path)
    }
}
