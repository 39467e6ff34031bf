import GopmClient
import GopmJSON
import GopmModel
import GopmSystem
import Synchronization
import Testing

@testable import GopmMCP

/// A clock that a test moves.
private final class Hands: Sendable {
    private let time = Mutex(Int64(1_000_000_000))

    var now: Int64 { time.withLock { $0 } }

    func move(seconds: Int64) { time.withLock { $0 += seconds * 1_000_000_000 } }
}

@Suite struct SessionStoreTests {
    private let hands = Hands()
    private let store: SessionStore

    init() {
        // Nobody is there: sessions alone ask no daemon.
        let access = DaemonAccess(home: Home(path: "/nonexistent"))
        let settings = Toolbox.Settings(
            logFolder: "/",
            maxLogSize: 1,
            allow: Config.MCPAccess.allCases,
            userFolder: "/",
            searchPath: nil
        )
        let toolbox = Toolbox(
            daemon: DaemonCalls(access: access),
            policy: EnvironmentPolicy(mayReveal: false),
            settings: settings
        )
        let server = MCPServer(toolbox: toolbox, feed: ChangeFeed(access: access))
        store = SessionStore(server: server) { [hands] in hands.now }
    }

    @Test func aSessionIsFoundByItsNameAndByNoOther() async throws {
        let (id, session) = try #require(await store.create())
        #expect(id.utf8.count == 32)
        #expect(await store.find(id) === session)
        #expect(await store.find("0") == nil)
        #expect(await store.remove(id))
        #expect(await store.find(id) == nil)
        #expect(await !store.remove(id))
    }

    @Test func thereAreNoMoreThanTheLimit() async throws {
        var ids: [String] = []
        for _ in 0..<SessionStore.limit {
            ids.append(try #require(await store.create()).id)
            hands.move(seconds: 1)
        }
        // All have been used within a minute, or almost.
        let first = ids[0]
        _ = await store.find(first)
        hands.move(seconds: 3)
        #expect(await store.create() != nil, "the one that was silent longest makes room")
        #expect(await store.count == SessionStore.limit)
        #expect(await store.find(first) != nil)
        #expect(await store.find(ids[1]) == nil)
    }

    @Test func nobodyWhoIsBusyMakesRoom() async throws {
        for _ in 0..<SessionStore.limit { _ = try #require(await store.create()) }
        #expect(await store.create() == nil)
    }

    @Test func whatIsNotUsedIsForgotten() async throws {
        let (idle, _) = try #require(await store.create())
        let (streaming, _) = try #require(await store.create())
        #expect(await store.openStream(streaming))
        #expect(await !store.openStream(streaming), "one stream is enough")
        hands.move(seconds: 31 * 60)
        #expect(await store.find(idle) == nil)
        #expect(await store.find(streaming) != nil)
        await store.closeStream(streaming)
        hands.move(seconds: 31 * 60)
        #expect(await store.find(streaming) == nil)
    }
}

@Suite struct InFlightTests {
    @Test func workThatIsDoneGivesItsValue() async {
        let inFlight = InFlight()
        #expect(await inFlight.run("a") { 7 } == 7)
        await inFlight.wait()
    }

    /// Whoever waits is let go at once, however long the work takes.
    @Test func aRequestIsCalledOffByItsID() async {
        let inFlight = InFlight()
        let (started, start) = AsyncStream<Void>.makeStream()
        async let answer = inFlight.run("a") {
            start.yield()
            try? await Task.sleep(for: .seconds(60))
            return Task.isCancelled
        }
        for await _ in started { break }
        inFlight.cancel("b")
        inFlight.cancel("a")
        #expect(await answer == nil)
        await inFlight.wait()
    }

    /// `1` and `"1"` are two requests.
    @Test func idsKeepTheirType() async {
        let inFlight = InFlight()
        let (started, start) = AsyncStream<Void>.makeStream()
        let (released, release) = AsyncStream<Void>.makeStream()
        async let answer = inFlight.run(1) {
            start.yield()
            for await _ in released { break }
            return true
        }
        for await _ in started { break }
        inFlight.cancel("1")
        release.yield()
        #expect(await answer == true)
    }
}
