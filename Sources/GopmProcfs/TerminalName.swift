/// Names of controlling terminals from their device numbers.
package enum TerminalName {
    /// The device below `/dev`, for example `pts/3`; empty for none.
    ///
    /// `device`: As in field 7 of `/proc/PID/stat`: the minor number in bits 31 to 20 and 7 to 0, the major in 15 to 8
    /// (proc_pid_stat(5)). Majors by Documentation/admin-guide/devices.txt of the kernel.
    package static func text(_ device: Int32) -> String {
        guard device != 0 else { return "" }
        let bits = UInt32(bitPattern: device)
        let (major, minor) = (bits >> 8 & 0xff, bits & 0xff | bits >> 12 & 0xfff00)
        return switch major {
        case 4: minor < 64 ? "tty\(minor)" : "ttyS\(minor - 64)"
        case 5: minor == 1 ? "console" : "tty"
        case 136...143: "pts/\((major - 136) * 256 + minor)"
        case 204: "ttyAMA\(minor)"
        case 229: "hvc\(minor)"
        default: "\(major):\(minor)"
        }
    }
}
