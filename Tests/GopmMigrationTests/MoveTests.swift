import GopmJSON
import GopmMigration
import GopmModel
import SeededRandom
import Testing

@Suite struct MoveTests {
    private func run(_ move: inout Move, failing: Set<Move.Step>) -> [Move.Step] {
        var steps: [Move.Step] = []
        while !move.isOver {
            steps.append(move.step)
            guard failing.contains(move.step) else {
                move.succeeded()
                continue
            }
            if !move.failed("\(move.step) failed") { break }
        }
        return steps
    }

    @Test(
        arguments: [
            ([], [.stopping, .starting, .removing], .moved), ([.stopping], [.stopping, .restoring], .restored),
            ([.starting], [.stopping, .starting, .withdrawing, .restoring], .restored),
            ([.removing], [.stopping, .starting, .removing], .moved),
            ([.starting, .withdrawing], [.stopping, .starting, .withdrawing], .withdrawing),
            ([.stopping, .restoring], [.stopping, .restoring], .restoring),
        ] as [(Set<Move.Step>, [Move.Step], Move.Step)]
    )
    func stepsAfterFailures(_ failing: Set<Move.Step>, _ steps: [Move.Step], _ end: Move.Step) {
        var move = Move()
        #expect(run(&move, failing: failing) == steps)
        #expect(move.step == end && (move.trouble == nil) == failing.isEmpty)
    }

    @Test(
        arguments: [
            (.stopping, .restoring), (.starting, .withdrawing), (.removing, .withdrawing), (.moved, .withdrawing),
            (.withdrawing, .withdrawing), (.restoring, .restoring), (.restored, .restored),
        ] as [(Move.Step, Move.Step)]
    )
    func rollingBack(_ from: Move.Step, _ to: Move.Step) {
        var move = Move(step: from)
        move.rollBack()
        #expect(move.step == to && move.direction == .toPM2)
    }

    /// A world in which steps fail before and after they took effect, and the one who does them dies at any instant.
    private struct World {
        var isInPM2 = true
        var isInGopm = false
        var written = Move()

        mutating func take(_ step: Move.Step) {
            switch step {
            case .stopping: isInPM2 = false
            case .starting: isInGopm = true
            case .withdrawing: isInGopm = false
            case .restoring: isInPM2 = true
            case .removing, .moved, .restored: break
            }
        }
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func neverInBothAndInOneAtTheEnd(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var world = World()
        var turnedBack = false
        for _ in 0..<400 {
            var move = world.written
            if move.isOver {
                #expect(world.isInPM2 != world.isInGopm && world.isInGopm == (move.step == .moved), "seed \(seed)")
                if turnedBack { return }
                turnedBack = true
                move.rollBack()
                world.written = move
                continue
            }
            if random.chance(5) { move.rollBack() }
            // Written before it is done; turning back also waits until what was being done is done.
            if move.step != world.written.step, world.written.step == .stopping { world.take(.stopping) }
            world.written = move
            if random.chance(15) { continue }
            if random.chance(20) {
                if random.chance(50) { world.take(move.step) }
                _ = move.failed("no")
            } else {
                world.take(move.step)
                #expect(!(world.isInPM2 && world.isInGopm), "seed \(seed), \(move.step)")
                if random.chance(15) { continue }
                move.succeeded()
            }
            #expect(!(world.isInPM2 && world.isInGopm), "seed \(seed), \(move.step)")
            if !random.chance(10) { world.written = move }
        }
        Issue.record("seed \(seed) comes to no end")
    }
}

@Suite struct MigrationJournalTests {
    private func journal() throws -> MigrationJournal {
        let processes = Fixture.live
        let dump = try #require(PM2Dump(parsing: Fixture.bytes("dump.pm2")))
        var journal = MigrationJournal(pm2Home: "/srv/apps/home")
        for (index, plan) in PM2Import.plans(for: processes, at: site).enumerated() {
            let dumped = dump.elements(of: plan.processes)
            var entry = MigrationJournal.Entry(plan, dumped: dumped, keepsEntry: index % 2 == 0)
            entry.move = Move(step: Move.Step.allCases[index % 7], trouble: index == 3 ? "it said \"no\"\n" : nil)
            journal.entries.append(entry)
        }
        return journal
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let journal = try journal()
        let again = try MigrationJournal(parsing: journal.encoded, path: "j")
        #expect(again == journal)
        #expect(again.entries[3].processes.count == 2 && !again.entries[4].wantsUp && again.entries[5].isCrashLoop)
        #expect(again.entries[6].name == "cli-script" && again.entries[6].pm2Name == "cli script")
    }

    @Test func damageIsRefusedAndNeverCrashes() throws {
        let bytes = try journal().encoded
        var random = SeededGenerator(seed: 1)
        for text in ["", "{}", "[]", #"{"pm2_home":"/x","entries":[{}]}"#] {
            #expect(throws: PM2Error.self) { try MigrationJournal(parsing: Array(text.utf8), path: "j") }
        }
        for _ in 0..<60 {
            var damaged = bytes
            damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            _ = try? MigrationJournal(parsing: damaged, path: "j")
            #expect(throws: PM2Error.self) {
                try MigrationJournal(
                    parsing: Array(bytes.prefix(Int.random(in: 0..<bytes.count - 1, using: &random))),
                    path: "j"
                )
            }
        }
    }

    @Test func whatComesBackWhenStoppedIsNotKept() throws {
        let watched = try plan(["watch": ["src"]])
        #expect(!MigrationJournal.Entry(watched, dumped: [], keepsEntry: true).keepsEntry)
        #expect(MigrationJournal.Entry(watched, dumped: [], keepsEntry: true).mustLeaveToStop)
        #expect(try MigrationJournal.Entry(plan([:]), dumped: [], keepsEntry: true).keepsEntry)
        #expect(
            try MigrationJournal.Entry(plan(["cron_restart": "0 3 * * *"]), dumped: [], keepsEntry: false)
                .mustLeaveToStop
        )
    }
}
