import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmTerminal
import GopmWire

/// The commands that do one thing to named processes, or to all.
struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        _superCommandName: "gopm",
        abstract: "Stop processes.",
        discussion:
            "Sends the kill signal, after the kill timeout SIGKILL, and returns when nothing of the program is left."
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "Names or ids, or all.", completion: .live(.processesOrAll))
    var targets: [String]

    func run() throws {
        try TargetAction(global: global, targets: targets).perform(.stop, past: "stopped")
    }
}

struct RestartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        _superCommandName: "gopm",
        abstract: "Stop and start processes; sets the restart counter to 0.",
        discussion: "Stopped ones are started, too."
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "Names or ids, or all.", completion: .live(.processesOrAll))
    var targets: [String]

    func run() throws {
        try TargetAction(global: global, targets: targets).perform(.restart, past: "restarted")
    }
}

struct DeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        _superCommandName: "gopm",
        abstract: "Stop processes and forget them; their logs stay.",
        aliases: ["del"]
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "Names or ids, or all.", completion: .live(.processesOrAll))
    var targets: [String]

    func run() throws {
        try TargetAction(global: global, targets: targets).perform(.delete, past: "deleted")
    }
}

struct FlushCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flush",
        _superCommandName: "gopm",
        abstract: "Empty the logs of processes and remove the rotated ones."
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "Names or ids, or all.", completion: .live(.processesOrAll))
    var targets: [String]

    func run() throws {
        try TargetAction(global: global, targets: targets).perform(.flush, past: "flushed")
    }
}

/// Sends one request a target, side by side, and says what was done.
struct TargetAction {
    let global: GlobalOptions
    let targets: [String]

    func perform(_ method: Method, past: String) throws(CommandFailure) {
        let connection = try global.connect()
        // Long kill timeouts are a user's right; the daemon answers ten seconds after them at the latest.
        connection.setTimeout(seconds: 4000)
        // Known before, as a deleted process can't be named afterwards.
        let known = global.json ? [] : try ListAnswer(connection, isFull: false).records
        var failures: [ClientError] = []
        var answers: [(target: String, data: [UInt8])] = []
        try reporting { () throws(ClientError) in
            var sent: [Int: String] = [:]
            for target in targets { sent[try connection.send(method) { $0.member("target", target) }] = target }
            while !sent.isEmpty {
                let reply = try connection.receive()
                guard let id = reply.id, let target = sent.removeValue(forKey: id) else { continue }
                do throws(ClientError) {
                    answers.append((target, try reply.unwrapped()))
                } catch {
                    failures.append(error)
                }
            }
        }
        if global.json, failures.isEmpty { printJSON(method, answers.map(\.data)) }
        if !global.json { for answer in answers { tell(past, answer.target, known) } }
        if let first = failures.first {
            throw CommandFailure(CommandFailure(first).reason, failures.map(\.description))
        }
    }

    private func tell(_ past: String, _ target: String, _ known: [ProcessRecord]) {
        let names =
            target == "all"
            ? known.map(\.spec.name) : known.filter { $0.spec.name == target || "\($0.id)" == target }.map(\.spec.name)
        if names.isEmpty {
            return Console.out(target == "all" ? "no processes" : "\(past) \(DisplayText.sanitized(target))")
        }
        for name in names { Console.out("\(past) \(DisplayText.sanitized(name))") }
    }

    /// `restart` answers with process objects, the others with their success.
    private func printJSON(_ method: Method, _ answers: [[UInt8]]) {
        guard method == .restart else { return Console.json { json in json.object { $0.member("success", true) } } }
        if answers.count == 1 { return Console.json(answers[0]) }
        Console.json { json in json.array { json in for answer in answers { json.raw(answer) } } }
    }
}
