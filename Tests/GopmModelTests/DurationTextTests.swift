import GopmModel
import SeededRandom
import Testing

@Suite struct DurationTextTests {
    @Test(
        arguments: [
            ("0", .zero), ("0s", .zero), ("5s", .seconds(5)), ("500ms", .milliseconds(500)), ("1m30s", .seconds(90)),
            ("2h0m0s", .seconds(7_200)), ("2h", .seconds(7_200)), ("1.5h", .seconds(5_400)),
            ("1.5s", .milliseconds(1_500)), (".5s", .milliseconds(500)), ("5.s", .seconds(5)),
            ("10us", .microseconds(10)),
            ("10µs", .microseconds(10)), ("10μs", .microseconds(10)), ("7ns", .nanoseconds(7)),
            ("1h1m1s1ms1us1ns", .nanoseconds(3_661_001_001_001)), ("1s1h", .seconds(3_601)), ("1m1m", .seconds(120)),
            ("0.000000001s", .nanoseconds(1)), ("0.1s", .milliseconds(100)), ("0.3ms", .microseconds(300)),
            ("007s", .seconds(7)), ("1.0000000000000000001s", .seconds(1)), ("87840h", DurationText.longest),
        ] as [(String, Duration)]
    )
    func reads(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(arguments: [
        "", " ", "5", "-5s", "+5s", "s", ".", ".s", "5 s", " 5s", "5s ", "5S", "1.2.3s", "1e3s", "1d", "1w", "abc",
        "1h30",
        "5sx", "00", "0.0", "inf", "nan", "∞s", "５s", "1,5s", "5s\0", "87840h1ns", "87841h", "11y",
        "99999999999999999999s",
        "9223372036854775807ns", "9223372036854775808ns", "9999999999999999h", "1h99999999999999999m",
    ])
    func refuses(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        arguments: [
            (.zero, "0s"), (.seconds(5), "5s"), (.milliseconds(250), "250ms"), (.milliseconds(1_500), "1.5s"),
            (.seconds(90), "1m30s"), (.seconds(60), "1m0s"), (.seconds(7_200), "2h0m0s"), (.seconds(3_661), "1h1m1s"),
            (.nanoseconds(1), "1ns"), (.nanoseconds(1_500), "1.5µs"), (.nanoseconds(999_999), "999.999µs"),
            (.nanoseconds(1_000_001), "1.000001ms"), (.nanoseconds(5_400_000_000_001), "1h30m0.000000001s"),
            (.seconds(-90), "-1m30s"), (.milliseconds(-5), "-5ms"), (DurationText.longest, "87840h0m0s"),
        ] as [(Duration, String)]
    )
    func printsAsGoDoes(duration: Duration, text: String) {
        #expect(DurationText.format(duration) == text)
    }

    @Test(arguments: seeds)
    func comesBackFromItsText(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            // Every order of magnitude as often.
            let bits = Int.random(in: 1...58, using: &random)
            let duration = Duration.nanoseconds(Int64.random(in: 0..<1 << bits, using: &random))
            let text = DurationText.format(duration)
            #expect(DurationText.parse(text) == duration, "\(text)")
        }
    }

    @Test func readsSubstrings() {
        #expect(DurationText.parse("delay=5s".dropFirst(6)) == .seconds(5))
    }
}

@Suite struct DurationNumberTests {
    @Test(
        arguments: [
            (.zero, 0), (.milliseconds(1_500), 1_500_000_000), (.nanoseconds(Int64.max), .max),
            (.nanoseconds(Int64.min), .min),
            (.nanoseconds(-1), -1), (Duration(secondsComponent: 1, attosecondsComponent: 999_999_999), 1_000_000_000),
            (.seconds(10_000_000_000), .max), (.seconds(-10_000_000_000), .min),
            // The seconds alone still fit.
            (.seconds(9_223_372_036) + .milliseconds(900), .max),
            (.seconds(-9_223_372_036) - .milliseconds(900), .min),
        ] as [(Duration, Int64)]
    )
    func wholeNanosecondsSaturate(duration: Duration, nanoseconds: Int64) {
        #expect(duration.wholeNanoseconds == nanoseconds)
    }

    @Test func wholeMillisecondsCutTowardsZero() {
        #expect(Duration.microseconds(1_999).wholeMilliseconds == 1)
        #expect(Duration.microseconds(-1_999).wholeMilliseconds == -1)
    }
}
