import GopmJSON
import GopmTestSupport
import Testing

/// Under a real systemd there is no keeper: systemd starts gopmd again and its fd store holds FIFOs and pidfds meanwhile.
@Suite(.serialized)
struct SystemdStoreSerial {
    private static let home = "/var/lib/gopm-test"
    /// Half a second between two gopmds: time for a program to end unseen.
    private static let unit = """
        [Service]
        Type=notify
        ExecStart=\(Programs.gopmd)
        Environment=HOME=/root GOPM_HOME=\(home) FDSTORE=1
        FileDescriptorStoreMax=4096
        KillMode=process
        Delegate=yes
        Restart=always
        RestartSec=500ms
        StartLimitIntervalSec=0
        """

    private func start(_ system: SystemdContainer) throws {
        try system.write(Self.unit, to: "/run/systemd/system/gopm.service")
        try system.run("systemctl", "daemon-reload").check()
        try system.run("systemctl", "start", "gopm").check()
    }

    private func gopm(_ system: SystemdContainer, _ words: String...) throws -> CommandResult {
        try system.run(["env", "GOPM_HOME=\(Self.home)", Programs.gopm] + words)
    }

    private func list(_ system: SystemdContainer) throws -> [JSONValue] {
        try gopm(system, "list", "--json").check().json().arrayValue ?? []
    }

    private func pids(_ system: SystemdContainer) throws -> [Int32] { try list(system).map(\.pid) }

    /// Waits until another gopmd than this one is ready.
    private func nextDaemon(_ system: SystemdContainer, after old: String) throws -> String {
        let next = try firstValue { () -> String? in
            let shown = try system.run("systemctl", "show", "gopm", "-p", "MainPID", "-p", "SubState").check().lines
            guard shown.contains("SubState=running"), let main = shown.first(where: { $0.hasPrefix("MainPID=") }),
                main != "MainPID=0", main != "MainPID=\(old)"
            else { return nil }
            return String(main.dropFirst(8))
        }
        guard let next else { throw TestFailure("no gopmd after \(old)") }
        return next
    }

    @Test func programsAndLinesOutliveGopmd() throws {
        try Machine.alone {
            try SystemdContainer.with { system in
                try start(system)
                let lines = 6000
                let reopening =
                    "import os,time; os.closerange(3,4096); n=os.open('/dev/stdout',os.O_WRONLY); os.dup2(n,1);"
                    + " os.dup2(n,2); os.close(n); [(os.write(1,b'tick\\n'), time.sleep(0.01)) for _ in range(100000)]"
                try gopm(
                    system,
                    "start",
                    Programs.testapp,
                    "--name",
                    "writer",
                    "--autorestart",
                    "never",
                    "--",
                    "--rate",
                    "1000",
                    "--lines",
                    "\(lines)"
                ).check()
                try gopm(system, "start", "python3", "--name", "reopens", "--", "-c", reopening).check()
                let before = try pids(system)
                #expect(try system.run("pgrep", "-f", "gopmd --keeper").stdout.isEmpty)
                var daemon = try nextDaemon(system, after: "")
                for _ in 0..<4 {
                    try system.run("kill", "-KILL", daemon).check()
                    daemon = try nextDaemon(system, after: daemon)
                    #expect(try pids(system) == before)
                }
                // The same over another image in the same process, which systemd does not notice.
                try gopm(system, "reboot").check()
                #expect(try nextDaemon(system, after: "") == daemon)
                #expect(try pids(system)[1] == before[1])
                #expect(try eventually(timeout: .seconds(30)) { try list(system)[0].text("state") == "stopped" })
                var numbers: [Int] = []
                _ = try eventually {
                    numbers = try system.text("\(Self.home)/logs/writer-out.log").split(separator: "\n")
                        .map { Int($0.dropFirst(30).prefix(10)) ?? -1 }
                    return numbers.count >= lines
                }
                let firstFault = zip(numbers, 0...).first { $0 != $1 }
                #expect(numbers.count == lines)
                #expect(firstFault == nil)
                #expect(try list(system)[0].number("exit_code") == 0)
                #expect(try list(system)[1].text("state") == "running")
            }
        }
    }

    @Test func anExitWhileGopmdIsDeadIsKnown() throws {
        try Machine.alone {
            try SystemdContainer.with { system in
                try start(system)
                let words = ["--name", "p", "--autorestart", "never", "--", "--exit-on-signal", "3", "--say", "up"]
                try system.run(["env", "GOPM_HOME=\(Self.home)", Programs.gopm, "start", Programs.testapp] + words)
                    .check()
                let log = "\(Self.home)/logs/p-out.log"
                #expect(try eventually { try system.text(log).contains("up") })
                let (daemon, program) = (try nextDaemon(system, after: ""), try pids(system)[0])
                try system.run("sh", "-c", "kill -KILL \(daemon); kill -USR1 \(program)").check()
                // systemd, its new parent, reaps it.
                #expect(try eventually { try system.run("test", "-e", "/proc/\(program)").status != 0 })
                _ = try nextDaemon(system, after: daemon)
                let entry = try list(system)[0]
                #expect(entry.text("state") == "stopped" && entry.number("exit_code") == 3, "\(entry)")
                #expect(entry["exit_status_known"] != false)
                #expect(try eventually { try system.text(log).contains("SIGUSR1: exit 3") })
            }
        }
    }

    /// What the store gives back after everything was stopped in good order is of no use and is closed.
    @Test func descriptorsOfEndedLivesAreClosed() throws {
        try Machine.alone {
            try SystemdContainer.with { system in
                try start(system)
                for name in ["a", "b"] {
                    try gopm(system, "start", "sleep", "--name", name, "--", "1000").check()
                }
                func descriptors() throws -> Int {
                    let daemon = try nextDaemon(system, after: "")
                    return try system.run("ls", "/proc/\(daemon)/fd").check().lines.count
                }
                let before = try descriptors()
                for _ in 0..<3 { try system.run("systemctl", "restart", "gopm").check() }
                #expect(try eventually { try list(system).allSatisfy { $0.text("state") == "running" } })
                #expect(try eventually { try descriptors() <= before })
                try gopm(system, "kill").check()
            }
        }
    }
}
