import GopmCommandLine
import GopmJSON
import GopmModel
import GopmScreen
import GopmTerminal

/// What became of one app of a file that was started or imported.
struct AppOutcome {
    enum Fate {
        /// With the process object, as the daemon sent it.
        case started([UInt8])
        case alreadyRunning([UInt8])
        /// There is a process with the same command and folder.
        case exists(name: String, command: String, cwd: String)
        case failed(String)
    }

    var name: String
    var fate: Fate

    init(_ app: StartRequest, _ fate: Fate) {
        name = app.name ?? ""
        self.fate = fate
    }

    /// Tells of all of them; a failure of one is a failure of the command.
    ///
    /// `verb`: Past tense, for the summary.
    static func tell(_ outcomes: [AppOutcome], verb: String, json: Bool) throws(CommandFailure) {
        let isFailed = outcomes.contains { if case .failed = $0.fate { true } else { false } }
        if json {
            let text = AppOutcome.json(outcomes)
            guard !isFailed else { throw CommandFailure(.failed, [], json: text) }
            return Console.json(text)
        }
        for outcome in outcomes { Console.out(try outcome.line()) }
        Console.out(summary(outcomes, verb))
        if isFailed { throw CommandFailure.silent(.failed) }
    }

    private func line() throws(CommandFailure) -> String {
        let (word, style, remark): (String, Style, String)
        switch fate {
        case .started(let data):
            let record = try RecordReading.first(data)
            (word, style) = ("OK", .green)
            remark = record.pid > 0 ? "PID: \(record.pid)" : "has ended already: \(record.why)"
        case .alreadyRunning(let data):
            (word, style, remark) = ("SKIP", .yellow, "already running, PID: \(try RecordReading.first(data).pid)")
        case .exists(let name, let command, let cwd):
            (word, style, remark) = ("SKIP", .yellow, "matches existing \"\(name)\": \(command) in \(cwd)")
        case .failed(let reason):
            (word, style, remark) = ("FAIL", .red, reason)
        }
        return "\(Console.styled(word, style)) \(DisplayText.sanitized("\(name) (\(remark))"))"
    }

    /// `Started 2/4 processes (1 already running, 1 failed)`.
    private static func summary(_ outcomes: [AppOutcome], _ verb: String) -> String {
        var (started, running, skipped, failed) = (0, 0, 0, 0)
        for outcome in outcomes {
            switch outcome.fate {
            case .started: started += 1
            case .alreadyRunning: running += 1
            case .exists: skipped += 1
            case .failed: failed += 1
            }
        }
        let remarks = [(running, "already running"), (skipped, "skipped"), (failed, "failed")].filter { $0.0 > 0 }
        let text = remarks.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        return "\(verb) \(started)/\(outcomes.count) processes\(text.isEmpty ? "" : " (\(text))")"
    }

    /// Process objects, `{"name","skipped","matches"}` and `{"name","error"}`.
    private static func json(_ outcomes: [AppOutcome]) -> [UInt8] {
        var json = JSONWriter()
        json.array { json in for outcome in outcomes { outcome.encode(into: &json) } }
        return json.bytes
    }

    private func encode(into json: inout JSONWriter) {
        switch fate {
        case .started(let data), .alreadyRunning(let data): json.raw(data)
        case .exists(let match, _, _):
            json.object { json in
                json.member("name", name)
                json.member("skipped", true)
                json.member("matches", match)
            }
        case .failed(let reason):
            json.object { json in
                json.member("name", name)
                json.member("error", reason)
            }
        }
    }
}

extension ProcessRecord {
    /// `started api (id 0, PID 4521)`, as commands say what they did to a process.
    func line(_ verb: String) -> String {
        let name = DisplayText.sanitized(spec.name)
        if pid > 0 { return "\(verb) \(name) (id \(id), PID \(pid))" }
        return "\(verb) \(name) (id \(id)), which has ended already (\(DisplayText.sanitized(why)))"
    }

    /// Why it is as it is.
    fileprivate var why: String { reason.isEmpty ? state.word : reason }
}
