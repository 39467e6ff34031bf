import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmService
import GopmSystem
import GopmTerminal
import GopmWire

struct PingCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "ping",
        abstract: "Ask the daemon for a sign of life."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let connection = try global.connect()
        let data = try reporting { () throws(ClientError) in try connection.call(.ping) }
        if global.json { return Console.json(data) }
        guard let answer = PingAnswer(data) else { throw CommandFailure("the daemon sent no JSON") }
        Console.out("gopm daemon running (PID: \(answer.pid), uptime: \(answer.uptime), version: \(answer.version))")
    }
}

/// What the daemon tells of itself.
struct PingAnswer {
    var pid: Int64
    var uptime: String
    var uptimeMilliseconds: Int64
    var version: String
    /// Empty when the daemon found none.
    var configFile: String
    var configSource: String
    /// The config is refused, and the last good one is in effect.
    var usesLastGood: Bool

    init?(_ data: [UInt8]) {
        guard let object = (try? JSONValue.parse(data))?.objectValue else { return nil }
        pid = object["pid"]?.integerValue ?? 0
        uptime = DisplayText.sanitized(object["uptime"]?.stringValue ?? "")
        uptimeMilliseconds = object["uptime_ms"]?.integerValue ?? 0
        version = DisplayText.sanitized(object["version"]?.stringValue ?? "")
        configFile = object["config_file"]?.stringValue ?? ""
        configSource = object["config_source"]?.stringValue ?? ""
        usesLastGood = object["config_problems"] != nil
    }

    /// Asks a daemon that runs; `nil` without one.
    ///
    /// Throws if there is one that can't be asked.
    static func ofRunningDaemon(_ global: GlobalOptions) throws(ClientError) -> PingAnswer? {
        do throws(ClientError) {
            return PingAnswer(try global.access.connect().call(.ping))
        } catch {
            guard error == .notRunning else { throw error }
            return nil
        }
    }
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "version",
        abstract: "Show the versions of gopm and of the running daemon."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        if !global.json { Console.out("CLI binary: version \(GopmVersion.text)") }
        let daemon = try reporting { () throws(ClientError) in try PingAnswer.ofRunningDaemon(global) }
        let isMismatch = daemon.map { $0.version != GopmVersion.text } ?? false
        if global.json {
            return Console.json { json in
                json.object { json in
                    json.member("cli_version", GopmVersion.text)
                    json.member("daemon_pid", daemon?.pid ?? 0)
                    json.member("daemon_version", daemon?.version ?? "")
                    json.member("version_mismatch", isMismatch)
                }
            }
        }
        guard let daemon else { return Console.out("Daemon: not running") }
        let version =
            isMismatch ? Console.styled("version \(daemon.version) (stale!)", .red) : "version \(daemon.version)"
        Console.out("Daemon: \(version) (PID \(daemon.pid))")
        if let warning = VersionWarning.line(daemonVersion: daemon.version) { Console.out(warning) }
    }
}

struct KillCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "kill",
        abstract: "Stop all processes and the daemon.",
        discussion: "The list is kept: the next command that needs the daemon brings the processes back."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let connection: ControlConnection
        do throws(ClientError) {
            connection = try global.access.connect()
        } catch {
            guard error == .notRunning else { throw CommandFailure(error) }
            return tell("the daemon is not running")
        }
        let count = try KillCommand.kill(connection)
        tell("daemon stopped, \(HumanFormat.processes(count)) saved")
        if !global.json, let unit = ServiceUnit.serving(global.home, environment: Environment.value) {
            Console.out("the service stays down until: \(unit.command("start"))")
        }
    }

    /// Ends the daemon and waits until it is gone.
    ///
    /// `comesBack`: Where systemd runs it, whether it starts the next one.
    ///
    /// Returns how many processes are saved.
    @discardableResult
    static func kill(_ connection: ControlConnection, comesBack: Bool = false) throws(CommandFailure) -> Int {
        let records = try RecordReading.records(try reporting { () throws(ClientError) in try connection.call(.list) })
        _ = try reporting { () throws(ClientError) in try connection.call(.kill) { $0.member("restart", comesBack) } }
        let longest = records.map { Int($0.spec.policy.killTimeout.components.seconds) }.max() ?? 0
        guard connection.waitForEnd(seconds: longest + 20) else {
            throw CommandFailure("the daemon is still stopping its processes; see: gopm logs -d")
        }
        return records.count
    }

    private func tell(_ line: String) {
        if global.json {
            Console.json { json in json.object { $0.member("success", true) } }
        } else {
            Console.out(line)
        }
    }
}

struct SaveCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "save",
        abstract: "Not needed: the list is saved after every change."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let connection = try global.connect()
        _ = try reporting { () throws(ClientError) in try connection.call(.save) }
        if global.json { return Console.json { json in json.object { $0.member("success", true) } } }
        Console.out("saved (the list is saved by itself after every change)")
    }
}

struct ResurrectCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "resurrect",
        abstract: "Start the saved processes that should run and do not."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let start = try global.connectTellingStart()
        let connection = start.connection
        connection.setTimeout(seconds: 4000)
        var data = try reporting { () throws(ClientError) in try connection.call(.resurrect) }
        // A daemon that was started for this command has begun by itself; what it brought back is the answer.
        if start.resurrecting != nil { data = try reporting { () throws(ClientError) in try connection.call(.list) } }
        let back = try RecordReading.records(data).filter { $0.state.status == "online" }
        if global.json {
            return Console.json { json in json.array { json in for record in back { record.encode(into: &json) } } }
        }
        for record in back { Console.out(record.line("resurrected")) }
        guard back.isEmpty else { return }
        let all = try RecordReading.records(try reporting { () throws(ClientError) in try connection.call(.list) })
        let wanted = all.filter(\.wantsUp)
        guard !wanted.isEmpty else { return Console.out("nothing to do, no process is to be online") }
        Console.out("nothing to do, \(wanted.count { $0.state.status == "online" }) of \(wanted.count) running")
    }
}
