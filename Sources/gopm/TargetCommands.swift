import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmTerminal
import GopmWire

/// The commands that do one thing to named processes, or to all.
struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "stop",
        "<name|id|all> ...",
        abstract: "Stop processes.",
        discussion:
            "Sends the kill signal, after the kill timeout SIGKILL, and returns when nothing of the process is left."
    )

    @Argument(help: .processesOrAll, completion: .live(.processesOrAll))
    var targets: [String]

    @OptionGroup var global: GlobalOptions

    func run() throws {
        try TargetAction(global: global, targets: targets).perform(.stop, past: "stopped")
    }
}

struct RestartCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "restart",
        "<name|id|all> ...",
        abstract: "Stop and start processes; sets the restart counter to 0.",
        discussion: "Stopped ones are started, too."
    )

    @Argument(help: .processesOrAll, completion: .live(.processesOrAll))
    var targets: [String]

    @OptionGroup var global: GlobalOptions

    func run() throws {
        try TargetAction(global: global, targets: targets).perform(.restart, past: "restarted")
    }
}

struct DeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "delete",
        "<name|id|all> ...",
        abstract: "Stop processes and forget them; their logs stay.",
        aliases: ["del"]
    )

    @Argument(help: .processesOrAll, completion: .live(.processesOrAll))
    var targets: [String]

    @OptionGroup var global: GlobalOptions

    func run() throws {
        try TargetAction(global: global, targets: targets).perform(.delete, past: "deleted")
    }
}

struct FlushCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "flush",
        "<name|id|all> ...",
        abstract: "Empty the logs of processes and remove the rotated ones."
    )

    @Argument(help: .processesOrAll, completion: .live(.processesOrAll))
    var targets: [String]

    @OptionGroup var global: GlobalOptions

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
        // Known before, as a deleted process can't be named afterwards, nor a stopped one told from one that was.
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
        if global.json {
            if failures.isEmpty { printJSON(method, answers.map(\.data)) }
        } else if known.isEmpty, failures.isEmpty {
            Console.out("no processes")
        } else if method == .restart {
            try tellRestarted(answers.map(\.data))
        } else {
            tell(method, past, known.filter { record in answers.contains { record.isMeant(by: $0.target) } })
        }
        if let first = failures.first {
            throw CommandFailure(CommandFailure(first).reason, failures.map(\.description))
        }
    }

    /// `records`: The processes as they were before.
    private func tell(_ method: Method, _ past: String, _ records: [ProcessRecord]) {
        for record in records {
            let name = DisplayText.sanitized(record.spec.name)
            let wasStopped = method == .stop && record.state == .stopped
            Console.out(wasStopped ? "\(name) is already stopped" : "\(past) \(name)")
        }
    }

    /// Each once, however often it was meant.
    private func tellRestarted(_ answers: [[UInt8]]) throws(CommandFailure) {
        var told: Set<Int> = []
        for answer in answers {
            for record in try RecordReading.records(answer) where told.insert(record.id).inserted {
                Console.out(record.line("restarted"))
            }
        }
    }

    /// `restart` answers with process objects, the others with their success.
    private func printJSON(_ method: Method, _ answers: [[UInt8]]) {
        guard method == .restart else { return Console.json { json in json.object { $0.member("success", true) } } }
        if answers.count == 1 { return Console.json(answers[0]) }
        Console.json { json in json.array { json in for answer in answers { json.raw(answer) } } }
    }
}

extension ProcessRecord {
    /// Whether a name, an id or `all` names it.
    fileprivate func isMeant(by target: String) -> Bool {
        target == "all" || target == spec.name || target == "\(id)"
    }
}
