import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmScreen
import GopmSystem
import GopmTerminal
import GopmWire

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "list",
        abstract: "List all processes.",
        aliases: ["ls"]
    )

    @Flag(name: .shortAndLong, help: "Show listening ports.")
    var ports = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let answer = try ListAnswer(try global.connect(), isFull: global.json)
        answer.print(json: global.json, ports: ports)
    }
}

/// The daemon's list and its version.
struct ListAnswer {
    private let data: [UInt8]
    private let daemonVersion: String?
    let records: [ProcessRecord]

    init(_ connection: ControlConnection, isFull: Bool) throws(CommandFailure) {
        let (list, ping) = try reporting { () throws(ClientError) -> ([UInt8], [UInt8]) in
            let list = try connection.call(.list) { json in if !isFull { json.member("detail", "table") } }
            return (list, try connection.call(.ping))
        }
        data = list
        daemonVersion = (try? JSONValue.parse(ping))?["version"]?.stringValue
        // With --json the text is passed on as it is.
        records = isFull ? [] : try RecordReading.records(list)
    }

    func print(json: Bool, ports: Bool) {
        if json { return Console.json(data) }
        if records.isEmpty {
            Console.out(Advice.noProcesses)
        } else {
            Console.out(ProcessTable.table(records, now: Timestamp(nanoseconds: Clock.wall), ports: ports))
        }
        if let warning = VersionWarning.line(daemonVersion: daemonVersion) { Console.out(warning) }
    }
}
