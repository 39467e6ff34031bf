import GopmSystem
import SystemPackage

/// What a process has used, and holds.
package struct ProcessResources: Sendable {
    /// Seconds.
    package var cpuUser: Double
    package var cpuSystem: Double
    /// Of one processor, over its whole life.
    package var cpuPercent: Double
    /// Bytes; `nil` for kernel threads and zombies, which have no memory.
    package var peak: UInt64?
    package var virtual: UInt64?
    package var resident: UInt64?
    package var residentPeak: UInt64?
    package var swap: UInt64?
    /// Resident pages of files and shared memory.
    package var shared: UInt64?
    /// Its share of the resident pages, each divided by the number of its users.
    package var proportional: Reading<UInt64>
    package var io: Reading<IO>
    package var voluntarySwitches: UInt64
    package var involuntarySwitches: UInt64
    package var openFiles: Reading<Int>
    package var openFilesLimit: LimitsFile.Limit?

    /// `/proc/PID/io` (proc_pid_io(5)), bytes.
    package struct IO: Sendable {
        /// Through system calls, whatever the file is.
        package var readCalls: UInt64
        package var writtenCalls: UInt64
        /// From and to storage.
        package var read: UInt64
        package var written: UInt64
    }

    init(_ folder: ProcFolder, _ stat: ProcStat, _ status: KeyedFile, _ limits: LimitsFile, age: Int64) {
        let (user, system) = (ProcessTimes.nanoseconds(stat.userTicks), ProcessTimes.nanoseconds(stat.systemTicks))
        (cpuUser, cpuSystem) = (Double(user) / 1e9, Double(system) / 1e9)
        cpuPercent = age > 0 ? (Double(user) + Double(system)) / Double(age) * 100 : 0
        peak = status.bytes("VmPeak")
        virtual = status.bytes("VmSize")
        resident = status.bytes("VmRSS")
        residentPeak = status.bytes("VmHWM")
        swap = status.bytes("VmSwap")
        let (files, shared) = (status.bytes("RssFile"), status.bytes("RssShmem"))
        self.shared = files.flatMap { files in shared.map { files &+ $0 } }
        // Who has no memory has no such file, which is no secret.
        let hasMemory = resident != nil
        proportional = Reading { () throws(Errno) in
            hasMemory ? KeyedFile(parsing: try folder.read("smaps_rollup")).bytes("Pss") ?? 0 : 0
        }
        io = Reading { () throws(Errno) in
            let file = KeyedFile(parsing: try folder.read("io"))
            return IO(
                readCalls: file.number("rchar") ?? 0,
                writtenCalls: file.number("wchar") ?? 0,
                read: file.number("read_bytes") ?? 0,
                written: file.number("write_bytes") ?? 0
            )
        }
        voluntarySwitches = status.number("voluntary_ctxt_switches") ?? 0
        involuntarySwitches = status.number("nonvoluntary_ctxt_switches") ?? 0
        openFiles = Reading { () throws(Errno) in try folder.numbers(in: "fd").count }
        openFilesLimit = limits["open files"]
    }

    /// The highest resident memory of a process in bytes, as the kernel remembers it; `nil` if it is gone.
    package static func peakMemory(of pid: Int32) -> Int64? {
        let status = (try? ProcFolder(pid)).flatMap { try? $0.read("status") }
        return status.flatMap { KeyedFile(parsing: $0).bytes("VmHWM") }.map { Int64(clamping: $0) }
    }

    /// The share of one processor between two readings of the CPU time of a process.
    ///
    /// `wait`: Waits between them; of how long is measured.
    package static func cpuNow(_ folder: ProcFolder, wait: () -> Void) -> Double? {
        func used() -> Int64? {
            (try? folder.read("stat")).flatMap { ProcStat(parsing: $0) }
                .map { ProcessTimes.nanoseconds($0.userTicks &+ $0.systemTicks) }
        }
        let begun = Clock.boot
        guard let before = used() else { return nil }
        wait()
        guard let after = used(), Clock.boot > begun else { return nil }
        return Double(max(0, after - before)) / Double(Clock.boot - begun) * 100
    }
}
