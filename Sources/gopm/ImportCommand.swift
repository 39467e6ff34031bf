import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmTerminal
import GopmWire

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        _superCommandName: "gopm",
        abstract: "Start the processes of files, except those that exist.",
        discussion: "A process exists if one with the same command and working directory does."
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Files as gopm export writes them.", completion: .file())
    var files: [String]

    func run() throws {
        // All files are read before anything is started: a bad one starts nothing.
        var apps: [StartRequest] = []
        var outcomes: [AppOutcome] = []
        for file in files {
            let loaded = try EcosystemLoading.load(file)
            for app in loaded.apps {
                do throws(CommandFailure) {
                    apps.append(try EcosystemLoading.resolved(app, in: loaded.folder))
                } catch {
                    outcomes.append(AppOutcome(name: app.name ?? "", failure: error.lines.joined(separator: "; ")))
                }
            }
        }
        let connection = try global.connect()
        connection.setTimeout(seconds: 4000)
        let data = try reporting { () throws(ClientError) in try connection.call(.list) }
        var known = try RecordReading.records(data).map {
            (name: $0.spec.name, command: $0.spec.command, cwd: $0.spec.cwd)
        }
        var skipped: [Skip] = []
        for app in apps {
            if let match = known.first(where: { $0.command == app.command && $0.cwd == app.cwd }) {
                skipped.append(Skip(name: app.name ?? "", match: match.name, command: app.command, cwd: app.cwd ?? "/"))
                continue
            }
            let outcome = start(app, connection)
            if outcome.failure == nil { known.append((app.name ?? "", app.command, app.cwd ?? "/")) }
            outcomes.append(outcome)
        }
        try tell(outcomes, skipped)
    }

    private struct Skip {
        var name: String
        var match: String
        var command: String
        var cwd: String
    }

    private func start(_ app: StartRequest, _ connection: ControlConnection) -> AppOutcome {
        var outcome = AppOutcome(name: app.name ?? "")
        do throws(ClientError) {
            outcome.data = try connection.call(.start) { json in app.encodeMembers(into: &json) }
        } catch {
            outcome.failure = error.description
        }
        return outcome
    }

    private func tell(_ outcomes: [AppOutcome], _ skipped: [Skip]) throws(CommandFailure) {
        let failed = outcomes.count { $0.failure != nil }
        if global.json {
            let text = json(outcomes, skipped)
            guard failed == 0 else { throw CommandFailure(.failed, [], json: text) }
            return Console.json(text)
        }
        for outcome in outcomes { try outcome.tell() }
        for skip in skipped {
            let match = "matches existing \"\(skip.match)\": \(skip.command) in \(skip.cwd)"
            Console.out(
                "\(Console.styled("SKIP", .yellow)) \(DisplayText.sanitized(skip.name)) (\(DisplayText.sanitized(match)))"
            )
        }
        let total = outcomes.count + skipped.count
        var summary = "Imported \(outcomes.count - failed)/\(total) processes"
        let remarks = [skipped.isEmpty ? "" : "\(skipped.count) skipped", failed == 0 ? "" : "\(failed) failed"].filter
        { !$0.isEmpty }
        if !remarks.isEmpty { summary += " (\(remarks.joined(separator: ", ")))" }
        Console.out(summary)
        if failed > 0 { throw CommandFailure.silent(.failed) }
    }

    private func json(_ outcomes: [AppOutcome], _ skipped: [Skip]) -> [UInt8] {
        var json = JSONWriter()
        json.array { json in
            for outcome in outcomes where outcome.failure == nil { json.raw(outcome.data) }
            for skip in skipped {
                json.object { json in
                    json.member("name", skip.name)
                    json.member("skipped", true)
                    json.member("matches", skip.match)
                }
            }
            for outcome in outcomes {
                guard let failure = outcome.failure else { continue }
                json.object { json in
                    json.member("name", outcome.name)
                    json.member("error", failure)
                }
            }
        }
        return json.bytes
    }
}
