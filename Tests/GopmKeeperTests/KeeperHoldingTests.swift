import CLinux
import Glibc
import Testing

@testable import GopmKeeper

@Suite struct KeeperHoldingTests {
    @Test func whatIsStoredComesBackWithItsContent() throws {
        let keeper = try KeeperFixture()
        let (first, held) = try keeper.connect()
        #expect(held.isEmpty)
        #expect(first.keeperPID == getpid())

        let output = try TestPipe("written before\n")
        let errors = try TestPipe()
        #expect(first.store(name: "api.1", fds: [output.readEnd, errors.readEnd]))
        #expect(first.settle(waitingAtMost: 5_000_000_000))
        // Nobody but the keeper has a read end now.
        close(output.readEnd)
        close(errors.readEnd)
        #expect(write(output.writeEnd, "written without a reader\n", 25) == 25)

        let (_, again) = try keeper.connect()
        #expect(again.map(\.name) == ["api.1"])
        let descriptors = again[0].descriptors
        #expect(descriptors.count == 2)
        #expect(TestPipe.content(of: descriptors[0]) == "written before\nwritten without a reader\n")
        write(errors.writeEnd, "second", 6)
        #expect(TestPipe.content(of: descriptors[1]) == "second")
        #expect(fcntl(descriptors[0], F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func aNameHoldsOnlyTheLastSet() throws {
        let keeper = try KeeperFixture()
        let (client, _) = try keeper.connect()
        let pipes = try ["old", "new"].map { try TestPipe($0) }
        for pipe in pipes { client.store(name: "api.1", fds: [pipe.readEnd]) }
        #expect(client.settle(waitingAtMost: 5_000_000_000))

        let (_, held) = try keeper.connect()
        #expect(held.count == 1)
        #expect(TestPipe.content(of: held[0].descriptors[0]) == "new")
        close(pipes[0].readEnd)
        #expect(eventually { pipes[0].hasNoReader }, "the old one is closed")
    }

    @Test func whatIsRemovedIsClosed() throws {
        let keeper = try KeeperFixture()
        let (client, _) = try keeper.connect()
        let pipe = try TestPipe()
        client.store(name: "a", fds: [pipe.readEnd])
        client.store(name: "b", fds: [pipe.writeEnd])
        client.remove(name: "a")
        client.remove(name: "never there")
        #expect(client.settle(waitingAtMost: 5_000_000_000))
        #expect(try keeper.connect().held.map(\.name) == ["b"])
        close(pipe.readEnd)
        #expect(eventually { pipe.hasNoReader })
    }

    @Test func aBurstWaitsForAKeeperThatStandsStill() throws {
        let keeper = try KeeperFixture()
        let (client, _) = try keeper.connect()
        let pipe = try TestPipe()
        keeper.standStill()
        for number in 0..<1_500 {
            #expect(client.store(name: "p\(number)", fds: [pipe.readEnd]))
        }
        #expect(client.unansweredCount == 1_500)
        #expect(!client.settle(waitingAtMost: 10_000_000))
        close(pipe.readEnd)  // duplicates wait in the client
        keeper.resume()
        #expect(client.settle(waitingAtMost: 5_000_000_000))

        let (_, held) = try keeper.connect()
        #expect(held.map(\.name) == (0..<1_500).map { "p\($0)" })
        write(pipe.writeEnd, "still a pipe", 12)
        #expect(TestPipe.content(of: held[1_499].descriptors[0]) == "still a pipe")
        for set in held { closeAll(set.descriptors) }
    }

    @Test func theQueueIsBounded() throws {
        let keeper = try KeeperFixture()
        let (client, _) = try keeper.connect()
        keeper.standStill()
        let accepted = (0..<6_000).count { client.remove(name: "p\($0)") }
        #expect(accepted == 64 + 4_096)
        keeper.resume()
        #expect(client.settle(waitingAtMost: 5_000_000_000))
    }

