import Glibc
import GopmTestSupport

/// `soak --seconds N --seed S`: random commands, crashes and kills of gopmd and its keeper, and after each of them the
/// question whether all is still as promised.
///
/// `soak --day` has a day's work done in ten minutes, or part of it in as many seconds as `--seconds` says, and compares
/// what gopmd holds in the end with the beginning.
///
/// `soak --everything` is ``Everything``: as root, `--booted` where a systemd runs that is there for nothing else.
///
/// Ends with 0, or with 1 and the story of what went before. The seed decides what is done; when the machine does it is
/// its own affair, so a run with the same seed is alike, not the same.
@main
enum Soak {
    static func main() {
        var seconds: Int?
        var flags: Set<String> = []
        var seed = UInt64.random(in: 1...UInt64(UInt32.max))
        var words = CommandLine.arguments.dropFirst()[...]
        while let word = words.popFirst() {
            if ["--day", "--everything", "--booted"].contains(word) {
                flags.insert(word)
                continue
            }
            let value = words.popFirst()
            switch (word, value.flatMap { UInt64($0) }) {
            case ("--seconds", let number?): seconds = Int(clamping: number)
            case ("--seed", let number?): seed = number
            default:
                print("usage: soak [--day | --everything] [--seconds N] [--seed S]")
                exit(64)
            }
        }
        if flags.contains("--everything") {
            exit(runEverything(seconds ?? 600, seed, isBooted: flags.contains("--booted")))
        }
        if flags.contains("--day") { exit(runDay(seconds.map { .seconds($0) } ?? Day.wholeDay)) }
        print("soak: \(seconds ?? 60) s, seed \(seed)")
        exit(run(seconds ?? 60, seed))
    }

    private static func runDay(_ duration: Duration) -> Int32 {
        do {
            let lines = try DaemonFixture.with(startsDaemon: false) { daemon in
                let gopmd = try RunningCommand(
                    Programs.gopmd,
                    ["--sample-interval", Day.sampleInterval],
                    environment: daemon.environment,
                    folder: "/"
                )
                guard eventually({ TestFiles.exists(daemon.socket) }) else { throw TestFailure("gopmd does not come") }
                let lines = try Day(daemon: daemon, duration: duration).run()
                try daemon.run("kill").check()
                _ = try gopmd.finish()
                return lines
            }
            print(lines.joined(separator: "\n"))
            return 0
        } catch {
            print("day: failed: \(error)")
            return 1
        }
    }

    private static func runEverything(_ seconds: Int, _ seed: UInt64, isBooted: Bool) -> Int32 {
        do {
            if isBooted {
                print(try Everything.run(seconds, seed).joined(separator: "\n"))
                return 0
            }
            print("everything: \(seconds) s, seed \(seed)")
            let result = try Everything.boot(seconds, seed)
            print(result.stdout + result.stderr + (result.status == 0 ? "everything: clean" : "everything: FAULT"))
            return result.status
        } catch {
            print("everything: failed: \(error)")
            return 1
        }
    }

    private static func run(_ seconds: Int, _ seed: UInt64) -> Int32 {
        do {
            try DaemonFixture.with(config: #"{"logs": {"max_files": 1000}}"#) { daemon in
                let world = World(daemon, seed: seed)
                do {
                    try world.run(for: .seconds(seconds))
                } catch {
                    print("soak: VIOLATION, seed \(seed): \(error)\n\(world.story)\nthe home is kept: \(daemon.folder)")
                    setenv("GOPM_TEST_KEEP", "1", 1)
                    throw error
                }
                print("soak: clean, seed \(seed): \(world.figures)")
            }
            return 0
        } catch {
            print("soak: failed: \(error)")
            return 1
        }
    }
}
