import GopmJSON
import GopmModel
import SeededRandom
import Testing

@Suite struct ProcessRecordTests {
    private func read(_ text: String) throws -> (record: ProcessRecord, faults: [Fault]) {
        var fields = FieldReader(try object(text), at: JSONPath.root[0])
        let record = ProcessRecord(from: &fields)
        return (record, fields.faults)
    }

    @Test func countsOfADamagedFileHaveRoomToGrow() throws {
        let record = try read(
            #"{"id":1,"name":"a","command":"/a","restarts":9223372036854775807,"start_count":-5,"pid":-1,"#
                + #""instance":9223372036854775807,"crash_count":9223372036854775807,"life":{"id":1,"generation":"#
                + #"9223372036854775807,"boot_id":"b","pid":-1,"started_boot":-9223372036854775808}}"#
        ).record
        let counters = record.counters
        #expect(counters.restarts + 1 > 0)
        #expect(counters.instance + 1 > 0)
        #expect(counters.crashes + 1 > 0)
        #expect(counters.starts == 0)
        // -1 would be every process there is.
        #expect(record.pid == 0)
        #expect(record.life?.pid == 0)
        #expect(record.life?.startedBoot == 0)
        #expect((record.life?.generation ?? 0) + 1 > 0)
    }

    @Test func aMegabyteOfFaultsIsAHundred() throws {
        let wrong = String(repeating: "0,", count: 100_000)
        var fields = FieldReader(try object(#"{"command":"a","args":[\#(wrong)0],"env":{"A":[],"B":[]}}"#))
        _ = StartRequest(from: &fields)
        #expect(fields.faults.count == 100)
        #expect(fields.faults[99].path == "args[99]")
    }

    @Test(arguments: seeds)
    func savedRecordComesBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let record = random.record()
            let text = written { record.encode(into: &$0, detail: .saved) }
            let (back, faults) = try read(text)
            #expect(faults == [])
            #expect(written { back.encode(into: &$0, detail: .saved) } == text)
            #expect(back.id == record.id)
            #expect(back.spec == record.spec)
            #expect(back.state == record.state)
            #expect(back.reason == record.reason)
            #expect(back.pid == record.pid)
            #expect(back.lastExit == record.lastExit)
            #expect(back.startedAt == record.startedAt)
            #expect(back.createdAt == record.createdAt)
            #expect(back.memory == record.memory)
            #expect(back.cpuPercent == record.cpuPercent)
            #expect(back.listeners == record.listeners)
            #expect(back.counters == record.counters)
            #expect(back.wantsUp == record.wantsUp)
            #expect(back.life == record.life)
        }
    }

    @Test func clientsSeeNoLife() throws {
        var random = SeededGenerator(seed: 1)
        var record = random.record()
        record.life = Life(lifeID: 1 << 50, generation: 1, bootID: "b")
        #expect(try object(written { record.encode(into: &$0) })["life"] == nil)
        #expect(try object(written { record.encode(into: &$0, detail: .saved) })["life"] != nil)
    }

    @Test func tableHasOnlyItsFields() throws {
        let record = ProcessRecord(
            id: 3,
            spec: ProcessSpec(name: "web", command: "/x", cwd: "/"),
            createdAt: Timestamp(nanoseconds: 0)
        )
        let text = written { record.encode(into: &$0, detail: .table) }
        #expect(
            try object(text).members.map(\.key)
                == ["id", "name", "status", "state", "pid", "restarts", "uptime", "memory", "cpu", "listeners"]
        )
    }

    @Test(arguments: [
        (ProcessState.starting, "online"), (.running, "online"), (.stopping, "online"), (.waiting, "stopped"),
        (.stopped, "stopped"), (.errored, "errored"),
    ])
    func threeStatuses(state: ProcessState, status: String) {
        #expect(state.status == status)
    }

    @Test(
        arguments: [
            (nil, ["exit_code": 0]), (.exited(code: 3), ["exit_code": 3, "exit_signal": 0, "exit_status_known": true]),
            (.unknown, ["exit_code": -1, "exit_signal": 0, "exit_status_known": false]),
            (
                .signaled(.kill, coreDumped: false),
                ["exit_code": -1, "exit_signal": 9, "exit_status_known": true]
            ),
        ] as [(ExitStatus?, [String: JSONValue])]
    )
    func lastExit(exit: ExitStatus?, fields: [String: JSONValue]) throws {
        var record = ProcessRecord(
            id: 0,
            spec: ProcessSpec(name: "a", command: "/x", cwd: "/"),
            createdAt: Timestamp(nanoseconds: 0)
        )
        record.lastExit = exit
        let object = try object(written { record.encode(into: &$0) })
        for key in ["exit_code", "exit_signal", "exit_status_known"] { #expect(object[key] == fields[key]) }
    }
}

