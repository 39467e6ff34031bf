import GopmDaemon
import GopmKeeper
import GopmModel
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// gopmd: the supervisor.
///
/// People rarely type it; `gopm` starts it when it is needed.
///
/// Its few flags are read by hand: an argument parser would bring more code into memory than all the rest of the daemon.
@main
enum GopmdCommand {
    static func main() {
        // Before anything else: a keeper must stay as small as it can.
        KeeperServer.runIfAsked(CommandLine.arguments)
        let options: Options
        do throws(UsageError) {
            options = try Options(parsing: Array(CommandLine.arguments.dropFirst()))
        } catch {
            complain([error.description, "See: gopmd --help"])
            exit(64)
        }
        switch options.action {
        case .help: print(Options.help)
        case .version: print(GopmVersion.text)
        case .run: exit(run(options))
        }
    }

    private static func run(_ options: Options) -> Int32 {
        let isBackground = options.isBackground
        do throws(DaemonError) {
            return try runDaemon(options.daemon) { start in
                chdir("/")
                if isBackground { leaveTerminal(start) }
            }
        } catch {
            complain(error.lines)
            return error.exitCode
        }
    }

    /// Tells whoever started us that clients are served, and lets go of its descriptors.
    private static func leaveTerminal(_ start: DaemonStart) {
        let line = start.remarks.map { "remark \($0)\n" }.joined() + "ready \(start.resurrecting)\n"
        _ = line.withCString { write(1, $0, strlen($0)) }
        let null = open("/dev/null", O_RDWR)
        for descriptor: Int32 in 0...2 { dup2(null, descriptor) }
        if null > 2 { close(null) }
    }

    /// As the other programs of the family do it.
    private static func complain(_ lines: [String]) {
        for (index, line) in lines.enumerated() {
            _ = "\(index == 0 ? "gopmd: " : "  ")\(line)\n".withCString { write(2, $0, strlen($0)) }
        }
    }
}
