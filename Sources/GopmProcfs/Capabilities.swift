/// Names for the bits of a capability set (capabilities(7), linux/capability.h of Linux 6.12).
package enum Capabilities {
    private static let names = [
        "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
        "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
        "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
        "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
        "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
        "checkpoint_restore",
    ]

    /// Those that are set, lowest bit first; a bit without a name is its number.
    package static func names(of mask: UInt64) -> [String] {
        (0..<64).filter { mask >> UInt64($0) & 1 == 1 }.map { $0 < names.count ? names[$0] : "\($0)" }
    }

    /// For people: `none`, `all`, or the names; of more than half those that are missing.
    ///
    /// `known`: The bits that this kernel knows (`/proc/sys/kernel/cap_last_cap`).
    package static func summary(of mask: UInt64, known: UInt64) -> String {
        if mask & known == known { return "all" }
        if mask == 0 { return "none" }
        let (have, lack) = (names(of: mask), names(of: known & ~mask))
        return lack.count < have.count ? "all but " + lack.joined(separator: ", ") : have.joined(separator: ", ")
    }
}
