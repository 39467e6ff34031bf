import GopmModel
import SeededRandom
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0), ("2026-11-23T14:58:23.569314423Z", 1_795_445_903, 569_314_423),
            ("2026-11-23T14:58:23.5Z", 1_795_445_903, 500_000_000), ("2000-02-29T12:00:00Z", 951_825_600, 0),
            ("2024-02-29T00:00:00Z", 1_709_164_800, 0), ("1900-03-01T00:00:00Z", -2_203_891_200, 0),
            ("2100-03-01T00:00:00Z", 4_107_542_400, 0), ("2024-12-31T23:59:59Z", 1_735_689_599, 0),
            ("1969-12-31T23:59:59.999999999Z", -1, 999_999_999), ("1678-01-01T00:00:00Z", -9_214_560_000, 0),
            ("2261-12-31T23:59:59.999999999Z", 9_214_646_399, 999_999_999),
            ("2026-01-01T00:00:00.000000001Z", 1_767_225_600, 1),
        ] as [(String, Int64, Int64)]
    )
    func bothWays(text: String, seconds: Int64, nanoseconds: Int64) {
        let time = Timestamp(nanoseconds: seconds * 1_000_000_000 + nanoseconds)
        #expect(Timestamp(rfc3339: text) == time)
        #expect(time.rfc3339 == text)
        #expect(time.seconds == seconds)
    }

    @Test(
        arguments: [
            ("2026-04-14T13:25:59-04:00", "2026-04-14T17:25:59Z"),
            ("2026-04-14T01:00:00+05:30", "2026-04-13T19:30:00Z"),
            ("2026-04-14T13:25:59.595-00:00", "2026-04-14T13:25:59.595Z"),
            ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z"),
            ("2026-04-14T13:25:59.500000000Z", "2026-04-14T13:25:59.5Z"),
            ("2026-04-14T13:25:59.1234567899Z", "2026-04-14T13:25:59.123456789Z"),
        ] as [(String, String)]
    )
    func readsOtherForms(text: String, same: String) {
        #expect(Timestamp(rfc3339: text)?.rfc3339 == same)
    }

    @Test(arguments: [
        "", "now", "2026-11-23", "2026-11-23T14:58:23", "2026-11-23T14:58:23.5", "2026-11-23T14:58Z",
        "2026-1-23T14:58:23Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
        "2026-01-01T00:00:00+5",
        "2026-01-01T00:00:00+05", "２026-01-01T00:00:00Z",
    ])
    func refuses(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: [
        "2026-02-29T00:00:00Z", "2026-02-30T00:00:00Z", "2026-04-31T00:00:00Z", "2100-02-29T00:00:00Z",
    ])
    func refusesDaysThatTheMonthDoesNotHave(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: [
        "2026/11/23T14:58:23Z", "2026-11-23x14:58:23Z", "2026-11-23T14.58.23Z", "2026-11-23T14:58:23.Z",
        "2026-11-23T14:58:23Zzz", "2026-11-23T14:58:23+01:00x", "2026-11-23T14:58:23*01:00",
        "2026-11-23T14:58:23+01x00",
        "2026-11-23T14:58:23+24:00", "2026-11-23T14:58:23+01:60",
    ])
    func refusesWhatOnlyResemblesATime(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: seeds)
    func comesBackFromItsText(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var last = Timestamp(nanoseconds: 0)
        for _ in 0..<500 {
            let nanoseconds = Int64.random(in: -9_214_560_000_000_000_000...9_214_646_399_999_999_999, using: &random)
            let unit: Int64 = random.pick([1, 1_000_000, 1_000_000_000])
            let time = Timestamp(nanoseconds: nanoseconds / unit * unit)
            #expect(Timestamp(rfc3339: time.rfc3339) == time, "\(time.rfc3339)")
            #expect((time < last) == (time.nanoseconds < last.nanoseconds))
            last = time
        }
    }

    /// Days of four centuries have texts of their own, in order, and month ends are where they belong.
    @Test func daysFollowOneAnother() {
        let day: Int64 = 86_400_000_000_000
        var last = ""
        for number in Int64(-60_000)...100_000 where number % 61 == 0 || number % 365 < 2 {
            let text = Timestamp(nanoseconds: number * day).rfc3339
            #expect(text > last)
            last = text
        }
        #expect(Timestamp(nanoseconds: 11_016 * day).rfc3339 == "2000-02-29T00:00:00Z")
        #expect(Timestamp(nanoseconds: 11_017 * day).rfc3339 == "2000-03-01T00:00:00Z")
    }

    @Test func readable() {
        #expect(Timestamp(rfc3339: "2025-02-02T04:00:12.9Z")?.readable == "2025-02-02 04:00:12 UTC")
    }
}
