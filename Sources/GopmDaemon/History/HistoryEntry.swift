/// One of the 16-byte entries that the history is a file of.
///
/// A snapshot is a `time` and the samples after it, one a process. Only the last `boot` before it says which boot's
/// clock its time is of.
enum HistoryEntry: Sendable, Hashable {
    /// A supervisor has begun: the first 64 bits of the kernel's id of this boot.
    case boot(UInt64)
    /// Nanoseconds since boot and, as was thought then, seconds since 1970.
    case time(boot: UInt64, wall: UInt64)
    case sample(HistorySample)
    /// Nothing before this is of the process that has this id now.
    case deleted(id: Int)

    /// Bytes of each entry.
    static let size = 16

    /// The lowest three bits of an entry.
    private enum Kind: UInt64 {
        case online = 1
        case stopped, errored, deleted, time, boot
    }

    /// - Returns: `nil` for what no version of this program writes.
    init?(_ words: (UInt64, UInt64)) {
        switch Kind(rawValue: words.0 & 7) {
        case .boot: self = .boot(words.1)
        case .time: self = .time(boot: words.1, wall: words.0 >> 3)
        case .deleted: self = .deleted(id: Int(words.0 >> 3))
        case .online: self = .sample(HistorySample(words, .online))
        case .stopped: self = .sample(HistorySample(words, .stopped))
        case .errored: self = .sample(HistorySample(words, .errored))
        case nil: return nil
        }
    }

    var words: (UInt64, UInt64) {
        switch self {
        case .boot(let id): (Kind.boot.rawValue, id)
        case .time(let boot, let wall): (Kind.time.rawValue | wall << 3, boot)
        case .deleted(let id): (Kind.deleted.rawValue | UInt64(id) << 3, 0)
        case .sample(let sample):
            switch sample.status {
            case .online: sample.words(Kind.online.rawValue)
            case .stopped: sample.words(Kind.stopped.rawValue)
            case .errored: sample.words(Kind.errored.rawValue)
            }
        }
    }

    func append(to bytes: inout [UInt8]) {
        let words = words
        withUnsafeBytes(of: words.0.littleEndian) { bytes += $0 }
        withUnsafeBytes(of: words.1.littleEndian) { bytes += $0 }
    }
}

/// What the history keeps of a process at one moment; what is too large for its place is cut to the largest that fits.
struct HistorySample: Sendable, Hashable {
    enum Status: String, Sendable {
        case online, stopped, errored
    }

    /// 31 bits, as all ids.
    var id: Int
    var status: Status
    /// Seconds; 30 bits, which is 34 years.
    var uptime: Int
    /// Bytes; kept in pages of 4 KiB, up to 16 TiB.
    var memory: Int
    /// Tenths of a percent; from 3,276.8 % on whole percents, up to 32,767.
    var cpuTenths: Int
    /// 16 bits.
    var restarts: Int
}

extension HistorySample {
    fileprivate init(_ words: (UInt64, UInt64), _ status: Status) {
        id = Int(words.0 >> 3 & 0x7fff_ffff)
        self.status = status
        uptime = Int(words.0 >> 34)
        memory = Int(words.1 & 0xffff_ffff) << 12
        let cpu = Int(words.1 >> 32 & 0xffff)
        cpuTenths = cpu < 0x8000 ? cpu : (cpu - 0x8000) * 10
        restarts = Int(words.1 >> 48)
    }

    fileprivate func words(_ kind: UInt64) -> (UInt64, UInt64) {
        let tenths = max(cpuTenths, 0)
        let cpu = UInt64(tenths < 0x8000 ? tenths : 0x8000 + min(tenths / 10, 0x7fff))
        return (
            kind | UInt64(id) << 3 | HistorySample.cut(uptime, bits: 30) << 34,
            HistorySample.cut(memory >> 12, bits: 32) | cpu << 32 | HistorySample.cut(restarts, bits: 16) << 48
        )
    }

    private static func cut(_ number: Int, bits: Int) -> UInt64 {
        UInt64(min(max(number, 0), 1 << bits - 1))
    }
}
