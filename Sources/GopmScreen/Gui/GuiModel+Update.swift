import GopmJSON
package import GopmModel
package import GopmTerminal
package import GopmWire

extension GuiModel {
    /// What happened.
    package enum Event: Sendable {
        case key(Key)
        case resized(Terminal.Size)
        /// Time goes on; `clock` in milliseconds since boot.
        case tick(now: Timestamp, clock: Int64)
        case daemonLost
        case list([UInt8])
        case ping([UInt8])
        /// What subscribers were told, in its order: names and data.
        case daemonEvents([(name: String, data: [UInt8])])
        /// Lines of the log that was opened last; `replacing` if they follow on nothing that is held.
        case logLines([LogPane.Line], replacing: Bool)
        /// What came of an action, nil for success.
        case done(Action, problem: String?)
        /// What came of a start; the problem or what to say.
        case started(Result<String, StartProblem>)
        case history(id: Int, StatsHistory)
        /// The names in a folder, as ``Effect/list(folder:)`` asked.
        case folder(String, [String])
    }

    package struct StartProblem: Error, Sendable, Hashable {
        package var text: String

        package init(text: String) {
            self.text = text
        }
    }

    /// Something that is done to a process.
    package struct Action: Sendable, Hashable {
        package var method: Method
        package var name: String

        package init(_ method: Method, _ name: String) {
            self.method = method
            self.name = name
        }
    }

    /// What is to be done outside.
    package enum Effect: Sendable, Hashable {
        case perform(Action)
        /// Start what a line says that could stand after `gopm start`.
        case start(String)
        case requestHistory(id: Int, name: String)
        /// Show the end of this log and follow it; nil for none.
        case openLog(String?)
        /// List the folder, as it was typed.
        case list(folder: String)
        case quit
        /// Ctrl-Z.
        case suspend
    }

    /// Takes an event in.
    package mutating func update(_ event: Event) -> [Effect] {
        let effects = take(event)
        list.scroll(height: layout.listHeight)
        return effects
    }

    private mutating func take(_ event: Event) -> [Effect] {
        switch event {
        case .key(let key): return handle(key) + logChange()
        case .resized(let size): self.size = size
        case .tick(let now, let clock): tick(now, clock)
        case .daemonLost: daemon.isThere = false
        case .list(let data):
            feed.replace(with: data)
            daemon.isThere = true
            return processesChanged()
        case .ping(let data): takePing(data)
        case .daemonEvents(let events):
            for event in events where feed.apply(event: event.name, event.data) == .samples { noteSample() }
            return processesChanged()
        case .logLines(let lines, let replacing): logs.append(lines, replacing: replacing)
        case .done(let action, let problem):
            say(problem ?? "\(action.name): \(action.method.pastWord)", isError: problem != nil)
        case .started(.success(let text)):
            if case .start = overlay { overlay = nil }
            say(text)
        case .started(.failure(let problem)):
            guard case .start(var prompt) = overlay else { return say(problem.text, isError: true) }
            prompt.problem = problem.text
            overlay = .start(prompt)
        case .history(let id, let history):
            guard case .detail(var detail) = overlay, detail.id == id else { break }
            detail.samples = (history.processes.first?.samples ?? []) + detail.samples
            overlay = .detail(detail)
        case .folder(let folder, let names): complete(folder, names)
        }
        return []
    }

    private mutating func tick(_ now: Timestamp, _ clock: Int64) {
        (self.now, self.clock) = (now, clock)
        if let message, message.end <= clock { self.message = nil }
    }

    private mutating func takePing(_ data: [UInt8]) {
        guard let ping = try? JSONValue.parse(data) else { return }
        daemon.version = ping["version"]?.stringValue ?? ""
        daemon.pid = Int(clamping: ping["pid"]?.integerValue ?? 0)
        daemon.started = clock - (ping["uptime_ms"]?.integerValue ?? 0)
    }

    private mutating func processesChanged() -> [Effect] {
        list.update(feed.records)
        if case .detail(let detail) = overlay, !feed.records.contains(where: { $0.id == detail.id }) { overlay = nil }
        return logChange()
    }

    /// Opens the log of another selection or stream.
    mutating func logChange() -> [Effect] {
        let spec = showsLogs ? list.selected?.spec : nil
        let path = spec.map { logs.stream == .out ? $0.logOut : $0.logErr }
        guard path != openedLog else { return [] }
        openedLog = path
        logs.clear()
        return [.openLog(path)]
    }

    private mutating func noteSample() {
        guard case .detail(var detail) = overlay, let record = feed.records.first(where: { $0.id == detail.id }) else {
            return
        }
        detail.samples.append(
            StatsHistory.Sample(
                time: now.seconds,
                cpuPercent: record.cpuPercent,
                memory: Double(record.memory),
                restarts: Double(record.counters.restarts),
                uptime: Double(record.uptime(at: now).components.seconds),
                isOnline: record.state.status == "online"
            )
        )
        // Two hours of samples every two seconds.
        if detail.samples.count > 4000 { detail.samples.removeFirst(400) }
        overlay = .detail(detail)
    }

    @discardableResult
    mutating func say(_ text: String, isError: Bool = false) -> [Effect] {
        message = Message(text: text, isError: isError, end: clock + (isError ? 10_000 : 4_000))
        return []
    }

    private mutating func complete(_ folder: String, _ names: [String]) {
        guard case .start(var prompt) = overlay else { return }
        let completion = PathCompletion(prompt.line.head)
        // Typed on meanwhile.
        guard completion.folder == folder else { return }
        let result = completion.complete(names)
        let tail = prompt.line.text.dropFirst(prompt.line.head.count)
        prompt.line.replace(with: result.line + tail)
        for _ in tail { _ = prompt.line.edit(.left) }
        prompt.candidates = result.candidates
        prompt.problem = ""
        overlay = .start(prompt)
    }
}

extension Method {
    fileprivate var pastWord: String {
        switch self {
        case .stop: "stopped"
        case .restart: "restarted"
        case .delete: "deleted"
        case .flush: "logs emptied"
        default: "done"
        }
    }
}
