import Glibc

/// Every option of testapp, in the order of `--help`.
enum OptionTable {
    static let all: [Option] = life + signals + output + inspection + descriptors + descendants + services

    private static let life: [Option] = [
        .flag("run-forever", "stay until a signal") { $0.stays = true },
        .value("exit", "N", "exit with N when all acts are done or --after has passed", parse: Values.exitCode) {
            $0.ending = .exit
            $0.exitCode = $1
        },
        .value("after", "DUR", "when that, or --abort or --segfault, happens; alone: exit 0", parse: Values.duration) {
            $0.endsAfter = $1
        },
        .value("exit-code", "N", "of --crash-after, --crash-random (1), --slow-shutdown (0)", parse: Values.exitCode) {
            $0.exitCode = $1
        },
        .value("crash-after", "DUR", "exit with --exit-code after DUR", parse: Values.duration) {
            $0.ending = .crash
            $0.endsAfter = $1
        },
        .value("crash-random", "DUR", "exit with --exit-code at a random time within DUR", parse: Values.duration) {
            $0.ending = .crash
            $0.endsAfter = $1 * Double.random(in: 0...1)
        },
        .flag("abort", "end by SIGABRT") { $0.ending = .abort },
        .flag("segfault", "end by a real SIGSEGV") { $0.ending = .segfault },
        .value("sleep", "DUR", "wait before the next act", parse: Values.duration) { plan, duration in
            plan.acts.append { _ in Pace.sleep(duration) }
        },
        .value("alloc-mb", "N", "allocate and touch N MiB, and stay", parse: Values.count) { plan, megabytes in
            plan.acts.append { _ in Load.allocate(megabytes: megabytes) }
            plan.stays = true
        },
        .value("cpu-burn", "N", "keep N cores busy, and stay", parse: Values.count) { plan, cores in
            for _ in 0..<cores { plan.addLastingAct { _ in Load.burn() } }
        },
    ]

    private static let signals: [Option] = [
        .flag("trap-sigterm", "catch SIGTERM, say so and go on") {
            $0.signals.trapsSigterm = true
            $0.stays = true
        },
        .flag("ignore-sigterm", "set SIGTERM to SIG_IGN, and stay") {
            $0.signals.ignoresSigterm = true
            $0.stays = true
        },
        .value("slow-shutdown", "DUR", "exit DUR after SIGTERM or SIGINT", parse: Values.duration) {
            $0.signals.shutdownDelay = $1
            $0.stays = true
        },
        .value("exit-on-signal", "CODE", "HUP INT QUIT USR1 USR2 TERM: say it and exit", parse: Values.exitCode) {
            $0.signals.exitCode = $1
            $0.stays = true
        },
    ]

    private static let output: [Option] = [
        .value("stdout-every", "DUR", "write --stdout-msg regularly", parse: Values.duration) { plan, interval in
            plan.addLastingAct { Output.standard.repeat($0.stdoutMessage, every: interval) }
        },
        .value("stdout-msg", "TEXT", "the text of --stdout-every and --partial-line", parse: Values.text) {
            $0.stdoutMessage = $1
        },
        .value("stderr-every", "DUR", "write --stderr-msg regularly", parse: Values.duration) { plan, interval in
            plan.addLastingAct { Output.error.repeat($0.stderrMessage, every: interval) }
        },
        .value("stderr-msg", "TEXT", "the text of --stderr-every", parse: Values.text) { $0.stderrMessage = $1 },
        .value("say", "TEXT", "one line to stdout", parse: Values.text) { plan, text in
            plan.acts.append { _ in Output.standard.line(text) }
        },
        .flag("stdout-flood", "numbered lines without end, at full speed") {
            $0.addLastingAct { NumberedLines($0.lines).flood(bytes: nil) }
        },
        .value("flood", "SIZE", "SIZE bytes of such lines (the last may be short)", parse: Values.size) { plan, size in
            plan.acts.append { NumberedLines($0.lines).flood(bytes: size) }
        },
        .value("lines", "N", "numbered '%010d xxx…' from 0, a write(2) each", parse: Values.count) { plan, count in
            plan.acts.append { NumberedLines($0.lines).write(count: count) }
        },
        .value("line-size", "BYTES", "of numbered lines, newline and all, >= 11 (100)", parse: Values.lineSize) {
            $0.lines.lineSize = $1
        },
        .value("stdout-size", "BYTES", "the same", parse: Values.lineSize) { $0.lines.lineSize = $1 },
        .value("rate", "N", "--lines writes N lines a second", parse: Values.rate) { $0.lines.linesPerSecond = $1 },
        .act("partial-line", "write --stdout-msg without a newline, and stay", thenStays: true) {
            Output.standard.write($0.stdoutMessage)
        },
        .value("long-line", "SIZE", "one line of SIZE bytes without a newline", parse: Values.size) { plan, size in
            plan.acts.append { _ in Output.standard.writeLongLine(size) }
        },
    ]

