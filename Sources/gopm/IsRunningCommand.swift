import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmTerminal
import GopmWire

struct IsRunningCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "isrunning",
        "<name|id>",
        abstract: "Tell by the exit code whether a process is online.",
        discussion: "Exit code 0: online. 1: stopped, errored, or not found."
    )

    @Argument(help: .process, completion: .live(.processes))
    var target: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let data: [UInt8]
        do throws(CommandFailure) {
            let connection = try global.connect()
            data = try reporting { () throws(ClientError) in
                try connection.call(.isrunning) { $0.member("target", target) }
            }
        } catch {
            // Scripts ask "is it up?": whatever keeps us from knowing, it is not known to be up.
            throw CommandFailure(.failed, error.lines)
        }
        let answer = try? JSONValue.parse(data)
        if global.json {
            Console.json(data)
        } else {
            let status = answer?["status"]?.stringValue ?? ""
            Console.out(status.isEmpty ? "not found" : DisplayText.sanitized(status))
        }
        if answer?["running"]?.boolValue != true { throw CommandFailure.silent(.failed) }
    }
}
