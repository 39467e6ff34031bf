import GopmJSON
import GopmTestSupport
import Testing

/// What install, uninstall, suspend and unsuspend do to a machine, and what they refuse.
@Suite(.serialized)
struct InstallSerial {
    private let links = ["gopm", "gopmd", "gopm-logs", "gopm-pid", "gopm-mcp", "gopm-pm2"].map {
        "/usr/local/bin/\($0)"
    }

    @Test func installedSuspendedUninstalled() throws {
        try Server.with { server in
            let answer = try server.root("env", "SUDO_USER=deploy", "/opt/gopm/gopm", "install", "--json").check()
                .json()
            #expect(answer["success"] == true && answer["enabled"] == true && answer.text("state") == "active")
            #expect(answer.text("user") == "deploy" && answer.text("home") == Server.home)
            #expect(answer["links"]?.arrayValue?.compactMap(\.stringValue) == links)
            for link in links {
                let target = try server.root("readlink", link).check().lines
                #expect(target == ["/opt/gopm/\(link.split(separator: "/").last ?? "")"])
            }
            #expect(try server.systemctl("is-enabled", "gopm").lines == ["enabled"])
            try server.startPrograms(3)
            try server.gopm("stop", "app2").check()

            let suspended = try server.root("gopm", "suspend").check()
            #expect(suspended.stdout.contains("2 processes stopped"))
            #expect(try server.root("pgrep", "-x", "gopmd|testapp").stdout.isEmpty)
            let (refused, duration) = try time { try server.deploy("gopm", "list") }
            #expect(refused.status == 69 && refused.stderr.contains("sudo gopm unsuspend") && duration < .seconds(3))
            #expect(try server.root("pgrep", "-x", "gopmd").stdout.isEmpty)
            #expect(try server.gopm("status").check().stdout.contains("  State: inactive (dead), suspended\n"))
            try server.system.reboot()
            #expect(try server.root("pgrep", "-x", "gopmd").stdout.isEmpty)
            // The files of the machine are kept, the programs' folder among them.
            try server.root("gopm", "unsuspend").check()
            #expect(try eventually { try Set(server.pids().keys) == ["app0", "app1"] })

            let removed = try server.root("gopm", "uninstall", "--json").check().json()
            let units = ["/etc/systemd/system/gopm-mcp.service", Server.unit]
            #expect(removed["removed"]?.arrayValue?.compactMap(\.stringValue) == units + links)
            for path in links + [Server.unit, "/etc/systemd/system/multi-user.target.wants/gopm.service"] {
                #expect(try !server.exists(path), "\(path)")
            }
            #expect(try server.root("pgrep", "-x", "gopmd|testapp").stdout.isEmpty)
            #expect(try server.exists("\(Server.home)/dump.json"))
            #expect(try server.root("/opt/gopm/gopm", "uninstall").check().stdout.contains("nothing to do"))
            // By hand again, with the same list.
            #expect(try eventually { try Set(server.pids().keys) == ["app0", "app1"] })
            try server.gopm("kill").check()
        }
    }

