import GopmModel
import Testing

@Suite struct SignalTests {
    @Test(
        arguments: [
            ("SIGTERM", 15), ("TERM", 15), ("sigterm", 15), ("term", 15), ("15", 15), ("SIGHUP", 1), ("INT", 2),
            ("QUIT", 3),
            ("KILL", 9), ("USR1", 10), ("USR2", 12), ("WINCH", 28), ("SYS", 31), ("1", 1), ("64", 64), ("SigInt", 2),
        ] as [(String, Int32)]
    )
    func reads(text: String, number: Int32) {
        #expect(Signal(text)?.number == number)
    }

    @Test(arguments: [
        "", "SIG", "0", "65", "-9", "9999999999", "FOO", "SIGSIGTERM", " TERM", "TERM ", "15.0", "0x0f", "１５", "+15",
        "-0",
        "RTMIN+31", "RTMIN++5", "RTMIN+-0", "ſIGTERM",
    ])
    func refuses(text: String) {
        #expect(Signal(text) == nil)
    }

    @Test(arguments: [
        (1, "SIGHUP"), (15, "SIGTERM"), (31, "SIGSYS"), (34, "SIGRTMIN+0"), (64, "SIGRTMIN+30"), (32, "32"),
    ])
    func names(number: Int32, name: String) {
        #expect(Signal(number: number).name == name)
    }

    /// What is exported must import: a file names the signal by what `name` says.
    @Test(arguments: Array(1...64))
    func nameReadsBack(number: Int32) {
        let signal = Signal(number: number)
        #expect(Signal(signal.name) == signal, "\(signal.name)")
    }
}

@Suite struct ExitStatusTests {
    @Test(
        arguments: [
            (0, .exited(code: 0), "exited with code 0"), (3 << 8, .exited(code: 3), "exited with code 3"),
            (255 << 8, .exited(code: 255), "exited with code 255"),
            (15, .signaled(.terminate, coreDumped: false), "killed by SIGTERM"),
            (11 | 0x80, .signaled(Signal(number: 11), coreDumped: true), "killed by SIGSEGV (core dumped)"),
            (9, .signaled(.kill, coreDumped: false), "killed by SIGKILL"),
        ] as [(Int32, ExitStatus, String)]
    )
    func fromWaitStatus(status: Int32, expected: ExitStatus, sentence: String) {
        #expect(ExitStatus(waitStatus: status) == expected)
        #expect(expected.sentence == sentence)
    }

    @Test func numbersOfTheManual() {
        let ends: [ExitStatus] = [.exited(code: 0), .exited(code: 7), .signaled(.kill, coreDumped: false), .unknown]
        #expect(ends.map(\.code) == [0, 7, -1, -1])
        #expect(ends.map(\.signalNumber) == [0, 0, 9, 0])
        #expect(ends.map(\.isSuccess) == [true, false, false, false])
        #expect(ExitStatus.unknown.sentence == "ended with unknown status")
    }
}
