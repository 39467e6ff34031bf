import ArgumentParser
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmProcfs
import SystemPackage

/// gopm-pid: shows everything about one process, of gopm or not, without the daemon.
@main
struct PidCommand: ParsableCommand {
    static let configuration = CommandConfiguration.helper(
        "gopm-pid",
        "<pid>",
        abstract: "Show everything about any process.",
        discussion: """
            Reads /proc, no daemon is needed. Without a flag all sections are shown. A part that may not be read says \
            so in its place: another user's process shows more to that user and to root.
            """
    )

    @Argument(
        help: ArgumentHelp("The process to look at.", valueName: "pid"),
        completion: .live(.pids),
        transform: PidCommand.number
    )
    var pid: Int32

    @Flag(help: "Show its parents, and the processes below it.")
    var tree = false

    @Flag(help: "Show its open files, and who has the other end of its pipes and sockets.")
    var fds = false

    @Flag(help: "Show its environment.")
    var env = false

    @Flag(help: "Show its sockets, and who is at the other end.")
    var net = false

    @Flag(help: "Show the files of /proc themselves.")
    var raw = false

    @OptionGroup var global: GlobalOptions

    static func main() {
        CommandRunner.run(PidCommand.self, program: "gopm-pid", arguments: Array(CommandLine.arguments.dropFirst()))
    }

    func validate() throws {
        if raw && (tree || fds || env || net) { throw ValidationError("--raw shows all files, it takes no section") }
    }

    func run() throws {
        do throws(Errno) {
            if raw { return try RawFiles(pid).show(asJSON: global.json) }
            let inspection = try ProcessInspection(pid, sections: sections)
            if global.json { return showJSON(inspection) }
            PidScreen(inspection, peers: wantsPeers ? peers(inspection) : nil, isWhole: isWhole).show(sections) {
                managed(inspection)
            }
        } catch {
            throw PidCommand.failure(pid, error)
        }
    }

    private func showJSON(_ inspection: ProcessInspection) {
        // Looking through every process takes longer than all the rest: only for who asks for one of these sections.
        let json = InspectionJSON(inspection, peers: wantsPeers && !isWhole ? peers(inspection) : nil)
        let managed = managed(inspection)
        Console.json { writer in
            writer.object { writer in
                json.write(sections, into: &writer)
                if let managed { managed.write(into: &writer) }
            }
        }
    }

    /// What gopm knows of it; only the whole view tells that.
    private func managed(_ inspection: ProcessInspection) -> ManagedProgram? {
        isWhole ? ManagedProgram(of: inspection, access: global.access) : nil
    }

    private func peers(_ inspection: ProcessInspection) -> Peers {
        Peers(of: inspection.folder, files: inspection.files?.value ?? [], sockets: inspection.sockets?.value ?? [])
    }

    private var isWhole: Bool { !(tree || fds || env || net) }

    private var wantsPeers: Bool { isWhole || fds || net }

    private var sections: Set<ProcessInspection.Section> {
        if isWhole { return Set(ProcessInspection.Section.allCases) }
        var sections: Set<ProcessInspection.Section> = []
        if tree { sections.insert(.tree) }
        if fds { sections.insert(.fds) }
        if env { sections.insert(.env) }
        if net { sections.insert(.sockets) }
        return sections
    }

    private static func failure(_ pid: Int32, _ error: Errno) -> CommandFailure {
        switch error {
        case .noSuchFileOrDirectory, .noSuchProcess: CommandFailure("no process has the PID \(pid)")
        default: CommandFailure("cannot look at process \(pid): \(error.reasonUnreadable)")
        }
    }

    private static func number(_ text: String) throws -> Int32 {
        guard let pid = Int32(text), pid > 0 else {
            throw FlagValue.refusal(text, "a PID (a whole number from 1; for a name: gopm describe)")
        }
        return pid
    }
}
