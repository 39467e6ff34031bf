import GopmSystem

/// The sessions of HTTP clients, a bounded number, each forgotten when it is not used any more.
package actor SessionStore {
    package static let limit = 64
    /// Without a request or an open stream for so long a session ends.
    private static let lifetime: Int64 = 30 * 60 * 1_000_000_000
    /// One that has been silent for so long makes room for another client when there is none.
    private static let idleEnough: Int64 = 60 * 1_000_000_000

    package struct Entry: Sendable {
        package var session: Session
        var hasStream = false
        fileprivate var lastUse: Int64
    }

    private let server: MCPServer
    private var entries: [String: Entry] = [:]
    private let now: @Sendable () -> Int64

    package init(server: MCPServer, now: @Sendable @escaping () -> Int64 = { Clock.boot }) {
        self.server = server
        self.now = now
    }

    package var count: Int { entries.count }

    /// A new session with its id, which nobody can guess; nil if there is no room.
    package func create() async -> (id: String, session: Session)? {
        await forgetOld()
        if entries.count >= SessionStore.limit {
            let idle = entries.filter { !$0.value.hasStream }.min { $0.value.lastUse < $1.value.lastUse }
            guard let idle, now() - idle.value.lastUse > SessionStore.idleEnough else { return nil }
            await remove(idle.key)
        }
        let session = Session(server: server)
        let id = RandomText.hex(bytes: 16)
        entries[id] = Entry(session: session, lastUse: now())
        return (id, session)
    }

    package func find(_ id: String) async -> Session? {
        await forgetOld()
        entries[id]?.lastUse = now()
        return entries[id]?.session
    }

    @discardableResult
    package func remove(_ id: String) async -> Bool {
        guard let entry = entries.removeValue(forKey: id) else { return false }
        await entry.session.close()
        return true
    }

    /// Marks a session's one stream as open; false if it is already.
    package func openStream(_ id: String) -> Bool {
        guard entries[id]?.hasStream == false else { return false }
        entries[id]?.hasStream = true
        return true
    }

    package func closeStream(_ id: String) {
        entries[id]?.hasStream = false
        entries[id]?.lastUse = now()
    }

    package func closeAll() async {
        for id in entries.keys { await remove(id) }
    }

    private func forgetOld() async {
        let old = entries.filter { !$0.value.hasStream && now() - $0.value.lastUse > SessionStore.lifetime }
        for id in old.keys { await remove(id) }
    }
}

/// Text that nobody can guess.
enum RandomText {
    /// Swift's own generator is the kernel's (getrandom(2)).
    static func hex(bytes count: Int) -> String {
        (0..<count).map { _ in String(UInt16.random(in: 0x100...0x1ff), radix: 16).dropFirst() }.joined()
    }
}
