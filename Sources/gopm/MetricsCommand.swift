import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmMetrics
import GopmTerminal
import GopmWire

struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "metrics",
        abstract: "Print all numbers of the telemetry as OpenMetrics text.",
        discussion: """
            For node_exporter's textfile collector, from a timer:

              gopm metrics >gopm.prom.new && mv gopm.prom.new gopm.prom

            It starts no daemon: a timer must not bring back what gopm kill has ended.
            """
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let connection = try global.connectToRunning()
        let data = try reporting { () throws(ClientError) in try connection.call(.metrics) }
        if global.json { return Console.json(data) }
        guard let report = (try? JSONValue.parse(data)).flatMap({ MetricsReport($0) }) else {
            throw CommandFailure("the daemon sent no metrics")
        }
        Console.text(OpenMetrics.text(report))
    }
}
