import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// Where programs listen, as `list` shows it.
@Suite(.daemonLog)
struct PortTests {
    private func listeners(_ name: String, of daemon: DaemonFixture) throws -> [String] {
        try daemon.describe(name)["listeners"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    @Test func aWholeTreesPortsComeSoonAfterItsStart() throws {
        try DaemonFixture.with { daemon in
            let ports = (0..<4).map { _ in LocalPort.free() }
            let script = """
                import os, socket, time
                def listen(family, kind, address, port):
                    s = socket.socket(family, kind)
                    s.bind((address, port))
                    if kind == socket.SOCK_STREAM: s.listen()
                    return s
                a = listen(socket.AF_INET, socket.SOCK_STREAM, "0.0.0.0", \(ports[0]))
                unused = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                client = socket.create_connection(("127.0.0.1", \(ports[0])))
                if os.fork() == 0:
                    os.setsid()
                    a.close()
                    b = listen(socket.AF_INET6, socket.SOCK_STREAM, "::1", \(ports[1]))
                    c = listen(socket.AF_INET6, socket.SOCK_DGRAM, "::", \(ports[2]))
                    d = listen(socket.AF_INET, socket.SOCK_DGRAM, "127.0.0.1", \(ports[3]))
                    time.sleep(1000)
                time.sleep(1000)
                """
            try daemon.write(script, to: "listen.py")
            try daemon.run("start", "listen.py", "--interpreter", "python3", "--name", "web").check()
            try daemon.start("quiet", "--run-forever")
            let expected = [
                "tcp@0.0.0.0:\(ports[0])", "tcp@[::1]:\(ports[1])", "udp@127.0.0.1:\(ports[3])",
                "udp@[::]:\(ports[2])",
            ]
            _ = try eventually { try listeners("web", of: daemon) == expected }
            #expect(try listeners("web", of: daemon) == expected)
            #expect(try listeners("quiet", of: daemon).isEmpty)
            let table = try daemon.run(["list", "-p"], with: ["CLICOLOR_FORCE": "1"]).check().stdout
            #expect(table.contains("\u{1b}[31mtcp@0.0.0.0:\(ports[0])"), "what others can reach is red")
            #expect(table.contains("udp@127.0.0.1:\(ports[3])") && !table.contains("\u{1b}[31mudp@127"))
            try daemon.run("stop", "web").check()
            #expect(try listeners("web", of: daemon).isEmpty)
        }
    }

    @Test func aPortThatComesAndGoesLaterIsSeenByTheRegularLook() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try daemon.startSampling(every: "40ms")
            let client = try RawClient(daemon)
            let script = """
                import socket, time
                time.sleep(6)
                s = socket.create_server(("127.0.0.1", 0))
                time.sleep(2)
                s.close()
                time.sleep(1000)
                """
            try daemon.write(script, to: "late.py")
            try daemon.run("start", "late.py", "--interpreter", "python3", "--name", "late").check()
            try client.send(#"{"method":"subscribe","id":1}"# + "\n")
            #expect(try client.reply()["success"] == true)
            func waits(for count: Int) throws -> Bool {
                let deadline = Deadline(.seconds(20))
                while !deadline.hasPassed {
                    let event = try client.reply(timeout: .seconds(20))
                    if event["data"]?["listeners"]?.arrayValue?.count == count { return true }
                }
                return false
            }
            #expect(try waits(for: 1), "subscribers hear of it")
            #expect(try waits(for: 0))
        }
    }

    @Test func aNetworkNamespaceOfItsOwnIsLookedInto() throws {
        try #require(geteuid() == 0, "unshare --net needs root")
        try DaemonFixture.with { daemon in
            let script = "import socket, time; s = socket.create_server(('0.0.0.0', 4242)); time.sleep(1000)"
            let words = ["start", "/usr/bin/unshare", "--name", "inner", "--", "--net", "python3", "-c", script]
            try daemon.run(words).check()
            #expect(try eventually { try listeners("inner", of: daemon) == ["tcp@0.0.0.0:4242"] })
        }
    }
}
