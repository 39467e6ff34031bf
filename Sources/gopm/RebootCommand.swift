import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmSystem
import GopmWire

#if canImport(Glibc)
    import Glibc
#endif

struct RebootCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "reboot",
        abstract: "Replace the daemon by the one beside gopm; processes go on.",
        discussion: """
            Processes keep their PIDs, and no line of their logs is lost; commands that come meanwhile wait. A new \
            daemon that can't start leaves the old one running.
            """
    )

    @Flag(help: "Stop all processes, and start them under the new daemon.")
    var cold = false

    @Flag(name: .shortAndLong, help: "Accepted and without effect.")
    var force = false

    @OptionGroup var global: GlobalOptions

    /// Longer than a trial run may take.
    private static let deadlineSeconds: Int64 = 15

    func run() throws {
        let connection = try global.connectToRunning()
        let before = PingAnswer(try reporting { () throws(ClientError) in try connection.call(.ping) })
        if cold {
            try KillCommand.kill(connection, comesBack: true)
            _ = try global.connect()
            return tell("daemon rebooted, processes started anew")
        }
        guard let executable = ToolPath.find("gopmd") else {
            throw CommandFailure("gopmd is neither beside gopm nor on PATH")
        }
        _ = try reporting { () throws(ClientError) in
            try connection.call(.reboot) { $0.member("executable", executable) }
        }
        try waitForNewImage(after: before)
    }

    /// The new image is there when it answers with an uptime that is younger than our wait.
    private func waitForNewImage(after before: PingAnswer?) throws(CommandFailure) {
        let end = Clock.boot + RebootCommand.deadlineSeconds * 1_000_000_000
        while Clock.boot < end {
            if let now = try? PingAnswer.ofRunningDaemon(global),
                now.uptimeMilliseconds < before?.uptimeMilliseconds ?? 0
            {
                return tell("daemon rebooted (PID \(now.pid), version \(now.version))")
            }
            // It answers from its socket's queue as soon as it can; this is for one that failed and is started again.
            poll(nil, 0, 10)
        }
        throw CommandFailure("the new daemon does not answer; see: gopm logs -d")
    }

    private func tell(_ line: String) {
        if global.json {
            Console.json { json in json.object { $0.member("success", true) } }
        } else {
            Console.out(line)
        }
    }
}
