import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmSystem
import GopmTerminal
import GopmWire

#if canImport(Glibc)
    import Glibc
#endif

struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "start",
        "<target> [-- <arguments> ...]",
        abstract: "Start a program, script, ecosystem file or stopped process.",
        discussion: """
            A word without a slash that names a stopped process starts that one; otherwise it is a file of this folder, \
            or a program of PATH. What follows -- goes to the program. A file that ends in .json is an ecosystem file.

            A program's environment is HOME, USER, LOGNAME, SHELL, LANG and TZ of the daemon, this shell's PATH, and \
            what --env declares; nothing else.
            """
    )

    @Argument(
        help: ArgumentHelp("Program, script, ecosystem file, or name or id of a stopped process.", valueName: "target"),
        completion: .live(.startable)
    )
    var target: String

    @OptionGroup var flags: StartFlags

    @Flag(help: "Return when it has been online for its min-uptime, or say why it was not.")
    var wait = false

    @Argument(parsing: .postTerminator, help: "Arguments of the program, after --.")
    var arguments: [String] = []

    @OptionGroup var global: GlobalOptions

    func run() throws {
        if flags.interpreter == nil, target.hasSuffix(".json") {
            return try startFile()
        }
        if target == "all" {
            throw CommandFailure(.usage, ["start takes one process (gopm restart all starts all, running ones anew)"])
        }
        if flags.interpreter == nil, access(target, F_OK) == 0, access(target, X_OK) != 0,
            let advice = Habits.reading(of: target)
        {
            throw CommandFailure(advice)
        }
        let connection = try global.connect()
        connection.setTimeout(seconds: 4000)
        if !target.contains("/"), flags.name == nil, try startKnown(connection) { return }
        try startNew(connection)
    }

    private func startFile() throws {
        guard flags.givenNames.isEmpty, arguments.isEmpty else {
            let given = flags.givenNames.first ?? "--"
            throw CommandFailure(.usage, ["\(given) does not go with an ecosystem file; write it into \(target)"])
        }
        try EcosystemStart(global: global, path: target, waits: wait).run()
    }

    /// Starts a process of the list.
    ///
    /// - Returns: Whether there is one of that name or id.
    private func startKnown(_ connection: ControlConnection) throws(CommandFailure) -> Bool {
        let known = try reporting { () throws(ClientError) in
            try connection.call(.isrunning) { $0.member("target", target) }
        }
        let answer = try? JSONValue.parse(known)
        guard let status = answer?["status"]?.stringValue, !status.isEmpty else { return false }
        if let given = flags.givenNames.first ?? arguments.first {
            let way = "gopm delete \(target), then start it anew"
            throw CommandFailure(
                "process \"\(target)\" exists already, so \(given) would change nothing; to change it: \(way)"
            )
        }
        let data = try reporting { () throws(ClientError) in
            try connection.call(.start) { json in
                json.member("target", target)
                json.member("wait", wait)
            }
        }
        try tell(data, isKnown: status == "online")
        return true
    }

    /// What is to be started, with the shell's folder and `PATH` in it.
    func request() throws(CommandFailure) -> StartRequest {
        var request = StartRequest()
        flags.apply(to: &request)
        request.args = arguments
        request.command = try StartResolution.command(
            target,
            baseFolder: FileSystem.currentFolder,
            searchPath: request.searchPath,
            isScript: request.interpreter != nil
        )
        if request.name == nil { request.name = ProcessName.nearestValid(to: PathText.lastPart(target)) }
        return request
    }

    private func startNew(_ connection: ControlConnection) throws(CommandFailure) {
        let request = try request()
        let data = try reporting { () throws(ClientError) in
            try connection.call(.start) { json in
                request.encodeMembers(into: &json)
                json.member("wait", wait)
            }
        }
        try tell(data, isKnown: false)
    }

    private func tell(_ data: [UInt8], isKnown: Bool) throws(CommandFailure) {
        if global.json { return Console.json(data) }
        let record = try RecordReading.first(data)
        let known = "\(DisplayText.sanitized(record.spec.name)) is already running (id \(record.id), PID \(record.pid))"
        Console.out(isKnown ? known : record.line("started"))
    }
}

/// Finds programs the way a shell's user means them.
enum StartResolution {
    static func command(
        _ word: String,
        baseFolder: String,
        searchPath: String?,
        isScript: Bool
    ) throws(CommandFailure) -> String {
        do throws(ProgramError) {
            return try Program.resolve(word, baseFolder: baseFolder, searchPath: searchPath ?? "", isScript: isScript)
        } catch {
            throw CommandFailure("cannot start: \(error)")
        }
    }
}
