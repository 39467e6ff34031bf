import GopmMetrics
import GopmModel
import GopmSystem
import Logging

/// Sends all numbers to Telegraf, or whoever reads InfluxDB line protocol, after each regular sample.
///
/// What is sent is made as it is sent, a datagram at a time, so hundreds of programs need no large buffer. A few
/// datagrams go at once and the rest in steps, as a receiver that is busy for a moment has room for some 200 KB. When
/// nobody listens only the first datagram is made.
@SupervisorActor
final class Telemetry {
    private let supervisor: Supervisor
    private let daemon: DaemonInfo
    private let logger: Logger
    private let endpoint: Endpoint
    private let maxDatagram: Int?
    private let protocolText: LineProtocol
    /// `nil` until the receiver's name is looked up.
    private var sender: UDPSender?
    private var isUnknown = false
    private lazy var lookUpAgain = LoopTimer { [unowned self] in lookUp() }
    private var round: Round?
    private lazy var step = LoopTimer { [unowned self] in sendSome() }

    /// Bytes that go at once, and the pause after them: 3 MB a second.
    private static let burst = 32 << 10
    private static let pause = Duration.milliseconds(10)
    private static let lookUpPause = Duration.seconds(30)

    /// What is still to be sent of one moment.
    private struct Round {
        var collector: MetricsCollector
        var time: Int64
        var batch: LineBatch
        /// Ids in rising order; those from `next` on are still to come.
        var ids: [Int]
        var next = 0
        var waiting: [UInt8]?
    }

    /// - Returns: `nil` for a config that was not checked.
    init?(_ config: Config.Telegraf, _ supervisor: Supervisor, _ daemon: DaemonInfo, _ logger: Logger) {
        guard let endpoint = Endpoint(config.udp) else { return nil }
        self.endpoint = endpoint
        self.supervisor = supervisor
        self.daemon = daemon
        self.logger = logger
        maxDatagram = config.maxDatagram
        protocolText = LineProtocol(measurement: config.measurement, host: MetricsCollector.host)
        sender = try? UDPSender(endpoint, looksUp: false)
        if sender == nil { lookUp() }
    }

    /// Names are looked up once, and again as long as there is no answer.
    private func lookUp() {
        SupervisorActor.task { [self] in
            switch await UDPSender.lookUp(endpoint) {
            case .success(let sender):
                self.sender = sender
                logger.info("telemetry begins", metadata: ["receiver": "\(endpoint)"])
            case .failure(let error):
                if !isUnknown { logger.error("no telemetry yet", metadata: ["error": "\(error)"]) }
                isUnknown = true
                lookUpAgain.arm(after: Telemetry.lookUpPause)
            }
        }
    }

    /// To be called after each regular sample.
    ///
    /// What is left of the round before is dropped: it would only be late.
    func emit() {
        guard let sender else { return }
        let wasRefused = sender.isRefused()
        var round = Round(
            collector: MetricsCollector(supervisor, daemon),
            time: Clock.wall,
            batch: LineBatch(limit: maxDatagram ?? (sender.isLoopback ? 8192 : 1400)),
            ids: supervisor.processes.map(\.id)
        )
        // The daemon's own lines come first: they find out whether anybody listens.
        let full = round.batch.add { protocolText.append(round.collector.daemonMetrics(), time: round.time, to: &$0) }
        if let full { _ = sender.send(full) }
        for (method, calls) in round.collector.requests() {
            let full = round.batch.add { protocolText.append(calls: calls, of: method, time: round.time, to: &$0) }
            if let full { _ = sender.send(full) }
        }
        if let rest = round.batch.takeRest() { _ = sender.send(rest) }
        guard !wasRefused, !sender.isRefused() else {
            self.round = nil
            return
        }
        self.round = round
        sendSome()
    }

    private func sendSome() {
        guard let sender, var round else { return }
        self.round = nil
        var left = Telemetry.burst
        while left > 0 {
            guard let datagram = nextDatagram(of: &round) else { return }
            guard sender.send(datagram) == .sent else {
                round.waiting = datagram
                break
            }
            left -= datagram.count
        }
        self.round = round
        step.arm(after: Telemetry.pause)
    }

    private func nextDatagram(of round: inout Round) -> [UInt8]? {
        if let waiting = round.waiting {
            round.waiting = nil
            return waiting
        }
        while round.next < round.ids.count {
            let process = supervisor.process(withID: round.ids[round.next])
            round.next += 1
            guard let process else { continue }
            let metrics = round.collector.metrics(of: process)
            if let full = round.batch.add({ protocolText.append(metrics, time: round.time, to: &$0) }) { return full }
        }
        return round.batch.takeRest()
    }
}