    @Test func aFullKeeperSaysSoAndGoesOn() throws {
        let keeper = try KeeperFixture(capacity: 4)
        let (client, _) = try keeper.connect()
        let pipe = try TestPipe()
        for name in ["a", "b", "c"] { client.store(name: name, fds: [pipe.readEnd, pipe.writeEnd]) }
        var refused: [String] = []
        let isAnswered = eventually {
            refused += client.handleReadiness().refused
            return client.unansweredCount == 0
        }
        #expect(isAnswered)
        #expect(refused == ["c"])
        client.remove(name: "a")
        client.store(name: "c", fds: [pipe.readEnd, pipe.writeEnd])
        #expect(client.settle(waitingAtMost: 5_000_000_000))
        #expect(try keeper.connect().held.map(\.name) == ["b", "c"])
    }

    @Test func onlyOneConnectionIsTheCurrentOne() throws {
        let keeper = try KeeperFixture()
        let (first, _) = try keeper.connect()
        let (second, _) = try keeper.connect()
        #expect(eventually { first.handleReadiness().isLost })
        #expect(!first.store(name: "late", fds: [0]))
        #expect(second.store(name: "mine", fds: [0]))
        #expect(second.settle(waitingAtMost: 5_000_000_000))
    }

    @Test func strangersAreTurnedAwayAndNewcomersDoNotPileUp() throws {
        let keeper = try KeeperFixture()
        let (client, _) = try keeper.connect()
        let silent = try (0..<12).map { _ in try KeeperSocket(home: keeper.home).connect() }
        let rude = KeeperChannel(descriptor: try KeeperSocket(home: keeper.home).connect())
        _ = rude.send(KeeperRequest.store(name: "x").bytes, [0])
        #expect(waitForInput(rude.descriptor, until: .max))
        guard case .ended = rude.receive() else {
            Issue.record("served without a hello")
            return
        }
        #expect(waitForInput(silent[0], until: .max), "the oldest have been closed")
        #expect(client.store(name: "mine", fds: [0]))
        #expect(client.settle(waitingAtMost: 5_000_000_000))
        #expect(try keeper.connect().held.map(\.name) == ["mine"])
        closeAll(silent + [rude.descriptor])
    }

    @Test func unsoundRequestsAreRefusedAtOnce() throws {
        let keeper = try KeeperFixture()
        let (client, _) = try keeper.connect()
        #expect(!client.store(name: "", fds: [0]))
        #expect(!client.store(name: String(repeating: "n", count: 256), fds: [0]))
        #expect(!client.store(name: "none", fds: []))
        #expect(!client.store(name: "many", fds: [Int32](repeating: 0, count: 9)))
        #expect(!client.store(name: "closed", fds: [9_999]))
        #expect(client.store(name: "sound", fds: [0]))
        #expect(client.settle(waitingAtMost: 5_000_000_000))
    }

    @Test func aLongHomeIsReachedThroughItsFolder() throws {
        let keeper = try KeeperFixture(subfolder: "/" + String(repeating: "h", count: 150))
        let (client, _) = try keeper.connect()
        client.store(name: "a", fds: [0])
        #expect(client.settle(waitingAtMost: 5_000_000_000))
        #expect(try keeper.connect().held.count == 1)
    }

    @Test func theSocketIsPrivateAndReplacesAStaleOne() throws {
        let home = try temporaryFolder()
        defer { removeFolder(home) }
        mkdir(home + "/run", 0o700)
        let socket = KeeperSocket(home: home)
        #expect(throws: KeeperError.self) { try socket.connect() }
        close(try socket.listen())  // a keeper that died leaves its file
        let error = #expect(throws: KeeperError.self) { try KeeperClient.connectAndFetch(home: home) }
        #expect(error?.code == .notRunning)
        let listener = try socket.listen()
        var status = stat()
        #expect(stat(socket.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        close(try socket.connect())
        close(listener)
    }

    @Test func aKeeperThatDoesNotAnswerCostsNoMoreThanTheLimit() throws {
        let keeper = try KeeperFixture()
        keeper.standStill()
        let error = #expect(throws: KeeperError.self) {
            try KeeperClient.connectAndFetch(home: keeper.home, waitingAtMost: 50_000_000)
        }
        #expect(error?.code == .noAnswer)
    }
}
