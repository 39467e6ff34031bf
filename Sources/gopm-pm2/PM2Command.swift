import ArgumentParser
import GopmCommandLine
import GopmMigration
import GopmModel
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// gopm-pm2: moves PM2's processes to gopm, one after the other.
@main
struct PM2Command: ParsableCommand {
    static let configuration = CommandConfiguration.helper(
        "gopm-pm2",
        "[<name> ...]",
        abstract: "Move PM2's processes to gopm.",
        discussion: """
            One process after the other is checked, stopped in PM2, started in gopm, watched until it stays online, and \
            removed from PM2. One that does not stay online in gopm is started in PM2 again. At no time does it run in \
            both. What was interrupted, even by a power cut, is finished by the next gopm pm2 or undone by --rollback.

            The list comes from PM2, or from dump.pm2 in its home ($PM2_HOME, else ~/.pm2) if PM2 does not run. With \
            --from it comes from a dump or an ecosystem file: JSON is read as data; a .js, .cjs or .mjs file is \
            executed by node, YAML is read with the js-yaml of PM2.
            """
    )

    @Argument(help: ArgumentHelp("Names in PM2; without one all are moved.", valueName: "name"))
    var names: [String] = []

    @Flag(help: "Show what would be started, as JSON, and change nothing.")
    var dry = false

    @Option(
        help: ArgumentHelp("Read a dump.pm2 or an ecosystem file instead of PM2's list.", valueName: "file"),
        completion: .file()
    )
    var from: String?

    @Option(
        help: ArgumentHelp("PM2's home. (default: $PM2_HOME, else ~/.pm2)", valueName: "path"),
        completion: .directory
    )
    var pm2Home: String?

    @Flag(help: "Leave a stopped entry in PM2 instead of removing it.")
    var keep = false

    @Flag(help: "Put the last migration back into PM2.")
    var rollback = false

    @OptionGroup var global: GlobalOptions

    static func main() {
        CommandRunner.run(PM2Command.self, program: "gopm-pm2", arguments: Array(CommandLine.arguments.dropFirst()))
    }

    func validate() throws {
        guard rollback else { return }
        if dry || keep || from != nil || pm2Home != nil || !names.isEmpty {
            throw ValidationError("--rollback puts back all of the last migration and goes with no other option")
        }
    }

    func run() throws {
        let isDone: Bool
        do throws(PM2Error) {
            let session = Session(global: global)
            if rollback {
                isDone = try session.rollBack()
            } else if dry {
                isDone = try session.preview(try request())
            } else {
                isDone = try session.move(try request(), keeps: keep)
            }
        } catch {
            throw CommandFailure(error.isWithoutDaemon ? .unavailable : .failed, [error.description])
        }
        // What became of each was said.
        if !isDone { throw CommandFailure.silent(.failed) }
    }

    private func request() throws(PM2Error) -> Session.Request {
        let own = (variable("HOME") ?? "/root") + "/.pm2"
        let folder = FileSystem.currentFolder
        return Session.Request(
            names: names,
            file: from.map { PathText.normalized($0, relativeTo: folder) },
            pm2Home: PathText.normalized(pm2Home ?? variable("PM2_HOME") ?? own, relativeTo: folder)
        )
    }
}

/// A variable of this program that is not empty.
func variable(_ name: String) -> String? {
    Environment.value(name).flatMap { $0.isEmpty ? nil : $0 }
}
