import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Watches one connection: closes it when a deadline has passed, and remembers whose it is.
///
/// All of it is used on the connection's event loop only.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Whether the other end belongs to this user or root; found out at the first request, as it costs a look through
    /// the kernel's table of connections.
    var isOfThisUser: Bool?

    private var isClientGone = false
    private var closesAfterAnswer = false
    private var deadlines = ConnectionDeadlines()
    private var armed: Duration?
    private var timer: Scheduled<Void>?

    func handlerAdded(context: ChannelHandlerContext) { arm(context) }

    /// Called once when the client has closed its side, at once if it has already.
    var whenClientGoes: (@Sendable () -> Void)? {
        didSet { if isClientGone { tellClientIsGone() } }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        tellClientIsGone()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { tellClientIsGone() }
        context.fireUserInboundEventTriggered(event)
    }

    private func tellClientIsGone() {
        isClientGone = true
        guard let tell = whenClientGoes else { return }
        whenClientGoes = nil
        tell()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: note(.requestHead, context)
        case .end: note(.requestEnd, context)
        case .body: break
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): closesAfterAnswer = head.headerFields[.connection] == "close"
        case .body: break
        case .end:
            note(.responseEnd, context)
            guard closesAfterAnswer else { break }
            let end = promise ?? context.eventLoop.makePromise()
            let channel = context.channel
            end.futureResult.whenComplete { _ in channel.close(promise: nil) }
            return context.write(data, promise: end)
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        note(.writable(context.channel.isWritable), context)
        context.fireChannelWritabilityChanged()
    }

    private func note(_ event: ConnectionDeadlines.Event, _ context: ChannelHandlerContext) {
        deadlines.note(event)
        arm(context)
    }

    /// A state's time runs from its beginning, whatever comes meanwhile: a byte now and then gains nothing.
    private func arm(_ context: ChannelHandlerContext) {
        guard deadlines.limit != armed || timer == nil else { return }
        timer?.cancel()
        timer = nil
        armed = deadlines.limit
        guard let limit = armed else { return }
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: TimeAmount(limit)) { channel.close(promise: nil) }
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
