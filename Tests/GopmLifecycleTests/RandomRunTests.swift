import GopmLifecycle
import SeededRandom
import Testing

@Suite struct RandomRunTests {
    /// Fixed seeds and a few new ones each run; a failure names the seed.
    private static let seeds = (1...200).map { UInt64($0) } + (0..<5).map { _ in UInt64.random(in: .min ... .max) }

    @Test(arguments: seeds)
    func machineKeepsTheRules(seed: UInt64) {
        var world = ModelWorld(seed: seed)
        for _ in 0..<500 where world.problem == nil { world.step() }
        if world.problem == nil { world.settle() }
        if let problem = world.problem {
            Issue.record("seed \(seed): \(problem)\n\(world.history)")
        }
    }

    /// The runs are worth something only if they come everywhere.
    @Test func runsReachEveryState() {
        var seen: Set<String> = []
        var lives = 0
        for seed in 1...UInt64(20) {
            var world = ModelWorld(seed: seed)
            for _ in 0..<500 {
                world.step()
                seen.insert(kind(of: world.machine.state))
            }
            lives += world.machine.generation
        }
        let all = [
            "stopped", "errored", "starting", "running", "stopping", "clearing stopped", "clearing finished",
            "clearing errored", "clearing startAgain", "waiting", "waiting cleared", "waiting due",
        ]
        #expect(seen == Set(all))
        #expect(lives > 200)
    }

    private func kind(of state: State) -> String {
        switch state {
        case .stopped: "stopped"
        case .errored: "errored"
        case .starting: "starting"
        case .running: "running"
        case .stopping: "stopping"
        case .clearing(_, let settlement): "clearing \(settlement)"
        case .waiting(_, let isDelayOver, let isCleared):
            "waiting\(isDelayOver ? " due" : "")\(isCleared ? " cleared" : "")"
        }
    }
}
