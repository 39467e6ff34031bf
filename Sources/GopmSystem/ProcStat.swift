/// What this system needs of `/proc/PID/stat` (proc_pid_stat(5)).
package struct ProcStat: Sendable, Hashable {
    /// Field 2: at most 15 bytes that may be anything but NUL.
    package var name: [UInt8]
    /// Field 3.
    package var state: UInt8
    /// Field 4.
    package var parent: Int32
    /// Field 6.
    package var session: Int32
    /// Field 7: device number of the controlling terminal, 0 for none.
    package var terminal: Int32
    /// Field 9: `PF_` bits of the kernel.
    package var flags: UInt32
    /// Field 14: clock ticks in user mode, with those of threads that have ended.
    package var userTicks: UInt64
    /// Field 15: clock ticks in kernel mode.
    package var systemTicks: UInt64
    /// Field 19: from -20 to 19.
    package var nice: Int32
    /// Field 20.
    package var threads: Int
    /// Field 22: clock ticks from boot to the start.
    package var startTicks: UInt64
    /// Field 52: the wait status once it is a zombie; 0 also where it may not be seen.
    package var waitStatus: Int32

    /// - Returns: `nil` if the process is gone.
    package static func read(_ pid: Int32) -> ProcStat? {
        guard let bytes = try? FileSystem.read("/proc/\(pid)/stat", limit: 65536) else { return nil }
        return ProcStat(parsing: bytes)
    }

    package init?(parsing bytes: [UInt8]) {
        guard let stat = bytes.withUnsafeBufferPointer({ ProcStat(parsing: $0) }) else { return nil }
        self = stat
    }

    /// The name, field 2, may hold anything, also spaces and parentheses, so the fields are counted from its last `)`.
    package init?(parsing bytes: UnsafeBufferPointer<UInt8>) {
        guard let nameEnd = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let nameStart = bytes.firstIndex(of: UInt8(ascii: "(")) ?? nameEnd
        name = nameStart < nameEnd ? Array(bytes[(nameStart + 1)..<nameEnd]) : []
        let rest = bytes[(nameEnd + 1)...].drop { $0 == UInt8(ascii: " ") }
        guard let state = rest.first, let numbers = ProcStat.numbers(rest.dropFirst()) else { return nil }
        // numbers[0] is field 4.
        func field(_ number: Int) -> Int64 { numbers.count > number - 4 ? numbers[number - 4] : 0 }
        self.state = state
        parent = Int32(truncatingIfNeeded: field(4))
        session = Int32(truncatingIfNeeded: field(6))
        terminal = Int32(truncatingIfNeeded: field(7))
        flags = UInt32(truncatingIfNeeded: field(9))
        userTicks = UInt64(bitPattern: field(14))
        systemTicks = UInt64(bitPattern: field(15))
        nice = Int32(truncatingIfNeeded: field(19))
        threads = Int(field(20))
        startTicks = UInt64(bitPattern: field(22))
        waitStatus = Int32(truncatingIfNeeded: field(52))
    }

    /// The numbers from field 4 on, wrapped into 64 bits (some are unsigned); `nil` if field 22 is not reached or
    /// something else stands between them.
    private static func numbers(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> [Int64]? {
        var numbers: [Int64] = []
        numbers.reserveCapacity(50)
        var value: UInt64 = 0
        var (isNegative, isInside) = (false, false)
        func end() {
            guard isInside else { return }
            numbers.append(Int64(bitPattern: isNegative ? 0 &- value : value))
            (value, isNegative, isInside) = (0, false, false)
        }
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                value = value &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
                isInside = true
            case UInt8(ascii: "-") where !isInside: isNegative = true
            case UInt8(ascii: " "), UInt8(ascii: "\n"): end()
            default: return nil
            }
        }
        end()
        return numbers.count >= 19 ? numbers : nil
    }

    /// Field 4 alone, for looks at every process; `nil` if the text is torn.
    package static func parent(in bytes: UnsafeBufferPointer<UInt8>) -> Int32? {
        guard let nameEnd = bytes.lastIndex(of: UInt8(ascii: ")")), nameEnd + 4 < bytes.count else { return nil }
        // `) S 1234 `: a blank, the letter of the state, a blank.
        var value: Int32 = 0
        for byte in bytes[(nameEnd + 4)...] {
            if byte == UInt8(ascii: " ") { return value }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), value < 100_000_000 else { return nil }
            value = value * 10 + Int32(byte - UInt8(ascii: "0"))
        }
        return nil
    }

    /// Whether it has ended and waits to be reaped.
    package var isZombie: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }

    /// Whether it is a thread of the kernel (`PF_KTHREAD`, linux/sched.h).
    package var isKernelThread: Bool { flags & 0x0020_0000 != 0 }
}