// MARK: - Dumps of others

extension ProcessRecordTests {
    /// An element of a dump of the Go gopm 0.0.34, `data/json-and-wire.md`.
    private static let goElement = #"""
        {"id":0,"name":"web","command":"/bin/sh","args":["-c","exec sleep 100"],"cwd":"/srv/web","env":{"PORT":"8080"},
         "interpreter":"bash","status":"online","status_reason":"stopped by user","pid":18334,
         "restart_policy":{"autorestart":"always","max_restarts":0,"min_uptime":"5s","restart_delay":"2s",
           "exp_backoff":false,"max_delay":"30s","restart_on_exit":[75],"no_restart_on_exit":[2],"kill_signal":15,
           "kill_timeout":"5s"},
         "restarts":0,"uptime":"2026-11-23T14:58:23.569314423Z","created_at":"2026-11-23T14:58:23.567542846Z","exit_code":0,
         "memory":1855488,"cpu":0,"listeners":["tcp@127.0.0.1:8080"],"log_out":"/home/me/.gopm/logs/web-out.log",
         "log_err":"/home/me/.gopm/logs/web-err.log","max_log_size":104857600}
        """#

    @Test func dumpOfTheGoGopmLoads() throws {
        let (record, faults) = try read(Self.goElement)
        #expect(faults == [])
        #expect(record.id == 0)
        #expect(record.spec.name == "web")
        #expect(record.spec.command == "/bin/sh")
        #expect(record.spec.args == ["-c", "exec sleep 100"])
        #expect(record.spec.cwd == "/srv/web")
        #expect(record.spec.env == ["PORT": "8080"])
        #expect(record.spec.interpreter == "bash")
        #expect(record.spec.searchPath == nil)
        var policy = RestartPolicy()
        policy.restartOnExit = [75]
        policy.noRestartOnExit = [2]
        #expect(record.spec.policy == policy)
        #expect(record.spec.logOut == "/home/me/.gopm/logs/web-out.log")
        #expect(record.spec.maxLogSize == 100 << 20)
        #expect(record.state == .running)
        #expect(record.wantsUp)
        #expect(record.pid == 18_334)
        #expect(record.lastExit == nil)
        #expect(record.startedAt?.rfc3339 == "2026-11-23T14:58:23.569314423Z")
        #expect(record.createdAt.rfc3339 == "2026-11-23T14:58:23.567542846Z")
        #expect(record.listeners == ["tcp@127.0.0.1:8080"])
        #expect(record.life == nil)
    }

    @Test func unknownFieldsAndNullsOfADumpAreNoFault() throws {
        let (record, faults) = try read(
            #"""
            {"id":4,"name":"a","command":"/x","args":null,"env":null,"listeners":null,"restart_policy":null,"status":"errored",
             "uptime":"0001-01-01T00:00:00Z","future":{"deep":[1]},"life":{"id":"?"}}
            """#
        )
        #expect(faults == [])
        #expect(record.state == .errored)
        #expect(!record.wantsUp)
        #expect(record.startedAt == nil)
        #expect(record.life == nil)
        #expect(record.spec.cwd == "/")
        #expect(record.spec.policy == RestartPolicy())
    }

    /// The Go gopm takes bad values silently, so its dumps hold them; one of them must not cost the whole list.
    @Test(arguments: [
        #""max_log_size":0"#, #""max_log_size":500"#, #""max_log_size":-1"#, #""restart_policy":{"kill_signal":0}"#,
        #""restart_policy":{"autorestart":"maybe"}"#, #""restart_policy":{"autorestart":""}"#,
        #""restart_policy":{"restart_delay":"-5s"}"#, #""restart_policy":{"max_restarts":-1}"#,
    ])
    func badValuesThatTheGoGopmAcceptsAreNoFault(field: String) throws {
        let (record, faults) = try read(#"{"id":4,"name":"a","command":"/x",\#(field)}"#)
        #expect(faults == [])
        #expect(record.spec.policy == RestartPolicy())
    }

    @Test func recordWithoutALogSizeComesBack() throws {
        let record = ProcessRecord(
            id: 0,
            spec: ProcessSpec(name: "a", command: "/x", cwd: "/"),
            createdAt: Timestamp(nanoseconds: 0)
        )
        let (back, faults) = try read(written { record.encode(into: &$0, detail: .saved) })
        #expect(faults == [])
        #expect(back.spec == record.spec)
    }

    @Test func neverStartedOneStaysNeverStarted() throws {
        let created = Timestamp(nanoseconds: 5_000_000_000)
        var record = ProcessRecord(id: 0, spec: ProcessSpec(name: "a", command: "/x", cwd: "/"), createdAt: created)
        record.spec.maxLogSize = 1 << 20
        let (back, _) = try read(written { record.encode(into: &$0, detail: .saved) })
        #expect(back.startedAt == nil)
    }

    @Test func commandIsNeeded() throws {
        #expect(try read(#"{"id":1,"name":"a"}"#).faults == [Fault(path: "[0].command", message: "missing")])
    }

    @Test func faultsOfThePolicyHaveTheirFullPath() throws {
        let text = #"{"id":1,"name":"a","command":"/x","restart_policy":{"min_uptime":7}}"#
        #expect(try read(text).faults.map(\.path) == ["[0].restart_policy.min_uptime"])
    }
}

extension SeededGenerator {
    fileprivate mutating func record() -> ProcessRecord {
        var spec = ProcessSpec(name: pick(["a", "web"]), command: pick(["/x", "/a b"]), cwd: pick(["/", "/srv"]))
        if chance(50) { spec.args = ["", "日本"] }
        if chance(50) { spec.env = ["A": "1", "B": ""] }
        if chance(50) { spec.interpreter = "node" }
        if chance(50) { spec.searchPath = "/bin:/usr/bin" }
        spec.policy = policy()
        spec.logOut = pick(["", "/o"])
        spec.logErr = "/e"
        spec.maxLogSize = Int64.random(in: ByteSize.logSizeRange, using: &self)
        let now = Timestamp(nanoseconds: Int64.random(in: 0...4_000_000_000_000_000_000, using: &self))
        var record = ProcessRecord(id: Int.random(in: 0...Int(Int32.max), using: &self), spec: spec, createdAt: now)
        record.state = pick(ProcessState.allCases)
        record.reason = pick(["", "stopped by user"])
        record.pid = pick([0, 1, .max])
        record.lastExit = pick([
            nil, .unknown, .exited(code: 0), .exited(code: 255), .signaled(.kill, coreDumped: false),
        ])
        record.startedAt = now
        record.memory = pick([0, 1, 1 << 62])
        record.cpuPercent = pick([0, 0.1, 812, 99.95])
        record.listeners = pick([[], ["tcp@127.0.0.1:80"]])
        record.counters = counters()
        record.wantsUp = chance(50)
        if chance(50) { record.life = life() }
        return record
    }

    private mutating func counters() -> ProcessCounters {
        var counters = ProcessCounters()
        counters.restarts = pick([0, 1, 1 << 62])
        counters.restartsSinceReset = pick([0, 2])
        counters.instance = pick([0, 3])
        counters.starts = pick([0, 4])
        counters.stops = pick([0, 5])
        counters.crashes = pick([0, 6])
        counters.userRestarts = pick([0, 7])
        counters.supervisorRestarts = pick([0, 8])
        counters.lastRunMilliseconds = pick([0, 1 << 62])
        return counters
    }

    private mutating func life() -> Life {
        var life = Life(
            lifeID: UInt64.random(in: 1 << 48..<1 << 62, using: &self),
            generation: pick([1, 99]),
            bootID: "b-1"
        )
        life.pid = pick([0, 77])
        life.startTicks = pick([0, 1 << 40])
        life.startedBoot = pick([0, 1 << 62])
        life.outSlot = pick([-1, 0, 7])
        life.errSlot = pick([-1, 1])
        life.restartDue = pick([0, 12])
        return life
    }
}