    private static let inspection: [Option] = [
        .act("print-args", "one line an argument") { _ in Inspection.printArguments() },
        .optionalText("print-env", "NAME", "all variables as NAME=VALUE, or one") { plan, name in
            plan.acts.append { _ in Inspection.printEnvironment(name) }
        },
        .act("print-cwd", "the working directory") { _ in Inspection.printWorkingDirectory() },
        .act("print-signals", "those blocked and ignored at the start") { _ in Inspection.printSignals() },
        .act("print-fds", "each open descriptor, its access and its file") { _ in Inspection.printDescriptors() },
        .act("print-limits", "soft and hard resource limits by name") { _ in Inspection.printLimits() },
        .act("print-listen-fds", "the descriptors of $LISTEN_FDS, named") { _ in Sockets.printPassedDescriptors() },
        .act("stdout-file-check", "kind, mode, access and pipe size of descriptors 0, 1, 2") { _ in
            Inspection.checkStandardFiles()
        },
    ]

    private static let descriptors: [Option] = [
        .act("nonblock-stdout", "set O_NONBLOCK as node does (and wait when the pipe is full)") { _ in
            Output.standard.makeNonBlocking()
        },
        .act("reopen-stdout", "open /dev/stdout anew and close the one that was inherited") { _ in
            Output.standard.reopen("/dev/stdout")
        },
        .act("close-fds", "close every descriptor from 3 on") { _ in Inspection.closeDescriptors() },
    ]

    private static let descendants: [Option] = [
        .act("fork-grandchild", "start a child that sleeps, say its pid, and stay", thenStays: true) {
            Descendants.startChild($0)
        },
        .act("setsid-grandchild", "so too: double fork, new session, no fds, empty environment", thenStays: true) {
            Descendants.startDetached($0)
        },
        .value("hold-stdout-grandchild", "DUR", "a child keeps stdout open", parse: Values.durationText) { plan, text in
            plan.acts.append { Descendants.startHolder($0, duration: text) }
        },
        .flag("child-ignores-sigterm", "these children ignore SIGTERM") { $0.childIgnoresSigterm = true },
        .value("marker", "TEXT", "seen in the command line of testapp and its children", parse: Values.text) {
            $0.marker = $1
        },
        .act("detach", "the middle process of --setsid-grandchild") { Descendants.detach($0) },
    ]

    private static let services: [Option] = [
        .act("notify-ready", "READY=1 to $NOTIFY_SOCKET, and stay", thenStays: true) { _ in Sockets.notifyReady() },
        .value("listen", "PORT", "TCP on 127.0.0.1 (0: any port), echoes lines", parse: Values.port) { plan, port in
            plan.acts.append { _ in Sockets.listen(port: port) }
            plan.stays = true
        },
        .flag("help", "this text") { _ in
            OptionTable.printHelp()
            _exit(0)
        },
    ]
}
