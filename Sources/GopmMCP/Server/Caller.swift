package import GopmJSON

/// Who asks, and how to tell them something before the answer.
package struct Caller: Sendable {
    package var revision: Revision
    /// How the client calls itself.
    package var client: String
    /// Sends a notification that belongs to this request; nil where nothing but the answer can be sent.
    package var notify: (@Sendable ([UInt8]) async -> Void)?
    /// The client's name for this request's progress; nil if it wants none.
    var progressToken: JSONValue?

    package init(
        revision: Revision,
        client: String,
        progressToken: JSONValue? = nil,
        notify: (@Sendable ([UInt8]) async -> Void)? = nil
    ) {
        self.revision = revision
        self.client = client
        self.progressToken = progressToken
        self.notify = notify
    }

    /// Reports how far a request has come.
    package func report(_ progress: Double, of total: Double? = nil, _ message: String) async {
        guard let token = progressToken, let notify else { return }
        let text = RPCText.notification("notifications/progress") { json in
            json.member("progressToken", token)
            json.member("progress", progress)
            if let total { json.member("total", total) }
            // Messages came with 2025-03-26; earlier clients ignore them.
            json.member("message", message)
        }
        await notify(text)
    }

    /// Reports every second, while `body` runs, that it still does.
    func reportingTime<Value: Sendable>(
        _ what: String,
        _ body: @Sendable @escaping () async -> Value
    ) async -> Value {
        guard progressToken != nil, notify != nil else { return await body() }
        let reporter = Task {
            var seconds = 0
            while !Task.isCancelled {
                await report(Double(seconds), seconds == 0 ? what : "\(what): \(seconds)s")
                // Seconds are what is reported; the end of `body` cancels it.
                try? await Task.sleep(for: .seconds(1))
                seconds += 1
            }
        }
        let value = await body()
        reporter.cancel()
        // No report may come after the answer.
        await reporter.value
        return value
    }
}
