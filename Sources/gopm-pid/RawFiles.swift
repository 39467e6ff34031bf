import GopmCommandLine
import GopmJSON
import GopmProcfs
import GopmTerminal
import SystemPackage

/// The files that the sections are made of, as the kernel gives them.
struct RawFiles {
    /// Large ones that nothing is shown of (`maps`, `smaps`) are left out.
    private static let names = [
        "cmdline", "comm", "stat", "statm", "status", "limits", "io", "cgroup", "smaps_rollup", "oom_score",
        "oom_score_adj", "attr/current", "wchan", "environ",
    ]

    private let folder: ProcFolder
    private let pid: Int32

    init(_ pid: Int32) throws(Errno) {
        self.pid = pid
        folder = try ProcFolder(pid)
    }

    func show(asJSON: Bool) {
        if asJSON { return Console.json { json in write(into: &json) } }
        for name in RawFiles.names {
            Console.out(Console.styled("── /proc/\(pid)/\(name)", .bold))
            switch read(name) {
            case .known(let bytes): showLines(bytes)
            case .unreadable(let error): Console.out(Console.styled(error.reasonUnreadable, .dim))
            }
        }
    }

    private func write(into json: inout JSONWriter) {
        json.object { json in
            for name in RawFiles.names {
                json.key(name)
                if let bytes = read(name).value { json.string(lossyUTF8: bytes) } else { json.null() }
            }
        }
    }

    private func read(_ name: String) -> Reading<[UInt8]> {
        Reading { () throws(Errno) in try folder.read(name) }
    }

    /// A NUL ends a word in these files, so it becomes the end of a line.
    private func showLines(_ bytes: [UInt8]) {
        for line in bytes.split(whereSeparator: { $0 == 0 || $0 == UInt8(ascii: "\n") }) {
            let safe = DisplayText.sanitized(bytes: line.map { $0 == UInt8(ascii: "\t") ? UInt8(ascii: " ") : $0 })
            Console.out(safe)
        }
    }
}
