import CLinux
import Glibc
import GopmSystem
import Testing

@testable import GopmKeeper

/// The real thing: `gopmd --keeper`, found beside the test program.
@Suite struct KeeperProcessTests {
    private static let gopmd = PathText.folder(target(of: "/proc/self/exe")) + "/gopmd"

    private static func target(of link: String) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private func withHome(_ body: (String) throws -> Void) throws {
        let home = try temporaryFolder()
        defer { removeFolder(home) }
        mkdir(home + "/run", 0o700)
        try body(home)
    }

    private func launchAndConnect(_ home: String) throws -> KeeperClient {
        try KeeperClient.launch(executable: Self.gopmd, home: home, arguments: ["--help"], openFiles: 512)
        return try KeeperClient.connectAndFetch(home: home, waitingAtMost: 5_000_000_000).client
    }

    private func status(of pid: pid_t, _ field: String) throws -> String {
        let text = String(decoding: try FileSystem.read("/proc/\(pid)/status"), as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(field + ":") })
        return String(line.dropFirst(field.count + 1).drop(while: \.isWhitespace))
    }

    @Test func itIsNobodysChildAndHasNothingOfOurs() throws {
        try withHome { home in
            let client = try launchAndConnect(home)
            let keeper = client.keeperPID
            #expect(try status(of: keeper, "Name") == "gopm-keeper")
            #expect(try status(of: keeper, "PPid") != "\(getpid())")
            #expect(getsid(keeper) != getsid(0))
            for descriptor in 0...2 {
                #expect(Self.target(of: "/proc/\(keeper)/fd/\(descriptor)") == "/dev/null")
            }
            var life: UInt64 = 0
            #expect(gopm_life_of(keeper, &life) == 0 && life == UInt64.max)

            #expect(client.goodbye(waitingAtMost: 5_000_000_000))
            #expect(eventually { kill(keeper, 0) != 0 })
            #expect(access(home + "/run/keeper.sock", F_OK) != 0)
        }
    }

    @Test func aKilledKeeperIsNoticedAndReplaced() throws {
        try withHome { home in
            let first = try launchAndConnect(home)
            let pipe = try TestPipe("kept")
            first.store(name: "a", fds: [pipe.readEnd])
            #expect(first.settle(waitingAtMost: 5_000_000_000))
            kill(first.keeperPID, SIGKILL)
            #expect(waitForInput(first.fileDescriptor, until: .max))
            #expect(first.handleReadiness().isLost)

            let second = try launchAndConnect(home)
            second.store(name: "a", fds: [pipe.readEnd])
            #expect(second.goodbye(waitingAtMost: 5_000_000_000))
        }
    }

    @Test func aStoppedKeeperIsReplacedAndLeavesWhenItWakes() throws {
        try withHome { home in
            let sleeper = try startSleeper()
            let stopped = try launchAndConnect(home)
            kill(stopped.keeperPID, SIGSTOP)
            let error = #expect(throws: KeeperError.self) {
                try KeeperClient.connectAndFetch(home: home, waitingAtMost: 50_000_000)
            }
            #expect(error?.code == .noAnswer)
            let successor = try launchAndConnect(home)
            #expect(successor.keeperPID != stopped.keeperPID)
            end(sleeper)
            kill(stopped.keeperPID, SIGTERM)
            kill(stopped.keeperPID, SIGCONT)
            #expect(eventually { kill(stopped.keeperPID, 0) != 0 })
            #expect(successor.goodbye(waitingAtMost: 5_000_000_000))
        }
    }

    @Test func aMissingExecutableIsToldAtOnce() throws {
        try withHome { home in
            let error = #expect(throws: KeeperError.self) {
                try KeeperClient.launch(executable: "/nonexistent/gopmd", home: home, arguments: [])
            }
            #expect(error?.description == "cannot start /nonexistent/gopmd: no such file or directory")
        }
    }
}
