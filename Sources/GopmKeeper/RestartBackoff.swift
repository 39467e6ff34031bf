/// When to start gopmd again: at once, and then ever later while it keeps dying young.
///
/// | death in a row before 10 s of life | 1st | 2nd | 3rd | 4th | 5th | 6th | 7th | later |
/// |---|---|---|---|---|---|---|---|---|
/// | delay in seconds | 0 | 0.1 | 0.2 | 0.4 | 0.8 | 1.6 | 3.2 | 5 |
struct RestartBackoff: Sendable, Hashable {
    /// Nanoseconds.
    static let longEnough: Int64 = 10_000_000_000
    private static let firstDelay: Int64 = 100_000_000
    private static let longestDelay: Int64 = 5_000_000_000

    private(set) var earlyDeaths = 0

    /// Nanoseconds to wait after a death.
    mutating func delay(afterLifeOf life: Int64) -> Int64 {
        if life >= Self.longEnough { earlyDeaths = 0 }
        defer { earlyDeaths += 1 }
        guard earlyDeaths > 0 else { return 0 }
        return min(Self.firstDelay << min(earlyDeaths - 1, 10), Self.longestDelay)
    }
}
