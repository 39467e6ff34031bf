import Glibc
import GopmCapture
import Testing

@Suite struct StampClockTests {
    static func stamp(_ second: Int, _ millisecond: Int) -> String {
        var clock = StampClock()
        clock.set(second: second, millisecond: millisecond)
        return String(decoding: UnsafeBufferPointer(start: clock.bytes, count: LineStamper.stampLength), as: UTF8.self)
    }

    /// The time zone is the process's, so no test may change it while others run.
    @Test func itIsLocalTimeWithANumericOffset() {
        var time = 1_776_187_559
        var local = tm()
        localtime_r(&time, &local)
        var text = [CChar](repeating: 0, count: 40)
        let length = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S.007%z", &local)
        var expected = String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        expected.insert(":", at: expected.index(expected.endIndex, offsetBy: -2))
        #expect(Self.stamp(time, 7) == expected + " ")
    }

    @Test func onlyWhatChangedIsMadeAnew() {
        var clock = StampClock()
        for (second, millisecond) in [(1_776_187_559, 595), (1_776_187_559, 596), (1_776_187_560, 0), (0, 999)] {
            clock.set(second: second, millisecond: millisecond)
            let bytes = UnsafeBufferPointer(start: clock.bytes, count: LineStamper.stampLength)
            #expect(String(decoding: bytes, as: UTF8.self) == Self.stamp(second, millisecond))
        }
    }
}
