package import GopmClient
package import GopmJSON
import GopmModel
package import GopmSystem
package import GopmWire

/// Asks gopmd, starting it if it does not run; each call on a connection of its own.
///
/// A connection that is kept would be closed by gopmd when idle, and a call that changes something must not be sent twice
/// to find that out. A new one costs some 0.1 ms, and after a restart of gopmd there is nothing to mend.
package struct DaemonCalls: Sendable {
    private let access: DaemonAccess
    package let work = BlockingWork()
    /// For what waits for processes: however many stop slowly, there is a thread for those who only look.
    private let slowWork = BlockingWork()

    package var home: Home { access.home }

    /// Seconds for answers that wait for processes: kill timeouts are usually seconds, and may be minutes.
    private static let slowLimit = 600

    package init(access: DaemonAccess) {
        self.access = access
    }

    /// Asks, and returns the answer's data as JSON text.
    ///
    /// `client`: Who wants it, for the daemon's log. `starts`: Whether a daemon that does not run is started.
    package func call(
        _ method: Method,
        client: String? = nil,
        starts: Bool = true,
        _ params: @Sendable @escaping (inout JSONWriter) -> Void = { _ in }
    ) async throws(ToolFailure) -> [UInt8] {
        let access = access
        let lane = method.changesNothing ? work : slowWork
        let result = await lane.run {
            Result { () throws(ClientError) in
                let connection = starts ? try access.connectStarting().connection : try access.connect()
                connection.client = client
                if !method.changesNothing { connection.setTimeout(seconds: DaemonCalls.slowLimit) }
                return try connection.call(method, params)
            }
        }
        do {
            return try result.get()
        } catch {
            throw ToolFailure(error.description)
        }
    }

    /// The answer's data as a value.
    package func value(
        _ method: Method,
        client: String? = nil,
        _ params: @Sendable @escaping (inout JSONWriter) -> Void = { _ in }
    ) async throws(ToolFailure) -> JSONValue {
        let data = try await call(method, client: client, params)
        guard let value = try? JSONValue.parse(data) else { throw ToolFailure("the daemon sent no JSON") }
        return value
    }

    /// Every process, or the one of a name or id.
    func records(_ target: String? = nil) async throws(ToolFailure) -> [ProcessRecord] {
        let value: JSONValue
        if let target {
            value = try await self.value(.describe) { $0.member("target", target) }
        } else {
            value = try await self.value(.list)
        }
        return (value.arrayValue ?? [value]).compactMap { value in
            value.objectValue.map { object in
                var fields = FieldReader(object)
                return ProcessRecord(from: &fields)
            }
        }
    }

    /// The one process of a name or id.
    func record(_ target: String) async throws(ToolFailure) -> ProcessRecord {
        guard let record = try await records(target).first else {
            throw ToolFailure("process \"\(target)\" not found")
        }
        return record
    }
}
