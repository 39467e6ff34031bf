import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmScreen
import GopmSystem
import GopmTerminal
import GopmWire

#if canImport(Glibc)
    import Glibc
#endif

/// Runs the gui: waits for keys, the daemon, the log and time, feeds the model, does what it asks, draws it.
final class GuiShell {
    /// No more than 30 pictures a second; a key shows its effect in the next.
    private static let frameMilliseconds: Int64 = 33

    private let terminal: TerminalSession
    private let live: LiveConnection
    private let refresh: Int64
    private let colour = Terminal.wantsColour(1)
    private var model: GuiModel
    private var keys = KeyParser()
    private var log = LogTap()
    /// Requests under way, and the events that their answers become.
    private var pending: [Int: (Result<[UInt8], ClientError>) -> GuiModel.Event] = [:]
    private var shown: Screen?
    private var isDirty = true
    private var isOver = false
    private var nextTick: Int64
    private var lastFrame: Int64 = 0

    init(_ terminal: TerminalSession, _ live: LiveConnection, _ refresh: Duration) {
        self.terminal = terminal
        self.live = live
        self.refresh = refresh.wholeMilliseconds
        nextTick = Readiness.now + self.refresh
        model = GuiModel(
            size: terminal.size,
            now: Timestamp(nanoseconds: Clock.wall),
            clock: Readiness.now,
            place: .init(
                version: GopmVersion.text,
                abbreviate: { UserPath.abbreviated($0) },
                offset: { LocalTime.offset(at: $0) }
            )
        )
    }

    func run() {
        while !isOver {
            draw()
            // A log that stands still to be read, or that will be read at the next picture, wakes nobody.
            let logDescriptor = model.logs.isFollowing && !log.isDue ? log.descriptor : -1
            let descriptors = [terminal.keyDescriptor, terminal.signalDescriptor, live.descriptor, logDescriptor]
            let ready = Readiness.wait(for: descriptors, until: deadline) ?? []
            guard ready.count == descriptors.count else { break }
            if ready[0] { takeKeys() } else if keys.isWaiting { post(keys: keys.finish()) }
            if ready[1] { takeSignals() }
            takeMessages()
            if ready[3] { log.look() }
            tickIfDue()
        }
        terminal.leave()
    }

    private var deadline: Int64 {
        var times = [nextTick]
        if isDirty || (log.isDue && model.logs.isFollowing) { times.append(lastFrame + Self.frameMilliseconds) }
        if keys.isWaiting { times.append(Readiness.now + KeyParser.escapeTimeout) }
        if let retry = live.retryTime { times.append(retry) }
        return times.min() ?? nextTick
    }

    private func post(_ event: GuiModel.Event) {
        for effect in model.update(event) { perform(effect) }
    }
}

// MARK: - Drawing

extension GuiShell {
    /// Draws what changed, if the last picture is old enough.
    ///
    /// A log is read no more often than that, however fast it grows, and not at all while the pane stands still.
    private func draw() {
        let now = Readiness.now
        guard now - lastFrame >= Self.frameMilliseconds else { return }
        if model.logs.isFollowing, log.isDue {
            let (lines, replacing) = log.read()
            if !lines.isEmpty || replacing {
                post(.logLines(lines, replacing: replacing))
                isDirty = true
            }
        }
        guard isDirty else { return }
        isDirty = false
        lastFrame = now
        let screen = model.screen()
        let bytes = screen.update(from: shown, colour: colour)
        shown = screen
        if !terminal.write(bytes) { isOver = true }
    }
}

// MARK: - Input

extension GuiShell {
    private func takeKeys() {
        let bytes = terminal.readKeys()
        // The terminal is gone.
        if bytes.isEmpty { isOver = true }
        post(keys: keys.parse(bytes))
    }

    private func post(keys: [Key]) {
        for key in keys { post(.key(key)) }
        if !keys.isEmpty { isDirty = true }
    }

    private func takeSignals() {
        while let signal = terminal.nextSignal() {
            switch signal {
            case SIGWINCH:
                post(.resized(terminal.size))
                isDirty = true
            case SIGTSTP: suspend()
            default: terminal.end(bySignal: signal)
            }
        }
    }

    private func suspend() {
        terminal.suspend()
        (shown, isDirty) = (nil, true)
        post(.resized(terminal.size))
    }

    private func takeMessages() {
        // Many processes may change at once: they are taken in together.
        var events: [(name: String, data: [UInt8])] = []
        for message in live.receive() {
            if case .event(let name, let data) = message {
                events.append((name, data))
                // Samples wait for the next tick.
                if name != "samples" { isDirty = true }
                continue
            }
            if !events.isEmpty { post(.daemonEvents(events)) }
            events = []
            take(message)
            isDirty = true
        }
        if !events.isEmpty { post(.daemonEvents(events)) }
    }

    private func take(_ message: LiveConnection.Message) {
        switch message {
        case .list(let data): post(.list(data))
        case .ping(let data): post(.ping(data))
        case .answer(let id, let result):
            guard let event = pending.removeValue(forKey: id) else { return }
            post(event(result.mapError { ClientError(.refused($0.code), $0.message) }))
        case .lost:
            for event in pending.values { post(event(.failure(ClientError(.lost, "the daemon went away")))) }
            pending = [:]
            post(.daemonLost)
        case .connected, .event: break
        }
    }

    private func tickIfDue() {
        let now = Readiness.now
        guard now >= nextTick else { return }
        nextTick = max(nextTick + refresh, now + refresh / 2)
        post(.tick(now: Timestamp(nanoseconds: Clock.wall), clock: now))
        // A folder that is made later is found this way.
        log.look()
        isDirty = true
    }
}

// MARK: - Effects

extension GuiShell {
    private func perform(_ effect: GuiModel.Effect) {
        switch effect {
        case .quit: isOver = true
        case .suspend: suspend()
        case .openLog(let path): log = LogTap(path: path)
        case .list(let folder): post(.folder(folder, FolderNames.list(folder, home: UserPath.home)))
        case .perform(let action):
            let id = live.send(action.method) { $0.member("target", action.name) }
            expectAnswer(to: id) { result in .done(action, problem: result.problem) }
        case .requestHistory(let id, let name):
            let request = live.send(.stats) { json in
                json.member("target", name)
                json.member("hours", 1)
            }
            expectAnswer(to: request) { result in .history(id: id, StatsHistory(answer: (try? result.get()) ?? [])) }
        case .start(let line): start(line)
        }
    }

    private func start(_ line: String) {
        do throws(CommandFailure) {
            let request = try StartLine.request(line)
            expectAnswer(to: live.send(.start) { request.encodeMembers(into: &$0) }) { .started(StartLine.outcome($0)) }
        } catch {
            post(.started(.failure(.init(text: error.lines.first ?? "cannot start"))))
        }
    }

    /// Has the answer to a request become an event; `id` is nil when there is no daemon to ask.
    private func expectAnswer(
        to id: Int?,
        _ event: @escaping (Result<[UInt8], ClientError>) -> GuiModel.Event
    ) {
        if let id {
            pending[id] = event
        } else {
            post(event(.failure(ClientError(.unavailable, "the daemon is not running"))))
        }
    }
}

extension Result where Failure == ClientError {
    fileprivate var problem: String? {
        guard case .failure(let error) = self else { return nil }
        return error.description
    }
}
