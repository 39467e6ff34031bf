import GopmCommandLine
import GopmJSON
import GopmMigration
import GopmModel
import GopmTerminal

/// Tells what is done while it is done, or at the end as JSON.
final class Report {
    /// What became of one process.
    struct Outcome {
        var plan: ImportPlan?
        var name = ""
        var pm2Name = ""
        var id: Int?
        var step: Move.Step?
        /// Why it is not where it was to go; what is left to be done, if it is.
        var failure: String?

        init(plan: ImportPlan, failure: String? = nil) {
            self.plan = plan
            name = plan.name
            pm2Name = plan.first.name
            self.failure = failure
        }

        init(_ entry: MigrationJournal.Entry) {
            name = entry.name
            pm2Name = entry.pm2Name
        }
    }

    private let isJSON: Bool
    private let goesBack: Bool
    private var outcomes: [Outcome] = []

    init(isJSON: Bool, goesBack: Bool = false) {
        self.isJSON = isJSON
        self.goesBack = goesBack
    }

    // MARK: - One process

    func found(_ count: Int, in source: String) {
        say("Found \(count) PM2 process(es)" + (source == "PM2" ? "" : " in \(DisplayText.sanitized(source))"))
    }

    func begin(_ plan: ImportPlan, _ number: Int, of count: Int) {
        outcomes.append(Outcome(plan: plan))
        guard !isJSON else { return }
        Report.heading("[\(number)/\(count)] \(plan.first.name) (\(Report.origin(of: plan)))")
        for field in PlanText.fields(of: plan) { say("  \(field.name): \(DisplayText.sanitized(field.value))") }
        Report.remarks(plan)
    }

    func begin(_ entry: MigrationJournal.Entry, _ number: Int, of count: Int) {
        outcomes.append(Outcome(entry))
        if !isJSON { Report.heading("[\(number)/\(count)] \(entry.name)") }
    }

    func resume(_ entry: MigrationJournal.Entry) {
        outcomes.append(Outcome(entry))
        if !isJSON {
            Report.heading("\(entry.name), which an earlier run left half done (\(entry.move.step.rawValue))")
        }
    }

    func refuse(_ obstacle: String) {
        outcomes[outcomes.count - 1].failure = obstacle
        say(Console.styled("→ Not moved: ", .red) + DisplayText.sanitized(obstacle))
    }

    func event(_ event: Migration.Event) {
        if case .succeeded(_, let id?) = event { outcomes[outcomes.count - 1].id = id }
        guard !isJSON else { return }
        switch event {
        case .began(let step) where isIdle(step), .succeeded(let step, _) where isIdle(step): break
        case .began(let step): Report.write("→ \(Report.words(for: step))... ")
        case .succeeded(_, let id):
            Report.write(Console.styled("OK", .green) + (id.map { " (id=\($0))" } ?? "") + "\n")
        case .failed(_, let reason):
            Report.write(Console.styled("FAILED", .red) + ": \(DisplayText.sanitized(reason))\n")
        }
    }

    /// Whether nothing is done in this step, as the process comes from a file and never was in PM2.
    private func isIdle(_ step: Move.Step) -> Bool {
        outcomes.last?.plan?.first.origin == .file && [.stopping, .removing].contains(step)
    }

    func finish(_ entry: MigrationJournal.Entry) {
        let index = outcomes.count - 1
        outcomes[index].step = entry.move.step
        outcomes[index].failure = entry.move.trouble
        guard !isJSON else { return }
        switch entry.move.step {
        case .restored where !goesBack: say("  not moved: it is in PM2 as before")
        case .moved, .restored: break
        case .stopping, .starting, .removing, .withdrawing, .restoring:
            say(Console.styled("  half done", .red) + ": gopm pm2 goes on with it, gopm pm2 --rollback undoes it")
        }
    }

    // MARK: - All of them

