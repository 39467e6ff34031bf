import GopmJSON
import GopmTestSupport
import Testing

/// The service from day to day: it is started, looked at, killed, stuck, reloaded, restarted and stopped.
@Suite(.serialized)
struct ServiceSerial {
    @Test func tenProgramsOfAnotherUser() throws {
        try Server.installed { server in
            try server.startPrograms(10)
            try server.gopm("stop", "app9").check()
            try everythingIsToBeSeen(server)
            try killedAndStuck(server)
            try reloaded(server)
            try restartedAndStopped(server)
        }
    }

    /// Where people look: systemctl, journalctl, the groups, the owner, `gopm status`.
    private func everythingIsToBeSeen(_ server: Server) throws {
        #expect(try eventually { try server.show("StatusText") == "9 online, 1 stopped" })
        #expect(try server.systemctl("status", "gopm").stdout.contains("Status: \"9 online, 1 stopped\""))
        let pids = try server.pids()
        #expect(pids.count == 9)
        for pid in pids.values {
            let facts = try server.root("cat", "/proc/\(pid)/cgroup", "/proc/\(pid)/status").check().stdout
            #expect(facts.contains("/system.slice/gopm.service/programs/"))
            let uid = try server.root("id", "-u", "deploy").check().lines[0]
            #expect(facts.contains("Uid:\t\(uid)\t\(uid)\t"))
        }
        let line = try #require(
            try server.journal().first { $0.text("GOPM_PROCESS") == "app3" && $0.text("GOPM_REASON") == "user-start" }
        )
        #expect(line.text("MESSAGE").hasPrefix("process started process=app3 "))
        #expect(line.text("PRIORITY") == "6" && line.text("GOPM_INSTANCE") == "1")
        #expect(line.text("GOPM_PID") == pids["app3"].map { "\($0)" })
        // One line an event, and none for debugging.
        let messages = try server.journal().map { $0.text("MESSAGE") }
        #expect(!messages.contains { $0.hasPrefix("time=") || $0.hasPrefix("state saved") })
        let status = try server.gopm("status", "--json").check().json()
        #expect(status["systemd_installed"] == true && status.text("systemd_unit_file") == Server.unit)
        #expect(status.text("systemd_user") == "deploy" && status.text("systemd_home") == Server.home)
        #expect(status["systemd_enabled"] == true && status.text("systemd_state") == "active")
        #expect(status["systemd_outside"]?.arrayValue == [])
        #expect(try server.gopm("status").check().stdout.contains("  State: active (running), enabled\n"))
    }

    private func killedAndStuck(_ server: Server) throws {
        let before = try server.pids()
        var daemon = try server.show("MainPID")
        try server.root("kill", "-KILL", daemon).check()
        daemon = try server.nextDaemon(after: daemon)
        #expect(try server.pids() == before)
        #expect(try server.show("NFileDescriptorStore") == "\(before.count * 3)")
        // A loop that is stuck gives no sign of life; the limit is short here so that the test is.
        try server.addDropIn("[Service]\nWatchdogSec=1s\n")
        try server.systemctl("reload", "gopm")
        try server.systemctl("kill", "--kill-whom=main", "--signal=KILL", "gopm")
        daemon = try server.nextDaemon(after: daemon)
        // It lives as long as it is not stuck: the watchdog sees it three times a second.
        pause(.milliseconds(2500))
        #expect(try server.show("MainPID") == daemon)
        try server.root("kill", "-STOP", daemon).check()
        daemon = try server.nextDaemon(after: daemon)
        #expect(try server.pids() == before)
        #expect(try server.root("journalctl", "-u", "gopm").stdout.contains("Watchdog timeout"))
    }

    /// Three ways to a hot reboot; in none does a PID change, gopmd's neither.
    private func reloaded(_ server: Server) throws {
        let (before, daemon) = (try server.pids(), try server.show("MainPID"))
        let held = try server.show("NFileDescriptorStore")
        #expect(held == "\(before.count * 3)")
        let starts = { try server.journal().count { $0.text("MESSAGE").hasPrefix("daemon starting") } }
        let count = try starts()
        try server.systemctl("reload", "gopm")
        #expect(try starts() == count + 1)
        try server.gopm("reboot").check()
        #expect(try starts() == count + 2)
        try server.root("kill", "-HUP", daemon).check()
        #expect(try eventually { try starts() == count + 3 })
        #expect(try server.show("MainPID") == daemon)
        #expect(try server.pids() == before)
        #expect(try eventually { try server.show("ActiveState") == "active" })
        // systemd holds what it held: neither less nor everything twice.
        #expect(try eventually { try server.show("NFileDescriptorStore") == held })
        // After all of them the groups are where they were.
        try server.gopm("restart", "app0").check()
        let pid = try #require(try server.pids()["app0"])
        let group = try server.root("cat", "/proc/\(pid)/cgroup").check().stdout
        #expect(group.contains("/system.slice/gopm.service/programs/"), "\(group)")
        // What can't start is refused, and the old one goes on.
        try server.system.write("{", to: "\(Server.home)/gopm.config.json")
        #expect(try server.root("systemctl", "reload", "gopm").status != 0)
        #expect(try server.root("journalctl", "-u", "gopm").stdout.contains("the new daemon cannot start"))
        try server.root("rm", "\(Server.home)/gopm.config.json").check()
        #expect(try server.show("MainPID") == daemon)
        #expect(try server.show("ActiveState") == "active")
    }

    private func restartedAndStopped(_ server: Server) throws {
        let before = try server.pids()
        // A machine must come up also with a config that was broken meanwhile.
        try server.system.write("{", to: "\(Server.home)/gopm.config.json")
        try server.systemctl("restart", "gopm")
        let status = try server.gopm("status")
        #expect(status.status == 1 && status.stderr.contains("gopm.config.json"), "\(status)")
        try server.root("rm", "\(Server.home)/gopm.config.json").check()
        #expect(try eventually { try server.pids().count == 9 })
        #expect(Set(try server.pids().values).isDisjoint(with: before.values))
        #expect(try server.list()[9].text("state") == "stopped")
        try server.systemctl("stop", "gopm")
        #expect(try server.show("Result") == "success")
        #expect(try server.show("ActiveState") == "inactive")
        #expect(try server.root("pgrep", "-x", "testapp").stdout.isEmpty)
        #expect(try server.show("StatusText") == "stopped")
    }

    /// The unit gives a second, the program needs three: gopmd asks for them.
    @Test func aStopTakesAsLongAsTheSlowestProgram() throws {
        try Server.installed { server in
            try server.addDropIn("[Service]\nTimeoutStopSec=1s\n")
            try server.gopm(
                "start",
                Server.testapp,
                "--name",
                "slow",
                "--kill-timeout",
                "3s",
                "--",
                "--ignore-sigterm"
            ).check()
            let stop = try server.system.begin(["systemctl", "stop", "gopm"])
            #expect(try eventually { try server.show("StatusText") == "stopping: 1 online" })
            try stop.finish().check()
            #expect(try server.show("Result") == "success")
            #expect(try server.root("pgrep", "-x", "testapp").stdout.isEmpty)
        }
    }

    /// The command after `gopm kill` says how to go on instead of starting a daemon outside of the service.
    @Test func killLeavesTheServiceDown() throws {
        try Server.installed { server in
            try server.startPrograms(2)
            let told = try server.gopm("kill").check().stdout
            #expect(told.contains("sudo systemctl start gopm"))
            #expect(try eventually { try server.show("ActiveState") == "inactive" })
            // Each waits five seconds for the service to come by itself.
            let waiting = try ["list", "resurrect"].map { try server.begin("gopm", $0) }
            for command in waiting {
                let refused = try command.finish()
                #expect(refused.status == 69 && refused.stderr.contains("sudo systemctl start gopm"), "\(refused)")
            }
            #expect(try server.root("pgrep", "-x", "gopmd").stdout.isEmpty)
            for _ in 0..<8 {
                try server.systemctl("start", "gopm")
                try server.gopm("kill").check()
            }
            #expect(try eventually { try server.show("ActiveState") == "inactive" })
            #expect(try server.show("Result") == "success")
            try server.systemctl("start", "gopm")
            #expect(try eventually { try server.pids().count == 2 })
            let before = try server.pids()
            try server.gopm("reboot", "--cold").check()
            #expect(try eventually { try server.pids().count == 2 })
            #expect(Set(try server.pids().values).isDisjoint(with: before.values))
        }
    }

    /// A journal that takes nothing must not make the daemon wait.
    @Test func aStoppedJournalHoldsNobodyUp() throws {
        try Server.installed { server in
            try server.startPrograms(10)
            let journald = try server.root("pgrep", "-x", "systemd-journal").check().lines[0]
            try server.root("kill", "-STOP", journald).check()
            // More lines than the socket's queue takes.
            for _ in 0..<12 { try server.gopm("restart", "all").check() }
            let (_, duration) = try time { try server.gopm("ping").check() }
            try server.root("kill", "-CONT", journald).check()
            #expect(duration < .seconds(3))
            try server.gopm("restart", "app0").check()
            #expect(
                try eventually { try server.journal().contains { $0.text("MESSAGE").contains("are missing here") } }
            )
        }
    }

    /// A socket that systemd made is used, and is there again after a stop.
    @Test func aSocketUnitIsAccepted() throws {
        try Server.installed { server in
            try server.systemctl("stop", "gopm")
            let path = "\(Server.home)/gopm.sock"
            try server.system.write(
                "[Socket]\nListenStream=\(path)\nSocketUser=deploy\nSocketMode=0600\n",
                to: "/run/systemd/system/gopm.socket"
            )
            try server.systemctl("daemon-reload")
            try server.systemctl("start", "gopm.socket")
            // The first command starts the service.
            for _ in 0..<2 {
                #expect(try server.show("ActiveState") == "inactive")
                #expect(try server.list().isEmpty)
                #expect(try server.show("ActiveState") == "active")
                try server.gopm("reboot").check()
                try server.systemctl("stop", "gopm")
                #expect(try server.exists(path))
            }
        }
    }
}
