import Glibc
import GopmTestSupport
import Testing

/// A command that meets the end of a daemon.
@Suite struct DyingDaemonTests {
    /// Closes two connections unanswered and answers the third.
    ///
    /// So does a process that is being killed: it closes the one it served, then the one that its listening socket still took.
    private static let server = """
        import json, os, socket, sys
        path = sys.argv[1]
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path + ".new")
        listener.listen()
        os.rename(path + ".new", path)
        for _ in range(2):
            client, _ = listener.accept()
            client.recv(65536)
            client.close()
        client, _ = listener.accept()
        for line in client.makefile():
            reply = {"id": json.loads(line)["id"], "success": True, "data": []}
            client.sendall((json.dumps(reply) + "\\n").encode())
        """

    @Test func aQuestionIsAskedAgainAlsoIfADyingListenerTookIt() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            mkdir(daemon.home, 0o700)
            let server = try RunningCommand(
                "/usr/bin/python3",
                ["-c", Self.server, daemon.socket],
                environment: daemon.environment,
                folder: daemon.folder
            )
            defer {
                server.signal(SIGKILL)
                _ = try? server.finish()
            }
            try #require(eventually { TestFiles.exists(daemon.socket) })
            let list = try daemon.run("list", "--json")
            #expect(list.status == 0 && list.stdout == "[]\n", "\(list)")
        }
    }
}
