import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmScreen
import GopmSystem
import GopmTerminal

#if canImport(Glibc)
    import Glibc
#endif

/// One run of `gopm watch`: the daemon tells what changes, a tick shows it.
struct WatchSession {
    private let live: LiveConnection
    private let target: String
    private let interval: Int64
    private let end: Int64?
    private var feed = ProcessFeed()
    private var view = WatchView()
    private var nextTick = Readiness.now
    private var daemonVersion: String?

    init(_ live: LiveConnection, target: String, interval: Int, timeout: Int, ports: Bool) {
        self.live = live
        self.target = target
        self.interval = Int64(interval) * 1000
        end = timeout == 0 ? nil : Readiness.now + Int64(timeout) * 1000
        view.showsPorts = ports
    }

    /// Waits for the list, and for a name to be in it: afterwards a terminal may be changed.
    mutating func waitForList() throws(CommandFailure) {
        let deadline = Readiness.now + 30_000
        while !feed.isKnown {
            guard Readiness.now < deadline else { throw CommandFailure("the daemon does not answer") }
            _ = Readiness.wait(for: [live.descriptor], until: min(deadline, live.retryTime ?? deadline))
            _ = take()
        }
        if target != "all", feed.selected(by: target).isEmpty {
            throw CommandFailure("process \"\(target)\" not found")
        }
    }

    mutating func run(json: Bool) throws(CommandFailure) {
        if json {
            return try runPlain { session in ProcessFeed.encoded(session.feed.selected(by: session.target)) }
        }
        do throws(TerminalSession.Failure) {
            try runOnScreen(TerminalSession(.viewer))
        } catch {
            var isFirst = true
            try runPlain { session in
                defer { isFirst = false }
                return (isFirst ? [] : [UInt8(ascii: "\n")]) + session.table()
            }
        }
    }

    /// Takes what the daemon said; returns whether it went away or came back.
    private mutating func take() -> Bool {
        var isOtherDaemon = false
        for message in live.receive() {
            switch message {
            case .list(let data):
                feed.replace(with: data)
                isOtherDaemon = true
            case .event(let name, let data): _ = feed.apply(event: name, data)
            case .ping(let data): daemonVersion = (try? JSONValue.parse(data))?["version"]?.stringValue
            case .lost: isOtherDaemon = true
            case .connected, .answer: break
            }
        }
        return isOtherDaemon
    }

    /// The earliest of the times at which something is due.
    private func nextTime(_ other: Int64? = nil) -> Int64 {
        [nextTick, live.retryTime, end, other].compactMap { $0 }.min() ?? nextTick
    }

    private var isOver: Bool { end.map { Readiness.now >= $0 } ?? false }

    /// Whether a tick is due; the next one follows after the interval, or from now on if some were missed.
    private mutating func isTick() -> Bool {
        let now = Readiness.now
        guard now >= nextTick else { return false }
        nextTick = nextTick + interval > now ? nextTick + interval : now + interval
        return true
    }
}

// MARK: - Lines into a pipe

extension WatchSession {
    /// Writes what `body` gives at each tick, while there is a daemon, until nobody reads it.
    private mutating func runPlain(_ body: (inout WatchSession) -> [UInt8]) throws(CommandFailure) {
        var writer = OutputWriter(descriptor: 1)
        while true {
            if isTick(), live.isConnected {
                writer.append(body(&self))
                switch writer.flush() {
                case .open: break
                case .readerGone: return
                case .failed: throw CommandFailure("cannot write to standard output")
                }
            }
            if isOver { return }
            guard Readiness.wait(for: [live.descriptor], orEndOf: 1, until: nextTime()) != nil else { return }
            _ = take()
        }
    }

    private mutating func table() -> [UInt8] {
        prepareView()
        return view.records.isEmpty ? Array("no processes\n".utf8) : view.table.rendered(for: 1)
    }

    private mutating func prepareView() {
        view.records = feed.selected(by: target).map(\.record)
        view.now = Timestamp(nanoseconds: Clock.wall)
        if !live.isConnected {
            view.note = StyledLine("the daemon is not running; waiting for it", .red)
        } else {
            view.note = VersionWarning.text(daemonVersion: daemonVersion).map { StyledLine($0, .red) }
        }
    }
}

// MARK: - On a terminal

extension WatchSession {
    private mutating func runOnScreen(_ terminal: TerminalSession) {
        let colour = Terminal.wantsColour(1)
        var keys = KeyParser()
        var shown: Screen?
        var isDirty = true
        while !isOver {
            // In this order: a tick counts whether or not something else is to be drawn.
            if isTick() || isDirty {
                prepareView()
                let screen = view.screen(terminal.size, colour: colour)
                guard terminal.write(screen.update(from: shown, colour: colour)) else { return }
                shown = screen
                isDirty = false
            }
            let escape = keys.isWaiting ? Readiness.now + KeyParser.escapeTimeout : nil
            let descriptors = [live.descriptor, terminal.keyDescriptor, terminal.signalDescriptor]
            let ready = Readiness.wait(for: descriptors, until: nextTime(escape)) ?? []
            if take() { isDirty = true }
            if ready.count == 3, ready[1] {
                let bytes = terminal.readKeys()
                if bytes.isEmpty || handle(keys.parse(bytes), terminal, &isDirty) { break }
            } else if keys.isWaiting {
                _ = keys.finish()
            }
            while let signal = terminal.nextSignal() {
                switch signal {
                case SIGWINCH: isDirty = true
                case SIGTSTP:
                    terminal.suspend()
                    (shown, isDirty) = (nil, true)
                case SIGINT:
                    leave(terminal)
                    terminal.end(bySignal: signal)
                default: terminal.end(bySignal: signal)
                }
            }
        }
        leave(terminal)
    }

    /// Returns whether that was the key to end.
    private mutating func handle(_ typed: [Key], _ terminal: TerminalSession, _ isDirty: inout Bool) -> Bool {
        for key in typed {
            if key == .character("q") || key == .control("d") { return true }
            if view.scroll(key, size: terminal.size) { isDirty = true }
        }
        return false
    }

    /// What was seen last stays in the shell's window.
    private mutating func leave(_ terminal: TerminalSession) {
        terminal.leave()
        _ = terminal.write(table())
    }
}
