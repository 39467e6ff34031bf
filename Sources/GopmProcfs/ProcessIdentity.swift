import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Who a process is.
package struct ProcessIdentity: Sendable {
    package var pid: Int32
    /// The process that a thread belongs to; the pid itself for a process.
    package var threadGroup: Int32
    package var name: String
    /// The letter of `/proc/PID/stat`: R, S, D, Z, T, t, I, X.
    package var state: Character
    /// Empty for kernel threads and zombies.
    package var command: ProcessCommand
    package var exe: Reading<String>
    /// Whether the program's file has been deleted or replaced since.
    package var isExeDeleted = false
    package var workingFolder: Reading<String>
    package var root: Reading<String>
    package var parent: Int32
    package var session: Int32
    /// Below `/dev`; empty for none.
    package var terminal: String
    package var nice: Int32
    package var threads: Int
    /// Effective ids.
    package var uid: UInt64
    package var gid: UInt64
    package var isKernelThread: Bool
    /// Nanoseconds since 1970, of the wall clock as it is now.
    package var startedAt: Int64
    /// Nanoseconds since its start.
    package var age: Int64
    /// Its pids in the pid namespaces that it is in, outermost first; one for a process that is in ours.
    package var namespacePIDs: [UInt64]

    init(_ folder: ProcFolder, _ stat: ProcStat, _ status: KeyedFile) {
        pid = folder.pid
        threadGroup = status.number("Tgid").flatMap { Int32(exactly: $0) } ?? folder.pid
        name = stat.name.text
        state = Character(Unicode.Scalar(stat.state))
        command = ProcessCommand((try? folder.read("cmdline")) ?? [])
        let link = Reading { () throws(Errno) in try folder.link("exe") }
        let isDeleted = link.value != nil && folder.kind("exe")?.isDeleted == true
        isExeDeleted = isDeleted
        exe = link.map { isDeleted && $0.text.hasSuffix(" (deleted)") ? String($0.text.dropLast(10)) : $0.text }
        workingFolder = Reading { () throws(Errno) in try folder.link("cwd").text }
        root = Reading { () throws(Errno) in try folder.link("root").text }
        parent = stat.parent
        session = stat.session
        terminal = TerminalName.text(stat.terminal)
        nice = stat.nice
        threads = stat.threads
        uid = status.effective("Uid")
        gid = status.effective("Gid")
        isKernelThread = stat.isKernelThread
        namespacePIDs = status.numbers("NSpid")
        age = max(0, Clock.boot - ProcessTimes.nanoseconds(stat.startTicks))
        startedAt = Clock.wall - age
    }

    /// `sleeping` for S; the words of proc_pid_stat(5), shortened.
    package var stateWord: String { ProcessIdentity.word(state) }

    package static func word(_ state: Character) -> String {
        switch state {
        case "R": "running"
        case "S": "sleeping"
        case "D": "waiting for a disk or driver"
        case "Z": "zombie"
        case "T": "stopped"
        case "t": "stopped by a debugger"
        case "I": "idle"
        case "X", "x": "dead"
        case "P": "parked"
        default: "unknown"
        }
    }
}

/// The words of a command line.
package struct ProcessCommand: Sendable, Hashable {
    package var words: [String]

    /// `cmdline`: Words with a NUL after each; a program that retitled itself may write anything.
    package init(_ cmdline: [UInt8]) {
        let end = cmdline.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
        words =
            end == 0
            ? [] : cmdline[..<end].split(separator: 0, omittingEmptySubsequences: false).map { $0.text }
    }

    package var text: String { words.joined(separator: " ") }
}

/// Clock ticks of `/proc`, in nanoseconds.
enum ProcessTimes {
    private static let ticksPerSecond = UInt64(max(sysconf(Int32(_SC_CLK_TCK)), 1))

    /// Saturates: the numbers come from outside.
    static func nanoseconds(_ ticks: UInt64) -> Int64 {
        let (value, overflowed) = ticks.multipliedReportingOverflow(by: 1_000_000_000 / ticksPerSecond)
        return overflowed ? .max : Int64(clamping: value)
    }
}
