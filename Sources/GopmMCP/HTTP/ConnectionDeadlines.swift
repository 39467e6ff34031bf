/// How long a connection may be in the state it is in, as a value: a client that sends slowly, or does not read, must not
/// hold a place for ever.
package struct ConnectionDeadlines: Sendable, Hashable {
    package enum Event: Sendable, Hashable {
        case requestHead, requestEnd, responseEnd
        case writable(Bool)
    }

    /// From the connection to the end of the first request's headers.
    package static let head = Duration.seconds(10)
    /// From the headers to the end of the body.
    package static let body = Duration.seconds(10)
    /// Between two requests.
    package static let idle = Duration.seconds(75)
    /// With an answer that the client does not take.
    package static let stuck = Duration.seconds(30)

    private var isReading = false
    private var answersDue = 0
    private var hasAnswered = false
    private var isWritable = true

    package init() {}

    package mutating func note(_ event: Event) {
        switch event {
        case .requestHead:
            isReading = true
            answersDue += 1
        case .requestEnd: isReading = false
        case .responseEnd:
            answersDue -= 1
            hasAnswered = true
        case .writable(let isWritable): self.isWritable = isWritable
        }
    }

    /// How long the present state may last; nil while the client waits for us.
    package var limit: Duration? {
        if isReading { return ConnectionDeadlines.body }
        if !isWritable { return ConnectionDeadlines.stuck }
        if answersDue > 0 { return nil }
        return hasAnswered ? ConnectionDeadlines.idle : ConnectionDeadlines.head
    }
}
