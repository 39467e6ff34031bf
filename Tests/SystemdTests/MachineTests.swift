import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// What the whole machine does to the service: it reboots, loses its power, and runs out of memory.
@Suite(.serialized)
struct MachineSerial {
    @Test func everythingIsBackAfterAReboot() throws {
        try Server.installed { server in
            try server.startPrograms(10)
            try server.gopm("stop", "app3").check()
            try server.gopm("start", "/bin/true", "--name", "done", "--autorestart", "never").check()
            #expect(try eventually { try server.list()[10].text("state") == "stopped" })
            let ids = try server.list().map { "\($0.number("id")) \($0.text("name"))" }
            let wanted = Set(try server.pids().keys)
            try server.system.reboot()
            #expect(try eventually { try Set(server.pids().keys) == wanted })
            #expect(try server.list().map { "\($0.number("id")) \($0.text("name"))" } == ids)
            #expect(
                try server.list()[3].text("state") == "stopped" && (try server.list()[10].text("state")) == "stopped"
            )
            // In their order, which the PIDs of a young machine tell.
            let started = try server.pids().sorted { $0.value < $1.value }.map(\.key)
            #expect(started == (0..<10).filter { $0 != 3 }.map { "app\($0)" })
        }
    }

    /// The power fails while the list changes all the time: what is there afterwards is the list of some instant.
    @Test func aPowerCutLeavesAWholeList() throws {
        try Server.installed { server in
            try server.startPrograms(3)
            let churn = """
                while :; do
                    for i in 1 2 3 4 5; do gopm start \(Server.testapp) --name churn$i -- --run-forever; done
                    gopm stop churn1; gopm restart churn2 churn3
                    for i in 1 2 3 4 5; do gopm delete churn$i; done
                done
                """
            for _ in 0..<4 { try cutPowerDuring(churn, server) }
        }
    }

    private func cutPowerDuring(_ churn: String, _ server: Server) throws {
        let changes = try server.begin("sh", "-c", churn)
        try waitForSaves(Int.random(in: 2...12), server)
        try server.system.cutPower()
        _ = try changes.finish()
        #expect(try eventually { try server.gopm("ping").status == 0 })
        let names = try server.list().map { $0.text("name") }
        #expect(names.starts(with: ["app0", "app1", "app2"]), "\(names)")
        #expect(names.dropFirst(3).allSatisfy { $0.hasPrefix("churn") })
        #expect(Set(names).count == names.count)
        #expect(try eventually { try Set(server.pids().keys).isSuperset(of: ["app0", "app1", "app2"]) })
        let files = try server.root("ls", Server.home).check().lines
        #expect(!files.contains { $0.hasPrefix("dump.json.corrupt") }, "\(files)")
        for name in names.dropFirst(3) { try server.gopm("delete", name).check() }
    }

    /// Each save is another file in the place of the one before.
    private func waitForSaves(_ count: Int, _ server: Server) throws {
        var seen: [String] = []
        while seen.count <= count {
            let save = try server.root("stat", "-c", "%i %Y", "\(Server.home)/dump.json").stdout
            if save != seen.last { seen.append(save) }
        }
    }

    /// The kernel kills a program for memory: that program's policy applies, and nothing else happens.
    @Test func aProgramThatIsOutOfMemory() throws {
        try Server.installed { server in
            #expect(try server.show("OOMPolicy") == "continue")
            try server.startPrograms(2)
            let before = try server.pids()
            let marker = "oom-\(getpid())-\(UInt32.random(in: 0 ... .max))"
            try server.gopm(
                "start",
                "python3",
                "--name",
                "eater",
                "--autorestart",
                "never",
                "--",
                "-c",
                "import os,time\nwhile not os.path.exists('/tmp/eat'): time.sleep(0.02)\nx = b'x' * (1 << 30)",
                marker
            ).check()
            let limit = try MemoryLimit(server, marker)
            defer { limit.remove() }
            try server.root("touch", "/tmp/eat").check()
            #expect(try eventually { try server.list()[2].text("state") == "stopped" })
            #expect(try server.list()[2].number("exit_signal") == Int(SIGKILL))
            #expect(limit.hasKilled)
            var left = try server.pids()
            left["eater"] = nil
            #expect(left == before)
            #expect(try server.show("ActiveState") == "active")
            #expect(try server.show("NRestarts") == "0")
        }
    }
}

/// A limit of memory for one program: by systemd where the unified hierarchy has memory, else by the old one from outside.
private struct MemoryLimit {
    private let folder: String?
    private let server: Server
    private static let bytes = 64 << 20

    init(_ server: Server, _ marker: String) throws {
        self.server = server
        let controllers = try server.system.text("/sys/fs/cgroup/cgroup.controllers")
        if controllers.contains("memory") {
            folder = nil
            try server.systemctl("set-property", "--runtime", "gopm", "MemoryMax=\(Self.bytes * 2)")
            return
        }
        let old = "/sys/fs/cgroup/memory"
        guard TestFiles.names(in: old).contains("memory.limit_in_bytes") else {
            throw TestFailure(
                "memory can't be limited on this machine: no memory controller, neither cgroup2 nor cgroup"
            )
        }
        folder = "\(old)/\(marker)"
        guard mkdir("\(old)/\(marker)", 0o755) == 0 else { throw TestFailure("cannot make \(old)/\(marker)") }
        try TestFiles.write("\(Self.bytes)", to: "\(old)/\(marker)/memory.limit_in_bytes")
        // As this side numbers it.
        let pid = firstValue { ProcessTable.pids.first { ProcessTable.commandLine($0).contains(marker) } }
        guard let pid else { throw TestFailure("no process with \(marker)") }
        try TestFiles.write("\(pid)", to: "\(old)/\(marker)/cgroup.procs")
    }

    var hasKilled: Bool {
        guard let folder else {
            let group = "/sys/fs/cgroup/system.slice/gopm.service/memory.events"
            return (try? server.system.text(group))?.contains("oom_kill 1") == true
        }
        return TestFiles.text("\(folder)/memory.oom_control").contains("oom_kill 1")
    }

    func remove() {
        if let folder { rmdir(folder) }
    }
}
