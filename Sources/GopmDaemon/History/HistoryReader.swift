/// Makes of the entries of the history, given in their order, what is to be known of some processes.
struct HistoryReader: Sendable {
    struct Point: Sendable, Hashable {
        /// Seconds since 1970.
        var time: Int
        var sample: HistorySample
    }

    /// The clocks now, in nanoseconds, and which boot this is.
    struct Now: Sendable {
        var boot: Int64
        var wall: Int64
        var bootID: UInt64
    }

    /// By process, oldest first.
    private(set) var points: [Int: [Point]] = [:]
    private let now: Now
    private let oldest: Int
    private let newest: Int
    /// Whether the entries are of this boot.
    private var isThisBoot = false
    /// Of the samples that follow; `nil` if they are not wanted.
    private var time: Int?

    /// `processes`: Whose samples are wanted; `seconds`: how far back.
    init(_ processes: some Sequence<Int>, seconds: Int, now: Now) {
        for process in processes { points[process] = [] }
        self.now = now
        newest = Int(now.wall / 1_000_000_000)
        oldest = newest - seconds
    }

    mutating func take(_ entry: HistoryEntry) {
        switch entry {
        case .boot(let id):
            isThisBoot = id == now.bootID
        case .time(let boot, let wall):
            // The clock of this boot counts on when the wall clock is set, so what it says of today holds.
            let bootedAt = now.wall - now.boot
            let shown =
                isThisBoot ? Int((bootedAt &+ Int64(truncatingIfNeeded: boot)) / 1_000_000_000) : Int(clamping: wall)
            time = (oldest...newest).contains(shown) ? shown : nil
        case .sample(let sample):
            if let time { points[sample.id]?.append(Point(time: time, sample: sample)) }
        case .deleted(let id):
            points[id]?.removeAll()
        }
    }

    /// Puts points in order that a wall clock which was set back between two boots has mixed up.
    mutating func finish() {
        for (id, list) in points where zip(list, list.dropFirst()).contains(where: { $0.time > $1.time }) {
            points[id] = list.sorted { $0.time < $1.time }
        }
    }
}
