import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// Programs as people write them log on through many deaths of gopmd: nobody gets SIGPIPE, no line is lost or doubled.
@Suite(.serialized, .daemonLog)
struct RealProgramKillSerial {
    /// Writes `tick N` every 20 ms, N from 1; `READY` is replaced.
    private static let python = """
        import asyncio, sys
        async def main():
            loop = asyncio.get_running_loop()
            transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
            writer = asyncio.StreamWriter(transport, protocol, None, loop)
            for number in range(1, 1000000):
                writer.write(f"tick {number}\\n".encode())
                await writer.drain()
                await asyncio.sleep(0.02)
        asyncio.run(main())
        """
    private static let node = "let n = 0; setInterval(() => console.log('tick ' + ++n), 20)"
    private static let bash = "n=0; while :; do n=$((n+1)); echo tick $n; sleep 0.02; done"
    /// Closes all descriptors but the first three, then opens its output anew by name.
    private static let reopening = """
        import os, time
        os.closerange(3, 4096)
        name = os.open("/dev/stdout", os.O_WRONLY)
        os.dup2(name, 1); os.dup2(name, 2); os.close(name)
        for number in range(1, 1000000):
            os.write(1, f"tick {number}\\n".encode())
            time.sleep(0.02)
        """

    @Test func twentyKillsUnderPrograms() throws {
        try DaemonFixture.withAlone { daemon in
            try daemon.write(Self.python, to: "ticks.py")
            try daemon.write(Self.reopening, to: "reopens.py")
            let (web, redis) = (LocalPort.free(), LocalPort.free())
            let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            let temporary = folders.map { "\($0)_temp_path \(daemon.folder)/\($0);" }.joined(separator: " ")
            try daemon.write(
                """
                daemon off; worker_processes 1; pid \(daemon.folder)/nginx.pid; error_log stderr;
                events {}
                http { access_log /dev/stdout; \(temporary) server { listen 127.0.0.1:\(web); return 200 "ok"; } }
                """,
                to: "nginx.conf"
            )
            let ticking = ["python", "node", "bash", "reopens"]
            let programs: [(String, [String])] = [
                ("python", ["python3", "--", "\(daemon.folder)/ticks.py"]), ("node", ["node", "--", "-e", Self.node]),
                ("bash", ["bash", "--", "-c", Self.bash]),
                ("reopens", ["python3", "--", "\(daemon.folder)/reopens.py"]),
                (
                    "nginx",
                    ["/usr/sbin/nginx", "--", "-p", daemon.folder, "-c", "\(daemon.folder)/nginx.conf"]
                ),
                (
                    "redis",
                    [
                        "redis-server", "--", "--port", "\(redis)", "--save", "", "--dir", daemon.folder, "--loglevel",
                        "debug",
                    ]
                ),
            ]
            for (name, words) in programs {
                try daemon.run(["start", words[0], "--name", name] + words.dropFirst()).check()
            }
            for name in ticking { #expect(daemon.logs("tick 1", name), "\(name): \(daemon.log(name, "err"))") }
            func asks() -> Bool {
                LocalPort.ask(web, "GET / HTTP/1.0\r\n\r\n")?.contains("ok") == true
                    && LocalPort.ask(redis, "PING\r\n")?.contains("+PONG") == true
            }
            #expect(eventually(timeout: .seconds(20)) { asks() })
            let pids = try daemon.list().map(\.pid)
            var generator = SystemRandomNumberGenerator()
            var requests = daemon.log("nginx").count
            for round in 0..<20 {
                pause(.milliseconds(Int.random(in: 5...120, using: &generator)))
                let old = try #require(daemon.daemonPID)
                kill(old, SIGKILL)
                // Half of the requests come while nobody reads.
                #expect(asks(), "round \(round)")
                requests += 1
                #expect(try daemon.list().map(\.pid) == pids, "round \(round)")
            }
            #expect(eventually { daemon.log("nginx").count { $0.contains("GET / HTTP/1.0") } >= requests })
            for name in ticking {
                let seen = daemon.log(name).count
                #expect(eventually { daemon.log(name).count > seen + 5 }, "\(name) goes on")
                let lines = daemon.log(name)
                #expect(lines == (1...lines.count).map { "tick \($0)" }, "\(name)")
            }
            #expect(try daemon.list().map(\.pid) == pids && daemon.log("redis").count > 3)
        }
    }
}
