import CLinux
import Glibc
import GopmSystem
import Testing

@testable import GopmKeeper

@Suite struct KeeperRestartTests {
    private static let mark = "echo started >> \"$home/marks\"; exec sleep 1000"

    @Test func aDeadGopmdIsStartedAgainAtOnce() throws {
        let sleeper = try startSleeper()
        let keeper = try KeeperFixture(daemon: sleeper, script: "echo $$ > \"$home/pid\"; \(Self.mark)")
        #expect(keeper.lines(of: "marks") == 0)
        let before = Clock.boot
        end(sleeper)
        #expect(eventually { keeper.lines(of: "marks") == 1 })
        #expect(Clock.boot - before < 1_000_000_000)
        endDaemon(of: keeper)
    }

    @Test func oneThatKeepsDyingIsStartedLessAndLessOften() throws {
        let sleeper = try startSleeper()
        let keeper = try KeeperFixture(daemon: sleeper, script: "date +%s%N >> \"$home/marks\"")
        end(sleeper)
        #expect(eventually { keeper.lines(of: "marks") >= 5 })
        let text = String(decoding: try FileSystem.read(keeper.home + "/marks"), as: UTF8.self)
        let times = text.split(separator: "\n").compactMap { Int64($0) }
        for (index, delay) in [100, 200, 400, 800].enumerated() {
            // A little less: how long the shell takes to its mark varies.
            #expect((times[index + 1] - times[index]) / 1_000_000 > delay * 3 / 4)
        }
    }

    /// The gopmd of this test is a Python program that speaks the protocol by itself, stores a pipe and is killed.
    @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0))
    func whatItHeldOutlivesAKilledGopmd() throws {
        let keeper = try KeeperFixture(script: "echo $$ > \"$home/pid\"; \(Self.mark)")
        try runPython(in: keeper, lastWord: "os.kill(os.getpid(), 9)")
        #expect(eventually { keeper.lines(of: "marks") == 1 })

        let (_, held) = try keeper.connect()
        #expect(held.map(\.name) == ["api.1"])
        #expect(TestPipe.content(of: held[0].descriptors[0]) == "last words")
        endDaemon(of: keeper)
    }

    @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0))
    func aGoodbyeIsTheEndOfTheKeeper() throws {
        let keeper = try KeeperFixture(script: Self.mark)
        try runPython(in: keeper, lastWord: "s.send(b'G')")
        #expect(eventually { keeper.ending == .goodbye })
        #expect(!keeper.socketExists)
        #expect(keeper.lines(of: "marks") == 0)
    }

    @Test func aClientKnowsWhenTheKeeperIsGone() throws {
        let keeper = try KeeperFixture()
        let (client, _) = try keeper.connect()
        client.store(name: "a", fds: [0])
        #expect(client.goodbye(waitingAtMost: 5_000_000_000))
        #expect(client.isLost)
        #expect(eventually { keeper.ending == .goodbye })
        #expect(!client.store(name: "b", fds: [0]))
    }

    /// As when gopmd executes its successor: the connection ends, the process lives.
    @Test func anEndedConnectionOfALivingGopmdStartsNothing() throws {
        let keeper = try KeeperFixture(script: Self.mark)
        do {
            let (client, _) = try keeper.connect()
            client.store(name: "a", fds: [0])
            #expect(client.settle(waitingAtMost: 5_000_000_000))
        }
        usleep(100_000)  // proves that nothing happens: a restart would come within milliseconds
        #expect(keeper.lines(of: "marks") == 0)
        #expect(try keeper.connect().held.count == 1)
    }

    @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0))
    func aLaterGopmdSaysHowItIsStarted() throws {
        let keeper = try KeeperFixture(script: "echo wrong >> \"$home/wrong\"")
        let command = "/bin/sh\\0-c\\0echo started >> \(keeper.home)/right"
        try runPython(in: keeper, hello: command, lastWord: "os.kill(os.getpid(), 9)")
        #expect(eventually { keeper.lines(of: "right") > 0 })
        #expect(keeper.lines(of: "wrong") == 0)
    }

    @Test func aReplacedKeeperStartsNothing() throws {
        let sleeper = try startSleeper()
        let keeper = try KeeperFixture(daemon: sleeper, script: Self.mark)
        let successor = try KeeperSocket(home: keeper.home).listen()
        end(sleeper)
        #expect(eventually { keeper.ending == .replaced })
        #expect(keeper.lines(of: "marks") == 0)
        #expect(keeper.socketExists, "it is the successor's")
        close(successor)
    }

    private func endDaemon(of keeper: KeeperFixture) {
        guard let bytes = try? FileSystem.read(keeper.home + "/pid") else { return }
        if let pid = pid_t(String(decoding: bytes.dropLast(), as: UTF8.self)) { end(pid) }
    }

    private func runPython(in keeper: KeeperFixture, hello: String = "", lastWord: String) throws {
        let program = """
            import array, os, socket
            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            s.connect('\(keeper.home)/run/keeper.sock')
            s.send(b'H\(hello)')
            assert s.recv(100)[:1] == b'W'
            r, w = os.pipe()
            os.write(w, b'last words')
            s.sendmsg([b'Sapi.1'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [r]))])
            assert s.recv(100) == b'K'
            \(lastWord)
            """
        let pid = DetachedStart(command: ["/usr/bin/python3", "-c", program]).run()
        waitpid(try #require(pid), nil, 0)
    }
}
