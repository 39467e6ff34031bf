import Glibc
import GopmTestSupport
import Testing

/// Programs that people really run: start, kill -9, come back, answer again, stop.
@Suite(.daemonLog)
struct RealProgramTests {
    /// The path of a program, or a failure that says how to get it.
    private func need(_ program: String, package: String) throws -> String {
        let folders =
            (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":") + ["/usr/sbin", "/usr/bin"]
        guard let folder = folders.first(where: { access("\($0)/\(program)", X_OK) == 0 }) else {
            throw TestFailure("\(program) is missing: apt-get install \(package)")
        }
        return "\(folder)/\(program)"
    }

    /// What every server must do under gopm.
    private func expectServes(_ daemon: DaemonFixture, _ name: String, port: UInt16, request: String, answer: String)
        throws
    {
        func answers() -> Bool { LocalPort.ask(port, request)?.contains(answer) == true }
        #expect(eventually(timeout: .seconds(20)) { answers() }, "\(name) does not answer: \(daemon.log(name, "err"))")
        let first = try daemon.pid(name)
        kill9(first)
        #expect(try eventually { try daemon.number("restarts", of: name) >= 1 && daemon.state(name) == "running" })
        #expect(try daemon.pid(name) != first)
        #expect(
            eventually(timeout: .seconds(20)) { answers() },
            "\(name) does not come back: \(daemon.log(name, "err"))"
        )
        #expect(try daemon.number("restarts", of: name) == 1, "it came back at the first try")
        try daemon.run("restart", name).check()
        #expect(eventually(timeout: .seconds(20)) { answers() }, "\(name) does not answer after a restart")
        try daemon.run("stop", name).check()
        #expect(!answers() && daemon.programs.isEmpty)
        #expect(try daemon.number("exit_signal", of: name) != 9, "it had time to end by itself")
    }

    static let flags = ["--restart-delay", "200ms"]

    @Test func pythonsHTTPServer() throws {
        try DaemonFixture.with { daemon in
            _ = try need("python3", package: "python3")
            let port = LocalPort.free()
            try daemon.write("hello from python", to: "page.txt")
            let words =
                ["start", "python3", "--name", "web"] + Self.flags + [
                    "--", "-m", "http.server", "\(port)", "--bind", "127.0.0.1",
                ]
            try daemon.run(words).check()
            try expectServes(
                daemon,
                "web",
                port: port,
                request: "GET /page.txt HTTP/1.0\r\n\r\n",
                answer: "hello from python"
            )
            // Python buffers its standard output, but the access log goes to standard error.
            #expect(daemon.log("web", "err").contains { $0.contains("GET /page.txt") })
        }
    }

    @Test func aNodeServer() throws {
        try DaemonFixture.with { daemon in
            _ = try need("node", package: "nodejs")
            let port = LocalPort.free()
            let script = """
                require("http").createServer((_, answer) => { console.log("asked"); answer.end("hello from node " + process.env.GREETING) })
                  .listen(Number(process.argv[2]), "127.0.0.1", () => console.log("listening"))
                """
            try daemon.write(script, to: "server.js")
            let words =
                ["start", "server.js", "--interpreter", "node", "--name", "web", "--env", "GREETING=ok"] + Self.flags
            try daemon.run(words + ["--", "\(port)"]).check()
            try expectServes(daemon, "web", port: port, request: "GET / HTTP/1.0\r\n\r\n", answer: "hello from node ok")
            #expect(daemon.log("web").contains("asked"))
        }
    }

    @Test func aBashScript() throws {
        try DaemonFixture.with { daemon in
            let script =
                "#!/bin/bash\ntrap 'echo bye; exit 0' TERM\necho \"begin $$\"\nwhile :; do echo tick; sleep 0.05; done\n"
            try daemon.write(script, to: "loop.sh", mode: 0o755)
            try daemon.run(["start", "./loop.sh"] + Self.flags).check()
            let name = try #require(try daemon.list().first).text("name")
            #expect(daemon.logs("tick", name))
            let first = try daemon.pid(name)
            #expect(daemon.log(name).first == "begin \(first)")
            kill9(first)
            #expect(eventually { daemon.log(name).count { $0.hasPrefix("begin ") } == 2 })
            try daemon.run("stop", name).check()
            #expect(daemon.logs("bye", name) && daemon.programs.isEmpty)
        }
    }

    @Test func nginxInTheForeground() throws {
        try DaemonFixture.with { daemon in
            let nginx = try need("nginx", package: "nginx")
            let port = LocalPort.free()
            let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            let temporary = folders.map { "\($0)_temp_path \(daemon.folder)/\($0);" }.joined(separator: " ")
            let config = """
                daemon off; worker_processes 2; pid \(daemon.folder)/nginx.pid; error_log stderr;
                events {}
                http { access_log /dev/stdout; \(temporary) server { listen 127.0.0.1:\(port); return 200 "hello from nginx"; } }
                """
            try daemon.write(config, to: "nginx.conf")
            let words = ["start", nginx, "--name", "web", "--kill-signal", "SIGQUIT"] + Self.flags
            try daemon.run(words + ["--", "-p", daemon.folder, "-c", "\(daemon.folder)/nginx.conf"]).check()
            // kill -9 of the master leaves its workers, which hold the port: they must be gone before it is started again.
            try expectServes(daemon, "web", port: port, request: "GET / HTTP/1.0\r\n\r\n", answer: "hello from nginx")
            #expect(daemon.logs("", "web") || daemon.log("web").contains { $0.contains("GET / HTTP/1.0") })
        }
    }

    @Test func redisServer() throws {
        try DaemonFixture.with { daemon in
            let redis = try need("redis-server", package: "redis-server")
            let port = LocalPort.free()
            let words = ["start", redis, "--name", "redis"] + Self.flags
            try daemon.run(
                words + ["--", "--port", "\(port)", "--bind", "127.0.0.1", "--dir", daemon.folder, "--save", ""]
            ).check()
            try expectServes(daemon, "redis", port: port, request: "PING\r\n", answer: "+PONG")
            #expect(daemon.log("redis").contains { $0.contains("Ready to accept connections") })
        }
    }
}