    /// Each refusal names what is wrong, and nothing was changed.
    @Test func whatIsRefused() throws {
        try Server.with { server in
            func refused(_ words: String..., says text: String, code: Int32 = 1) throws {
                let result = try server.system.run(words)
                #expect(result.status == code && result.stderr.contains(text), "\(result)")
                #expect(try !server.exists("/usr/local/bin/gopm-pid"))
            }
            let install = "/opt/gopm/gopm"
            let asUser = try server.gopm("install")
            #expect(asUser.status == 1 && asUser.stderr.contains("sudo gopm install"))
            #expect(try server.gopm("install", "--user-service").stderr.contains("enable-linger"))
            try refused(
                install,
                "install",
                "--user",
                "nobody-of-that-name",
                says: "there is no user \"nobody-of-that-name\""
            )
            try refused(install, "install", "--user", "root\nUser=x", says: "there is no user")
            try refused("env", "SUDO_USER=gone", install, "install", says: "there is no user \"gone\" (SUDO_USER)")
            try refused(install, "install", "--user-service", "--user", "deploy", says: "--user-service", code: 64)
            try refused(install, "install", "--config", "x", says: "--config", code: 64)
            try refused(install, "suspend", says: "not installed as a service")
            try refused(install, "unsuspend", says: "not installed as a service")

            try server.root("sh", "-c", "echo mine >/usr/local/bin/gopm").check()
            try refused(install, "install", "--user", "deploy", says: "/usr/local/bin/gopm is in the way")
            #expect(try server.system.text("/usr/local/bin/gopm") == "mine\n")
            try server.root("ln", "-sf", "/opt/other/gopm", "/usr/local/bin/gopm").check()
            try refused(install, "install", "--user", "deploy", says: "a link to /opt/other/gopm")
            try server.root("rm", "/usr/local/bin/gopm").check()

            try server.system.write("[Service]\nExecStart=/bin/true", to: Server.unit)
            try refused(install, "install", "--user", "deploy", says: "\(Server.unit) is in the way")
            try refused(install, "uninstall", says: "was not written by this gopm")
            try server.root("rm", Server.unit).check()

            try server.root("install", "-d", "-m", "700", "/opt/closed").check()
            try server.root("cp", "/opt/gopm/gopm", "/opt/gopm/gopmd", "/opt/closed").check()
            try refused("/opt/closed/gopm", "install", "--user", "deploy", says: "/opt/closed is closed to that user")
            try server.root("mkdir", Server.home).check()
            try refused(install, "install", "--user", "deploy", says: "belongs to uid 0")
            try server.root("rmdir", Server.home).check()

            try refused(
                "env",
                "GOPM_HOME=/srv/gopm",
                install,
                "install",
                "--user",
                "deploy",
                says: "install -d -m 700 -o deploy /srv/gopm"
            )

            try server.root(install, "install", "--user", "deploy").check()
            let other = try server.root(install, "install", "--user", "root")
            #expect(
                other.status == 1 && other.stderr.contains("installed already for the home \(Server.home) of deploy")
            )
            // Another unit for the same home gives up at once, and the first goes on.
            try server.root("cp", Server.unit, "/etc/systemd/system/second.service").check()
            #expect(try server.root("systemctl", "start", "second").status != 0)
            let second = try server.systemctl("show", "second", "-p", "ActiveState,ExecMainStatus,NRestarts").lines
            #expect(Set(second) == ["ActiveState=failed", "ExecMainStatus=81", "NRestarts=0"])
            #expect(try server.gopm("ping").check().status == 0)
            // Root's own list is not that of the service.
            let own = try server.root(install, "list").check()
            #expect(own.stderr.contains("for programs of deploy: sudo -u deploy gopm"), "\(own)")
            try server.root(install, "kill").check()
        }
    }

    /// The service takes the place of a daemon that was started by hand: no program stops, no line is lost.
    @Test func aDaemonByHandIsTakenOver() throws {
        try Server.with { server in
            let lines = 8000
            try server.gopm(
                "start",
                Server.testapp,
                "--name",
                "writer",
                "--autorestart",
                "never",
                "--",
                "--rate",
                "2000",
                "--lines",
                "\(lines)"
            ).check()
            try server.startPrograms(3)
            let before = try server.pids()
            #expect(before.count == 4)
            #expect(try server.root("pgrep", "-f", "gopmd --keeper").lines.count == 1)
            let told = try server.root("/opt/gopm/gopm", "install", "--user", "deploy").check().stdout
            #expect(told.contains("4 processes went on running, with the same PID"), "\(told)")
            #expect(try server.pids() == before)
            // Neither the old daemon nor its keeper is left.
            #expect(try eventually { try server.root("pgrep", "-f", "gopmd --keeper").stdout.isEmpty })
            #expect(try server.root("pgrep", "-x", "gopmd").lines == [try server.show("MainPID")])
            #expect(
                try server.gopm("status").check().stdout.contains("until their next restart: writer, app0, app1, app2")
            )
            // What the keeper held is held by systemd now.
            let daemon = try server.show("MainPID")
            try server.root("kill", "-KILL", daemon).check()
            _ = try server.nextDaemon(after: daemon)
            // The writer may be done by now.
            #expect(try server.pids().filter { $0.key != "writer" } == before.filter { $0.key != "writer" })
            try server.gopm("restart", "app0", "app1", "app2").check()
            let status = try server.gopm("status", "--json").check().json()
            #expect((status["systemd_outside"]?.arrayValue ?? []).allSatisfy { $0.stringValue == "writer" })
            #expect(try eventually(timeout: .seconds(30)) { try server.list()[0].text("state") == "stopped" })
            #expect(try server.list()[0].number("exit_code") == 0)
            var numbers: [Int] = []
            _ = try eventually {
                numbers = try server.system.text("\(Server.home)/logs/writer-out.log").split(separator: "\n")
                    .map { Int($0.dropFirst(30).prefix(10)) ?? -1 }
                return numbers.count >= lines
            }
            #expect(numbers == Array(0..<lines))
        }
    }

    /// gopmd is killed again and again while it takes over: whoever comes next goes on with it.
    @Test func aTakeoverThatIsKilled() throws {
        try Server.with { server in
            try server.startPrograms(3)
            let before = try server.pids()
            let kills = "for i in 1 2 3 4 5 6 7 8 9; do sleep 0.0$((RANDOM % 9)); pkill -KILL -x gopmd || :; done"
            let killing = try server.system.begin(["bash", "-c", kills])
            // It may well say that the service does not start.
            _ = try server.root("/opt/gopm/gopm", "install", "--user", "deploy")
            try killing.finish().check()
            #expect(try eventually { try server.show("SubState") == "running" && server.gopm("ping").status == 0 })
            #expect(try server.pids() == before)
            #expect(try eventually { try server.root("pgrep", "-f", "gopmd --keeper").stdout.isEmpty })
            #expect(try server.root("pgrep", "-x", "gopmd").lines == [try server.show("MainPID")])
            #expect(try eventually { try server.show("NFileDescriptorStore") == "9" })
        }
    }

    /// Another version in another folder: install renews the links and swaps the daemon under its programs.
    @Test func anotherVersionUnderRunningPrograms() throws {
        try Server.installed { server in
            try server.startPrograms(3)
            let (before, daemon) = (try server.pids(), try server.show("MainPID"))
            let version = try server.gopm("--version").check().lines[0]
            let next = String(version.dropLast()) + "8"
            try makeVersion(next, of: version, in: "/opt/gopm-next", server)
            #expect(try server.deploy("/opt/gopm-next/gopm", "--version").check().lines == [next])
            let warned = try server.deploy("/opt/gopm-next/gopm", "list").check().stdout
            #expect(warned.contains("gopm CLI version \(next) != daemon version \(version)"))

            // It has one more program, whose service is written and left to people.
            try server.system.write("#!/bin/sh\nexec sleep 1000", to: "/opt/gopm-next/gopm-mcp")
            try server.root("chmod", "755", "/opt/gopm-next/gopm-mcp").check()

            let told = try server.root("/opt/gopm-next/gopm", "install", "--user", "deploy").check().stdout
            #expect(told.contains("renewed") && told.contains("3 processes went on running"), "\(told)")
            #expect(told.contains("sudo systemctl enable --now gopm-mcp"))
            #expect(try server.root("systemctl", "is-enabled", "gopm-mcp").lines == ["disabled"])
            try server.systemctl("enable", "--now", "gopm-mcp")
            #expect(try server.systemctl("is-active", "gopm-mcp").lines == ["active"])
            #expect(try server.pids() == before)
            #expect(try server.show("MainPID") == daemon)
            #expect(try server.root("readlink", "/usr/local/bin/gopm").check().lines == ["/opt/gopm-next/gopm"])
            var status = try server.deploy("gopm", "status", "--json").check().json()
            #expect(status.text("daemon_version") == next && status["version_mismatch"] == false)

            // The program of a package manager's upgrade: new files at the old place, and then a reboot by whichever gopm.
            let newest = String(version.dropLast()) + "9"
            try makeVersion(newest, of: version, in: "/opt/gopm-next", server)
            try server.gopm("reboot").check()
            status = try server.deploy("gopm", "status", "--json").check().json()
            #expect(status.text("daemon_version") == newest && status["version_mismatch"] == false)
            #expect(try server.pids() == before)
            #expect(try server.show("MainPID") == daemon)

            let removed = try server.root("gopm", "uninstall").check().stdout
            #expect(removed.contains("/etc/systemd/system/gopm-mcp.service"), "\(removed)")
            #expect(removed.contains("/usr/local/bin/gopm-mcp"), "\(removed)")
            #expect(try server.root("systemctl", "is-active", "gopm-mcp").lines == ["inactive"])
        }
    }

    /// The same programs with another version's text in them.
    private func makeVersion(_ next: String, of version: String, in folder: String, _ server: Server) throws {
        let patch = """
            import os, sys
            old, new, folder = sys.argv[1:]
            os.makedirs(folder, exist_ok=True)
            for program in ("gopm", "gopmd"):
                data = open("/opt/gopm/" + program, "rb").read()
                text = old.encode() + b"\\n\\0"
                assert data.count(text) == 1, program
                path = folder + "/" + program
                open(path + ".new", "wb").write(data.replace(text, new.encode() + b"\\n\\0"))
                os.chmod(path + ".new", 0o755)
                os.rename(path + ".new", path)
            """
        try server.root("python3", "-c", patch, version, next, folder).check()
    }

    /// Without root, by the user's own systemd.
    @Test func aServiceOfTheUsersOwn() throws {
        try Server.with { server in
            try server.root("loginctl", "enable-linger", "deploy").check()
            let uid = try server.root("id", "-u", "deploy").check().lines[0]
            #expect(try eventually { try server.exists("/run/user/\(uid)/systemd/private") })
            try server.startPrograms(2)
            let before = try server.pids()
            try server.gopm("install", "--user-service").check()
            let unit = "/home/deploy/.config/systemd/user/gopm.service"
            let status = try server.gopm("status", "--json").check().json()
            #expect(status.text("systemd_unit_file") == unit && status.text("systemd_scope") == "user")
            #expect(status.text("systemd_state") == "active")
            #expect(try server.pids() == before)
            let daemon = status.number("daemon_pid")
            try server.root("kill", "-KILL", "\(daemon)").check()
            #expect(try eventually { try server.gopm("ping", "--json").json().pid != Int32(daemon) })
            #expect(try server.pids() == before)
            let second = try server.root("/opt/gopm/gopm", "install", "--user", "deploy")
            #expect(second.status == 1 && second.stderr.contains("has a service already, \(unit)"))
            try server.gopm("suspend").check()
            #expect(try server.gopm("list").stderr.contains("to go on: gopm unsuspend"))
            // It comes back with the machine only when it is not suspended.
            try server.gopm("unsuspend").check()
            try server.system.reboot()
            #expect(try eventually { try server.gopm("ping").status == 0 })
            #expect(try eventually { try server.pids().count == 2 })
            try server.gopm("uninstall").check()
            #expect(try !server.exists(unit))
            #expect(try server.root("pgrep", "-x", "gopmd|testapp").stdout.isEmpty)
        }
    }
}
