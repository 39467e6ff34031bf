import Glibc

/// Uses memory and processor time.
enum Load {
    /// Takes memory and writes to every page of it, so that it is really there until the program ends.
    static func allocate(megabytes: Int) {
        let (size, overflow) = megabytes.multipliedReportingOverflow(by: 1 << 20)
        guard !overflow, let memory = malloc(size) else {
            return Output.standard.line("cannot allocate \(megabytes) MiB: \(describe(ENOMEM))")
        }
        memset(memory, 0x55, size)
        Output.standard.line("allocated \(megabytes) MiB")
    }

    /// Computes for ever; the call keeps the loop from being optimised away.
    static func burn() {
        while true { _ = sysconf(Int32(_SC_CLK_TCK)) }
    }
}
