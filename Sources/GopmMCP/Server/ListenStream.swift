import GopmJSON

/// `subscriptions/listen`: a request whose answer is a stream of changes, until either side ends it.
package actor ListenStream {
    private let id: JSONValue
    private let revision: Revision
    private let queue: ChangeQueue
    private let feed: ChangeFeed
    private let uris: [String]
    private let wantsList: Bool
    private var listener: Int?

    private static let idKey = "io.modelcontextprotocol/subscriptionId"
    /// Names that one client may subscribe to.
    private static let limit = 1000

    package init(_ request: RPCRequest, _ revision: Revision, feed: ChangeFeed) throws(RPCError) {
        guard let wanted = request.params["notifications"]?.objectValue else {
            throw RPCError(.invalidParameters, "params.notifications is missing or not an object")
        }
        let names = wanted["resourceSubscriptions"]?.arrayValue ?? []
        guard names.count <= ListenStream.limit else {
            throw RPCError(.invalidParameters, "at most \(ListenStream.limit) resourceSubscriptions are allowed")
        }
        id = request.id
        self.revision = revision
        self.feed = feed
        // What is not honoured is left out of the acknowledgement: lists that never change, logs, what is no resource.
        uris = names.compactMap(\.stringValue).filter { ResourceURI($0)?.isWatchable == true }
        wantsList = wanted["resourcesListChanged"]?.boolValue ?? false
        queue = ChangeQueue(uris: Set(uris), wantsList: wantsList)
    }

    /// Has the stream end with its result.
    package nonisolated func close() { queue.close() }

    /// The acknowledgement, then every change.
    package func next() async -> StreamEvent {
        if listener == nil {
            listener = await feed.listen { [queue] in queue.push($0) }
            return .messages([acknowledgement])
        }
        switch await queue.next(within: StreamEvent.keepAlive) {
        case .changes(let uris, let isListChanged):
            return .messages(ChangeMessages.encode(uris, isListChanged, meta: [(ListenStream.idKey, id)]))
        case .nothing: return .alive
        case .closed:
            let result = ResultText.encode(revision, meta: [(ListenStream.idKey, id)]) { _ in }
            return .end(RPCText.result(result, to: id))
        }
    }

    /// Called when nobody reads it any more.
    package func stop() {
        if let listener { feed.stop(listener) }
    }

    private var acknowledgement: [UInt8] {
        RPCText.notification("notifications/subscriptions/acknowledged") { json in
            json.member("notifications") { json in
                json.object { json in
                    if wantsList { json.member("resourcesListChanged", true) }
                    if !uris.isEmpty { json.member("resourceSubscriptions", uris) }
                }
            }
            json.member("_meta") { json in json.object { $0.member(ListenStream.idKey, id) } }
        }
    }
}

/// Changes as notifications, the same in both eras but for what they are marked with.
enum ChangeMessages {
    static func encode(_ uris: [String], _ isListChanged: Bool, meta: [(String, JSONValue)] = []) -> [[UInt8]] {
        func write(_ json: inout JSONWriter) {
            guard !meta.isEmpty else { return }
            json.member("_meta") { json in json.object { json in for (key, value) in meta { json.member(key, value) } }
            }
        }
        var messages = uris.map { uri in
            RPCText.notification("notifications/resources/updated") { json in
                json.member("uri", uri)
                write(&json)
            }
        }
        if isListChanged {
            messages.append(RPCText.notification("notifications/resources/list_changed") { write(&$0) })
        }
        return messages
    }
}
