import GopmJSON
import GopmMetrics
import GopmWire
import HTTPTypes
import HummingbirdCore

/// What `gopm metrics` prints, for a scrape; the same people may have it as all the rest.
struct MetricsEndpoint: Sendable {
    let daemon: DaemonCalls

    static let path = "/metrics"

    func answer(_ request: HummingbirdCore.Request) async -> HTTPAnswer {
        guard request.method == .get else {
            return .plain(.methodNotAllowed, "only GET is allowed", headers: [.allow: "GET"])
        }
        do throws(ToolFailure) {
            // A scrape must not bring back what gopm kill has ended.
            let data = try await daemon.call(.metrics, starts: false)
            guard let report = (try? JSONValue.parse(data)).flatMap({ MetricsReport($0) }) else {
                throw ToolFailure("the daemon sent no metrics")
            }
            return .whole(.ok, [.contentType: OpenMetrics.contentType], OpenMetrics.text(report))
        } catch {
            return .plain(.serviceUnavailable, error.message)
        }
    }
}
