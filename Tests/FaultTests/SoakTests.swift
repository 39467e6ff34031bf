import GopmTestSupport
import Testing

/// Random commands, crashes and kills for a minute; `make soak` runs longer.
@Suite(.serialized)
struct SoakSerial {
    @Test func aMinuteOfEverything() throws {
        try Machine.alone {
            let seed = UInt32.random(in: 1...UInt32.max)
            let arguments = ["--seconds", "60", "--seed", "\(seed)"]
            let soak = try RunningCommand(
                "\(Programs.folder)/soak",
                arguments,
                environment: ["PATH": "/usr/bin:/bin"],
                folder: "/"
            )
            let result = try soak.finish(timeout: .seconds(180))
            print(result.stdout)
            #expect(result.status == 0, "seed \(seed)\n\(result)")
        }
    }
}