    /// - Returns: Whether all are where they were to go, and all else `wasFine`, too.
    func end(_ wasFine: Bool, pm2: PM2Side?) -> Bool {
        let wanted: Move.Step = goesBack ? .restored : .moved
        let done = outcomes.count { $0.step == wanted }
        if isJSON {
            Report.json(outcomes, isDry: false)
        } else {
            say("Summary: \(goesBack ? "put back" : "imported") \(done)/\(outcomes.count) processes")
            if done > 0, !goesBack { say("To put them back: gopm pm2 --rollback") }
            if let pm2, done == outcomes.count, (try? pm2.isRunning()) == true, (try? pm2.list())?.isEmpty == true {
                say("PM2 has nothing left; to be rid of it: pm2 unstartup && pm2 kill")
            }
        }
        return wasFine && done == outcomes.count
    }

    static func preview(_ plan: ImportPlan, obstacle: String?) {
        Console.out(Console.styled("━━━ \(DisplayText.sanitized(plan.first.name))", .bold))
        var json = JSONWriter()
        plan.request.encode(into: &json, includesDefaults: true)
        Console.json(json.bytes)
        if !plan.wantsUp { note("stopped in PM2: it is taken over stopped") }
        remarks(plan)
        if let obstacle { Console.out(Console.styled("  cannot be moved: ", .red) + DisplayText.sanitized(obstacle)) }
    }

    static func json(_ outcomes: [Outcome], isDry: Bool) {
        Console.json { json in
            json.array { json in for outcome in outcomes { outcome.encode(into: &json, isDry: isDry) } }
        }
    }

    static func note(_ text: String) {
        Console.out(Console.styled("  ! ", .yellow) + DisplayText.sanitized(text))
    }

    // MARK: - Lines

    private func say(_ line: String) {
        if !isJSON { Console.out(line) }
    }

    private static func heading(_ text: String) {
        Console.out(Console.styled("━━━ \(DisplayText.sanitized(text)) ━━━", .bold))
    }

    private static func remarks(_ plan: ImportPlan) {
        for remark in plan.remarks { note("\(remark.field): \(remark.text)") }
        guard !plan.leftOut.isEmpty else { return }
        Console.out("  left out of env: \(DisplayText.sanitized(plan.leftOut.joined(separator: ", ")))")
    }

    /// Without a newline, so that a slow step is seen to be under way.
    private static func write(_ text: String) {
        var writer = OutputWriter(descriptor: 1)
        writer.append(text)
        writer.flush()
    }

    private static func origin(of plan: ImportPlan) -> String {
        let ids = plan.processes.compactMap(\.id).map(String.init)
        let pids = plan.processes.map(\.pid).filter { $0 > 0 }.map { String($0) }
        return [
            ids.isEmpty ? "" : "pm2_id=\(ids.joined(separator: ","))",
            pids.isEmpty ? "" : "PID=\(pids.joined(separator: ","))",
            plan.first.origin == .file ? "not started yet" : plan.first.status,
        ].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private static func words(for step: Move.Step) -> String {
        switch step {
        case .stopping: "Stopping in PM2"
        case .starting: "Starting in gopm"
        case .removing: "Removing from PM2"
        case .withdrawing: "Removing from gopm"
        case .restoring: "Starting in PM2 again"
        case .moved, .restored: ""
        }
    }
}

extension Report.Outcome {
    fileprivate func encode(into json: inout JSONWriter, isDry: Bool) {
        json.object { json in
            json.member("name", name)
            json.member("pm2_name", pm2Name)
            if let plan {
                json.member("pm2_ids") {
                    $0.array { json in for id in plan.processes.compactMap(\.id) { json.integer(id) } }
                }
                json.member("pm2_status", plan.first.status)
                json.member("wanted", plan.wantsUp ? "up" : "down")
                json.key("request")
                plan.request.encode(into: &json, includesDefaults: true)
                json.member("remarks") { json in
                    json.array { json in
                        for remark in plan.remarks {
                            json.object {
                                $0.member("field", remark.field)
                                $0.member("text", remark.text)
                            }
                        }
                    }
                }
                json.member("env_left_out", plan.leftOut)
            }
            if let id { json.member("id", id) }
            if !isDry { json.member("outcome", step?.rawValue ?? "refused") }
            if let failure { json.member("error", failure) }
        }
    }
}
