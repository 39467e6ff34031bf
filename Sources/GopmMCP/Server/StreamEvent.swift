/// What comes next on a stream of messages to a client.
package enum StreamEvent: Sendable, Hashable {
    case messages([[UInt8]])
    /// Nothing, but the stream is still there.
    case alive
    /// The end, with a last message if there is one.
    case end([UInt8]?)

    /// Between signs of life, so that nobody on the way takes a stream for dead.
    static let keepAlive = Duration.seconds(15)
}
