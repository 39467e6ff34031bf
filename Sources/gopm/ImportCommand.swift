import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmModel
import GopmWire

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "import",
        "<file> ...",
        abstract: "Start the processes of files, except those that exist.",
        discussion: "A process exists if one with the same command and working directory does."
    )

    @Argument(help: ArgumentHelp("Files as gopm export writes them.", valueName: "file"), completion: .file())
    var files: [String]

    @OptionGroup var global: GlobalOptions

    func run() throws {
        // All files are read before anything is started: a bad one starts nothing.
        let loaded = try files.map { file throws(CommandFailure) in try EcosystemLoading.load(file) }
        let connection = try global.connect()
        connection.setTimeout(seconds: 4000)
        let data = try reporting { () throws(ClientError) in try connection.call(.list) }
        var known = try RecordReading.records(data).map(\.spec)
        var outcomes: [AppOutcome] = []
        for file in loaded {
            for app in file.apps {
                outcomes.append(AppOutcome(app, start(app, in: file.folder, beside: &known, connection)))
            }
        }
        try AppOutcome.tell(outcomes, verb: "Imported", json: global.json)
    }

    /// `known`: What exists; what is started joins it.
    private func start(
        _ app: StartRequest,
        in folder: String,
        beside known: inout [ProcessSpec],
        _ connection: ControlConnection
    ) -> AppOutcome.Fate {
        do throws(CommandFailure) {
            let request = try EcosystemLoading.resolved(app, in: folder)
            if let match = known.first(where: { $0.command == request.command && $0.cwd == request.cwd }) {
                return .exists(name: match.name, command: match.command, cwd: match.cwd)
            }
            let data = try reporting { () throws(ClientError) in
                try connection.call(.start) { json in request.encodeMembers(into: &json) }
            }
            known.append(try RecordReading.first(data).spec)
            return .started(data)
        } catch {
            return .failed(error.lines.joined(separator: "; "))
        }
    }
}
