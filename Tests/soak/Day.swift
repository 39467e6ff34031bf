import Glibc
import GopmJSON
import GopmTestSupport

/// What a small server's day brings, at a higher pace: samples, connections, crashes, rotations, restarts.
///
/// What gopmd holds in the evening is what it held in the morning: memory of its own, descriptors, threads.
struct Day {
    let daemon: DaemonFixture
    let duration: Duration

    /// A whole day's work takes so long; a shorter run does as much less of it.
    static let wholeDay = Duration.seconds(600)
    /// 42,857 samples in that time; a day has 43,200, one every two seconds.
    static let sampleInterval = "14ms"

    /// A crash a minute, a connection a second, a stop and a start every five minutes of a day.
    private static let crashesPerSecond = 2.4
    private static let connectionsPerSecond = 144.0
    private static let restartsPerSecond = 0.48
    /// KiB by which memory may differ: the heap's holes are not always the same.
    private static let mostGrowth = 512
    private static let logSize = 65_536

    /// - Returns: What was done and held, in lines.
    func run() throws -> [String] {
        for index in 0..<10 {
            let flags = ["--name", "p\(index)", "--restart-delay", "0s", "--max-log-size", "\(Day.logSize)"]
            let arguments = index < 2 ? ["--rate", "1000", "--lines", "1000000000"] : ["--run-forever"]
            try daemon.run(["start", Programs.testapp] + flags + ["--"] + arguments).check()
        }
        guard let pid = daemon.daemonPID else { throw TestFailure("no daemon") }
        // What is bought once (rotated files, tables that have grown) is not what a day adds.
        _ = try work(for: max(duration / 10, .seconds(5)))
        let morning = quietHoldings(of: pid)
        let done = try work(for: duration)
        let evening = quietHoldings(of: pid)
        guard daemon.daemonPID == pid else { throw TestFailure("another gopmd is there: \(daemon.daemonPID ?? 0)") }
        let lines = ["day: \(done)", "morning: \(morning.text)", "evening: \(evening.text)"]
        guard evening.descriptors == morning.descriptors, evening.threads == morning.threads,
            evening.privateKiB <= morning.privateKiB + Day.mostGrowth
        else {
            let details = [morning, evening].map { "\($0.descriptors)" }
            throw TestFailure("not as it began:\n\((lines + details).joined(separator: "\n"))")
        }
        return lines
    }

    /// - Returns: How much was done.
    private func work(for duration: Duration) throws -> String {
        let (begin, deadline) = (Deadline.now, Deadline(duration))
        var (crashes, connections, restarts) = (0, 0, 0)
        func isDue(_ done: Int, _ perSecond: Double) -> Bool {
            Double(done) < Double(Deadline.now - begin) / 1e9 * perSecond
        }
        while !deadline.hasPassed {
            if isDue(connections, Day.connectionsPerSecond) {
                let client = try RawClient(daemon)
                try client.send("{\"method\":\"list\"}\n")
                _ = try client.reply()
                connections += 1
            } else if isDue(crashes, Day.crashesPerSecond) {
                // The two that write are left alone: how much they have written tells of rotations.
                kill(try daemon.pid("p\(2 + crashes % 7)"), SIGKILL)
                crashes += 1
            } else if isDue(restarts, Day.restartsPerSecond) {
                try daemon.run("stop", "p9").check()
                try daemon.run("start", "p9").check()
                restarts += 1
            } else {
                // The pace is what a day is made of.
                pause(.milliseconds(1))
            }
        }
        let rotations = try writtenBytes() / Day.logSize
        return "\(connections) connections, \(crashes) crashes, \(restarts) stops and starts, "
            + "\(rotations) rotations since the start, a sample every \(Day.sampleInterval)"
    }

    /// Of the two that write: the number of the last line, which begins at 0 and is 130 bytes long with its stamp.
    private func writtenBytes() throws -> Int {
        ["p0", "p1"].reduce(0) { sum, name in
            sum + (daemon.log(name).last { $0.hasPrefix("0") }.flatMap { Int($0.prefix(10)) } ?? 0) * 130
        }
    }

    /// What gopmd holds when nothing changes any more.
    private func quietHoldings(of pid: pid_t) -> Holdings {
        _ = eventually { (try? daemon.list().allSatisfy { $0.text("state") == "running" }) == true }
        var last = Holdings(of: pid)
        _ = firstValue {
            pause(.milliseconds(300))  // longer than the daemon takes to give memory back after the last start
            let now = Holdings(of: pid)
            defer { last = now }
            return now.descriptors == last.descriptors && now.privateKiB == last.privateKiB ? now : nil
        }
        return last
    }
}
