import GopmTestSupport
import Testing

/// Random commands, crashes and kills for a minute, and an hour of a day's work; `make soak` and `make day` run longer.
@Suite(.serialized)
struct SoakSerial {
    @Test func aMinuteOfEverything() throws {
        try soak("--seconds", "60", "--seed", "\(UInt32.random(in: 1...UInt32.max))")
    }

    @Test func anHourOfADaysWork() throws {
        try soak("--day", "--seconds", "25")
    }

    private func soak(_ arguments: String...) throws {
        try Machine.alone {
            let soak = try RunningCommand(
                "\(Programs.folder)/soak",
                arguments,
                environment: ["PATH": "/usr/bin:/bin"],
                folder: "/"
            )
            let result = try soak.finish(timeout: .seconds(180))
            print(result.stdout)
            #expect(result.status == 0, "\(arguments)\n\(result)")
        }
    }
}
