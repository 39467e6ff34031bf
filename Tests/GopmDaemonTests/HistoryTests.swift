import Testing

@testable import GopmDaemon

@Suite struct HistoryEntryTests {
    private func sample(_ change: (inout HistorySample) -> Void = { _ in }) -> HistorySample {
        var sample = HistorySample(id: 7, status: .online, uptime: 3600, memory: 25 << 20, cpuTenths: 12, restarts: 3)
        change(&sample)
        return sample
    }

    @Test(arguments: [
        HistoryEntry.boot(0xfedc_ba98_7654_3210), .time(boot: 987_654_321_000, wall: 1_738_800_000), .deleted(id: 0),
        .deleted(id: Int(Int32.max)),
        .sample(HistorySample(id: 0, status: .stopped, uptime: 0, memory: 0, cpuTenths: 0, restarts: 0)),
        .sample(
            HistorySample(
                id: Int(Int32.max),
                status: .errored,
                uptime: 1 << 30 - 1,
                memory: 0xffff_ffff << 12,
                cpuTenths: 32_767,
                restarts: 65_535
            )
        ),
        .sample(HistorySample(id: 1, status: .online, uptime: 9, memory: 4096, cpuTenths: 327_670, restarts: 1)),
    ])
    func whatIsWrittenIsReadBack(entry: HistoryEntry) {
        #expect(HistoryEntry(entry.words) == entry)
        var bytes: [UInt8] = []
        entry.append(to: &bytes)
        #expect(bytes.count == 16)
    }

    @Test func whatIsTooLargeIsCutAndHarmsNoNeighbour() {
        let huge = sample {
            ($0.uptime, $0.memory, $0.cpuTenths, $0.restarts) = (Int.max, Int.max, Int.max, Int.max)
        }
        guard case .sample(let read) = HistoryEntry(HistoryEntry.sample(huge).words) else {
            Issue.record("not a sample")
            return
        }
        #expect(read.id == 7 && read.status == .online && read.uptime == 1 << 30 - 1 && read.restarts == 65_535)
        #expect(read.memory == 0xffff_ffff << 12 && read.cpuTenths == 327_670)
        let negative = sample { ($0.uptime, $0.memory, $0.cpuTenths, $0.restarts) = (-1, -1, -1, -1) }
        #expect(
            HistoryEntry(HistoryEntry.sample(negative).words)
                == .sample(
                    sample {
                        ($0.uptime, $0.memory, $0.cpuTenths, $0.restarts) = (0, 0, 0, 0)
                    }
                )
        )
    }

    @Test(arguments: [0, 7] as [UInt64])
    func noiseIsNoEntry(word: UInt64) {
        #expect(HistoryEntry((word, 1)) == nil)
    }
}

@Suite struct HistoryReaderTests {
    private let second: Int64 = 1_000_000_000

    private func sample(_ id: Int, restarts: Int = 0) -> HistoryEntry {
        .sample(HistorySample(id: id, status: .online, uptime: 1, memory: 0, cpuTenths: 0, restarts: restarts))
    }

    private func read(_ entries: [HistoryEntry], _ ids: [Int] = [1, 2], seconds: Int = 3600) -> HistoryReader {
        // 500 s after the boot, at 10,000 s.
        let now = HistoryReader.Now(boot: 500 * second, wall: 10_000 * second, bootID: 5)
        var reader = HistoryReader(ids, seconds: seconds, now: now)
        for entry in entries { reader.take(entry) }
        reader.finish()
        return reader
    }

    private func time(_ boot: UInt64, _ wall: UInt64) -> HistoryEntry { .time(boot: boot * 1_000_000_000, wall: wall) }

    @Test func samplesAreOfTheirTimeAndOldestFirst() {
        let points = read([.boot(5), time(100, 9600), sample(1), sample(2), time(160, 9660), sample(1)]).points
        #expect(points[1]?.map(\.time) == [9600, 9660] && points[2]?.map(\.time) == [9600])
    }

    @Test func aWallClockThatWasSetMovesTodaysSamplesAlong() {
        // It said 70 s then.
        let points = read([.boot(5), time(100, 70), sample(1)]).points
        #expect(points[1]?.map(\.time) == [9600])
    }

    @Test func samplesOfAnotherBootKeepTheirTime() {
        let points = read([.boot(4), time(90_000, 9000), sample(1), .boot(5), time(10, 0), sample(1)]).points
        #expect(points[1]?.map(\.time) == [9000, 9510])
    }

    @Test func whatIsTooOldOrOfTheFutureIsLeftOut() {
        let entries = [.boot(4), time(1, 6000), sample(1), time(2, 7000), sample(1), time(3, 20_000), sample(1)]
        #expect(read(entries).points[1]?.map(\.time) == [7000])
        #expect(read(entries, seconds: 5000).points[1]?.map(\.time) == [6000, 7000])
    }

    @Test func aDeletedProcessLeavesNothingToTheNextOfItsID() {
        let entries = [
            .boot(5), time(100, 0), sample(1, restarts: 9), sample(2), .deleted(id: 1), time(160, 0), sample(1),
        ]
        let points = read(entries).points
        #expect(points[1]?.map(\.sample.restarts) == [0] && points[2]?.count == 1)
    }

    @Test func onlyWhatWasAskedForIsKept() {
        #expect(read([.boot(5), time(100, 0), sample(1), sample(2)], [2]).points.keys.sorted() == [2])
        #expect(read([.boot(5), sample(1)], [1]).points[1] == [])
    }

    @Test func aClockSetBackBetweenBootsDoesNotMixUpTheOrder() {
        let entries = [.boot(3), time(1, 9100), sample(1), .boot(4), time(1, 9000), sample(1)]
        #expect(read(entries).points[1]?.map(\.time) == [9000, 9100])
    }
}
