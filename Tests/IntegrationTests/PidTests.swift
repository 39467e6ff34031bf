import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// gopm pid, on processes of all kinds; none of these tests needs a daemon but the last.
@Suite(.daemonLog)
struct PidTests {
    /// A python program that says "ready" in a file and stays.
    private func python(_ daemon: DaemonFixture, _ script: String) throws -> RunningCommand {
        let body = "import os, signal, socket, sys, time\n\(script)\nopen('ready', 'w').close()\nsignal.pause()\n"
        let path = try daemon.write(body, to: "program.py")
        let environment = ["PATH": "/usr/bin:/bin", "GREETING": "hello"]
        let command = try RunningCommand(
            "/usr/bin/python3",
            [path],
            environment: environment,
            folder: daemon.folder
        )
        guard eventually({ access("\(daemon.folder)/ready", F_OK) == 0 }) else { throw TestFailure("not ready") }
        return command
    }

    private func end(_ program: RunningCommand) {
        program.signal(SIGKILL)
        _ = try? program.finish()
    }

    private func inspect(_ daemon: DaemonFixture, _ pid: pid_t, _ flags: String...) throws -> JSONValue {
        try daemon.run(["pid", "\(pid)", "--json"] + flags).check().json()
    }

    @Test func nobodyHasThatPID() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let result = try daemon.run("pid", "4194303")
            #expect(result.status == 1 && result.stderr == "gopm-pid: no process has the PID 4194303\n", "\(result)")
            #expect(result.stdout.isEmpty)
            let json = try daemon.run("pid", "4194303", "--json")
            #expect(json.status == 1 && json.stderr.isEmpty)
            #expect(try json.json().text("error") == "no process has the PID 4194303")
            for bad in ["0", "-1", "x", "99999999999", "1.5"] {
                #expect(try daemon.run("pid", bad).status == 64, "\(bad)")
            }
            #expect(try daemon.run("pid").status == 64)
            #expect(try daemon.run("pid", "1", "--raw", "--env").status == 64)
            #expect(daemon.daemons.isEmpty, "looking at a process starts no daemon")
        }
    }

    @Test func identityResourcesAndEnvironment() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let program = try python(daemon, "")
            defer { end(program) }
            let json = try inspect(daemon, program.pid)
            let identity = try #require(json["identity"])
            #expect(identity.pid == program.pid && identity.number("ppid") == Int(getpid()))
            #expect(identity.text("cmdline") == "/usr/bin/python3 \(daemon.folder)/program.py")
            #expect(identity.text("cwd") == daemon.folder && identity.text("root") == "/")
            #expect(identity["exe_exists"] == .bool(true) && identity.number("uid") == Int(geteuid()))
            #expect(json["env"]?.text("GREETING") == "hello")
            let resources = try #require(json["resources"])
            let resident = try #require(ProcessTable.statusNumber("VmRSS", of: program.pid))
            #expect(abs(resources.number("vm_rss_bytes") - resident * 1024) < 1 << 20)
            #expect(resources.number("pss_bytes") > 0 && resources.number("fds_open") >= 3)
            #expect(json["gopm"] == nil && json["unreadable"] == nil)
            let shown = try daemon.run("pid", "\(program.pid)").check()
            for section in ["Identity", "Resources", "Tree", "Open File", "Socket", "Limit", "Security", "Cgroup"] {
                #expect(shown.stdout.contains(section), "\(section)")
            }
            #expect(shown.lines.contains("GREETING=hello"))
            #expect(try inspect(daemon, program.pid, "--env").keys == ["env"])
            #expect(try inspect(daemon, program.pid, "--tree").keys == ["tree"])
            let raw = try daemon.run("pid", "\(program.pid)", "--raw").check().stdout
            #expect(raw.contains("── /proc/\(program.pid)/status") && raw.contains("Name: python3"))
        }
    }

    @Test func namesThatActOnTerminalsAreShownOnly() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let program = try python(
                daemon,
                "open('/proc/self/comm', 'w').write('a) R 1\\n\\x1b[2J')\nos.environ['X'] = 'y'"
            )
            defer { end(program) }
            let json = try inspect(daemon, program.pid)
            #expect(json["identity"]?.text("name") == "a) R 1\n\u{1b}[2J")
            #expect(json["identity"]?.number("ppid") == Int(getpid()))
            let shown = try daemon.run("pid", "\(program.pid)").check().stdout
            #expect(!shown.contains("\u{1b}") && shown.contains("a) R 1\\n\\x1b[2J"))
            #expect(!(try daemon.run("pid", "\(program.pid)", "--raw").check().stdout.contains("\u{1b}")))
        }
    }

    @Test func zombiesDeletedProgramsAndThreads() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let script = """
                import shutil, threading
                shutil.copy('/usr/bin/sleep', 'my sleep')
                child = os.spawnv(os.P_NOWAIT, './my sleep', ['my sleep', '1000'])
                while os.readlink(f'/proc/{child}/exe').find('my sleep') < 0: time.sleep(0.01)
                os.unlink('my sleep')
                dead = os.spawnv(os.P_NOWAIT, '/bin/true', ['true'])
                thread = threading.Thread(target=signal.pause, daemon=True)
                thread.start()
                while open(f'/proc/{dead}/stat').read().split()[2] != 'Z': time.sleep(0.01)
                open('pids', 'w').write(f'{child} {dead} {thread.native_id}')
                """
            let program = try python(daemon, script)
            defer { end(program) }
            let pids = TestFiles.text("\(daemon.folder)/pids").split(separator: " ").compactMap { pid_t($0) }
            defer { kill(pids[0], SIGKILL) }
            let deleted = try #require(try inspect(daemon, pids[0])["identity"])
            #expect(deleted.text("exe") == "\(daemon.folder)/my sleep" && deleted["exe_exists"] == .bool(false))
            #expect(try daemon.run("pid", "\(pids[0])").check().stdout.contains("deleted or replaced"))
            let zombie = try inspect(daemon, pids[1])
            #expect(zombie["identity"]?.text("state") == "Z" && zombie["identity"]?.text("state_human") == "zombie")
            #expect(try daemon.run("pid", "\(pids[1])").check().stdout.contains("zombie"))
            let thread = try inspect(daemon, pids[2])
            #expect(thread["identity"]?.number("thread_of") == Int(program.pid))
            let tree = try inspect(daemon, program.pid, "--tree")["tree"]?.arrayValue ?? []
            #expect(Set(pids.prefix(2)).isSubset(of: Set(tree.map(\.pid))))
            #expect(tree.first { $0.pid == program.pid }?.text("relation") == "self")
            #expect(tree.first?.number("depth") == 0 && tree.contains { $0.pid == getpid() })
        }
    }

    @Test func anotherUsersProcessSaysWhatMayNotBeRead() throws {
        guard geteuid() == 0 else { throw TestFailure("needs root, to become somebody else") }
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let program = try python(daemon, "")
            defer { end(program) }
            let tool = "\(daemon.folder)/gopm-pid"
            try TestFiles.write(try #require(TestFiles.read("\(Programs.folder)/gopm-pid")), to: tool, mode: 0o755)
            chmod(daemon.folder, 0o755)
            func asNobody(_ flags: String...) throws -> CommandResult {
                let words = ["--reuid", "65534", "--regid", "65534", "--clear-groups", tool, "\(program.pid)"]
                return try RunningCommand("/usr/bin/setpriv", words + flags, environment: [:], folder: "/").finish()
            }
            let json = try asNobody("--json").check().json()
            #expect(json["fds"]?.arrayValue?.isEmpty == true && json["env"]?.objectValue?.members.isEmpty == true)
            let unreadable = try #require(json["unreadable"])
            #expect(Set(unreadable.keys).isSuperset(of: ["exe", "cwd", "fds", "sockets", "env", "io"]))
            #expect(unreadable.text("fds").contains("another user's process"))
            let shown = try asNobody().check().stdout
            #expect(shown.contains("another user's process") && shown.contains("resident"))
            #expect(try asNobody("--fds").status == 0)
        }
    }

    @Test func innerNamespaces() throws {
        guard geteuid() == 0 else { throw TestFailure("needs root, for namespaces") }
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let script = """
                import http.server
                server = http.server.ThreadingHTTPServer(('127.0.0.1', 8099), http.server.SimpleHTTPRequestHandler)
                """
            let body = "import signal\n\(script)\nopen('inner', 'w').close()\nsignal.pause()\n"
            let path = try daemon.write(body, to: "inner.py")
            let setup = "ip link set lo up; exec python3 \(path)"
            let words = ["--fork", "--pid", "--net", "--kill-child", "sh", "-c", setup]
            let outer = try RunningCommand(
                "/usr/bin/unshare",
                words,
                environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
                folder: daemon.folder
            )
            defer { end(outer) }
            #expect(eventually { access("\(daemon.folder)/inner", F_OK) == 0 })
            let inner = try #require(ProcessTable.children(of: outer.pid).first)
            let json = try inspect(daemon, inner)
            #expect(json["identity"]?["namespace_pids"]?.arrayValue?.last?.integerValue == 1)
            let sockets = json["sockets"]?.arrayValue ?? []
            #expect(sockets.map { $0.text("local") } == ["127.0.0.1:8099"], "\(sockets)")
            #expect(json["security"]?["namespaces"]?["net"]?["own"] == .bool(false))
            #expect(json["security"]?["namespaces"]?["mnt"]?["own"] == .bool(true))
            #expect(try daemon.run("pid", "\(inner)").check().stdout.contains("its own: net, pid"))
        }
    }

    private static var kernelThread: pid_t? { ProcessTable.pids.first { ProcessTable.parent($0) == 2 } }

    @Test(.enabled(if: kernelThread != nil, "no thread of the kernel is seen in a PID namespace of one's own"))
    func kernelThreads() throws {
        let thread = try #require(PidTests.kernelThread)
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let json = try inspect(daemon, thread)
            #expect(json["identity"]?["kernel_thread"] == .bool(true) && json["identity"]?.text("cmdline") == "")
            #expect(try daemon.run("pid", "\(thread)").check().stdout.contains("a thread of the kernel"))
        }
    }

    @Test func tenThousandDescriptors() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let script = """
                import resource
                hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
                resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 12000), hard))
                files = [open('/dev/null') for _ in range(10000)]
                """
            let program = try python(daemon, script)
            defer { end(program) }
            let files = try inspect(daemon, program.pid, "--fds")["fds"]?.arrayValue ?? []
            #expect(files.count == ProcessTable.descriptors(of: program.pid).values.reduce(0, +))
            #expect(files.map { $0.number("fd") } == files.map { $0.number("fd") }.sorted())
            let shown = try daemon.run("pid", "\(program.pid)").check()
            #expect(shown.stdout.contains("more: --fds") && shown.lines.count < 300)
            #expect(try daemon.run("pid", "\(program.pid)", "--fds").check().lines.count > 10_000)
        }
    }

    @Test func processesThatVanishMeanwhile() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            for round in 0..<30 {
                let short = try RunningCommand("/bin/sleep", ["0.00\(round % 10)"], environment: [:], folder: "/")
                let result = try daemon.run("pid", "\(short.pid)", "--json")
                #expect(result.status == 0 || result.status == 1, "\(result)")
                _ = try result.json()
                _ = try short.finish()
            }
        }
    }

    @Test func peersOfPipesAndSockets() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let script = """
                reader, writer = os.pipe()
                left, right = socket.socketpair()
                server = socket.create_server(('127.0.0.1', 0))
                client = socket.create_connection(server.getsockname())
                accepted = server.accept()[0]
                child = os.fork()
                if child == 0:
                    open('/proc/self/comm', 'w').write('thechild')
                    for mine in (writer, left.fileno(), accepted.fileno()): os.close(mine)
                    signal.pause()
                for other in (reader, right.fileno(), client.fileno()): os.close(other)
                open('pids', 'w').write(f'{child} {writer} {left.fileno()} {accepted.fileno()}')
                """
            let program = try python(daemon, script)
            defer { end(program) }
            let numbers = TestFiles.text("\(daemon.folder)/pids").split(separator: " ").compactMap { Int($0) }
            defer { kill(pid_t(numbers[0]), SIGKILL) }
            let files = try inspect(daemon, program.pid, "--fds")["fds"]?.arrayValue ?? []
            for descriptor in numbers.dropFirst() {
                let file = try #require(files.first { $0.number("fd") == descriptor })
                let peers = file["peers"]?.arrayValue ?? []
                #expect(peers.map { Int($0.pid) } == [numbers[0]], "\(file)")
                #expect(peers.first?.text("name") == "thechild")
            }
            #expect(
                try daemon.run("pid", "\(program.pid)", "--net").check().stdout.contains("→ thechild (\(numbers[0]))")
            )
        }
    }

    @Test func aProgramOfGopmAndItsChildren() throws {
        try DaemonFixture.with { daemon in
            try daemon.run("start", "/bin/sh", "--name", "api", "--", "-c", "sleep 1000 & wait").check()
            let main = try daemon.pid("api")
            #expect(eventually { !ProcessTable.children(of: main).isEmpty })
            let child = try #require(ProcessTable.children(of: main).first)
            for pid in [main, child] {
                let info = try #require(try inspect(daemon, pid)["gopm"])
                #expect(info.text("name") == "api" && info.pid == main && info.text("status") == "online")
                #expect(info.text("log_out").hasSuffix("/logs/api-out.log") && info.number("restarts") == 0)
            }
            let shown = try daemon.run("pid", "\(main)").check().stdout
            #expect(shown.contains("GoPM Info") && shown.contains("(this process)"))
            // The FIFO of its standard output has gopmd at the other end.
            #expect(shown.contains("→ gopmd"))
            #expect(try inspect(daemon, getpid())["gopm"] == nil)
        }
    }
}
