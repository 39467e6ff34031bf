import CLinux

#if canImport(Glibc)
    import Glibc
#endif

/// The clocks of the kernel, in nanoseconds.
package enum Clock {
    /// Since boot, suspend included; never jumps.
    ///
    /// All waiting and all uptimes are counted on it.
    package static var boot: Int64 { gopm_clock(CLOCK_BOOTTIME) }

    /// Since 1970; may jump.
    ///
    /// Only for showing.
    package static var wall: Int64 { gopm_clock(CLOCK_REALTIME) }

    /// The kernel's id of this boot.
    package static let bootID: String = {
        guard let bytes = try? FileSystem.read("/proc/sys/kernel/random/boot_id") else { return "unknown" }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }()
}
