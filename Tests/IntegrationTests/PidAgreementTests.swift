import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// What gopm pid says of servers agrees with ss(8) of iproute2 and lsof(8).
@Suite(.daemonLog)
struct PidAgreementTests {
    private func run(_ program: String, _ words: String..., package: String) throws -> CommandResult {
        let paths = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].map { folder -> String in "\(folder)/\(program)" }
        guard let path = paths.first(where: { access($0, X_OK) == 0 }) else {
            throw TestFailure("\(program) is missing: apt-get install \(package)")
        }
        let environment = ["LC_ALL": "C", "PATH": "/usr/bin:/bin"]
        return try RunningCommand(path, words, environment: environment, folder: "/").finish()
    }

    /// `protocol address fd` of what a process listens on: `tcp 127.0.0.1:80 6`.
    private func listenersBySS(_ pid: pid_t) throws -> Set<String> {
        let lines = try run("ss", "-tulnpH", package: "iproute2").check().lines
        let found = lines.flatMap { line -> [String] in
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 6 else { return [] }
            // users:(("nginx",pid=12,fd=6),("nginx",pid=13,fd=6))
            return words[6...].joined().split(separator: "(").compactMap { user in
                guard user.contains("pid=\(pid),"), let fd = user.split(separator: "=").last else { return nil }
                return "\(words[0]) \(plain(words[4])) \(fd.prefix { $0.isNumber })"
            }
        }
        return Set(found)
    }

    /// ss writes `*:80` for `[::]:80` that takes IPv4, too, and `127.0.0.1%lo:53` for a bound device.
    private func plain(_ address: String) -> String {
        let port = address.split(separator: ":").last.map(String.init) ?? ""
        let host = address.dropLast(port.count + 1)
        return host == "*" ? "[::]:\(port)" : "\(host.prefix { $0 != "%" }):\(port)"
    }

    private func expectAgreement(_ daemon: DaemonFixture, _ pid: pid_t, atLeast count: Int) throws {
        let json = try daemon.run("pid", "\(pid)", "--json").check().json()
        let ours = (json["sockets"]?.arrayValue ?? []).filter {
            $0.text("state") == "LISTEN" && $0.text("proto").hasPrefix("tcp") || $0.text("proto").hasPrefix("udp")
        }
        let listening = Set(ours.map { "\($0.text("proto").prefix(3)) \($0.text("local")) \($0.number("fd"))" })
        #expect(listening == (try listenersBySS(pid)))
        #expect(listening.count >= count)

        // -F: a line for each field, f the descriptor, n the name.
        let lines = try run("lsof", "-n", "-P", "-p", "\(pid)", "-Ffn", package: "lsof").lines
        var byLsof: [Int: String] = [:]
        var descriptor: Int?
        for line in lines {
            if line.hasPrefix("f") { descriptor = Int(line.dropFirst()) }
            if line.hasPrefix("n"), let descriptor { byLsof[descriptor] = String(line.dropFirst()) }
        }
        let files = json["fds"]?.arrayValue ?? []
        #expect(Set(files.map { $0.number("fd") }) == Set(byLsof.keys))
        for file in files where ["file", "folder", "device", "fifo"].contains(file.text("type")) {
            #expect(byLsof[file.number("fd")] == file.text("target"), "\(file)")
        }
    }

    @Test func nginx() throws {
        try DaemonFixture.with { daemon in
            let port = LocalPort.free()
            let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            let temporary = folders.map { "\($0)_temp_path \(daemon.folder)/\($0);" }.joined(separator: " ")
            let config = """
                daemon off; worker_processes 2; pid \(daemon.folder)/nginx.pid; error_log stderr;
                events {}
                http { access_log /dev/stdout; \(temporary)
                  server { listen 127.0.0.1:\(port); listen [::1]:\(port); return 200 "hello"; } }
                """
            try daemon.write(config, to: "nginx.conf")
            let words = ["start", "/usr/sbin/nginx", "--name", "web", "--kill-signal", "SIGQUIT"]
            try daemon.run(words + ["--", "-p", daemon.folder, "-c", "\(daemon.folder)/nginx.conf"]).check()
            let main = try daemon.pid("web")
            #expect(eventually { ProcessTable.children(of: main).count == 2 })
            #expect(eventually { LocalPort.ask(port, "GET / HTTP/1.0\r\n\r\n")?.contains("hello") == true })
            try expectAgreement(daemon, main, atLeast: 2)
            try expectAgreement(daemon, try #require(ProcessTable.children(of: main).first), atLeast: 2)
        }
    }

    @Test func redis() throws {
        try DaemonFixture.with { daemon in
            let port = LocalPort.free()
            let words = ["--port", "\(port)", "--bind", "127.0.0.1", "--dir", daemon.folder, "--save", ""]
            let socket = ["--unixsocket", "\(daemon.folder)/redis.sock"]
            try daemon.run(["start", "/usr/bin/redis-server", "--name", "redis", "--"] + words + socket).check()
            #expect(eventually { LocalPort.ask(port, "PING\r\n")?.contains("+PONG") == true })
            let pid = try daemon.pid("redis")
            try expectAgreement(daemon, pid, atLeast: 1)
            let sockets = try daemon.run("pid", "\(pid)", "--json", "--net").check().json()["sockets"]?.arrayValue ?? []
            #expect(
                sockets.contains { $0.text("proto") == "unix" && $0.text("local") == "\(daemon.folder)/redis.sock" }
            )
        }
    }

    @Test func aPythonServer() throws {
        try DaemonFixture.with { daemon in
            let script = """
                import socket, time
                ports = [socket.create_server(('0.0.0.0', 0)), socket.create_server(('::', 0), family=socket.AF_INET6)]
                datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                datagrams.bind(('127.0.0.1', 0))
                log = open('a file with blanks', 'w')
                print('ready', flush=True)
                time.sleep(1000)
                """
            try daemon.write(script, to: "server.py")
            try daemon.run("start", "server.py", "--interpreter", "python3", "--name", "py").check()
            #expect(daemon.logs("ready", "py"))
            try expectAgreement(daemon, try daemon.pid("py"), atLeast: 3)
        }
    }
}
