import GopmJSON
import GopmModel
import SeededRandom
import Testing

@Suite struct StartRequestTests {
    private func read(_ text: String) throws -> (request: StartRequest, faults: [String]) {
        var fields = FieldReader(try object(text))
        let request = StartRequest(from: &fields)
        return (request, fields.faults.map(\.description))
    }

    @Test func commandAloneTakesTheDefaults() throws {
        let (request, faults) = try read(#"{"command":"server"}"#)
        var expected = StartRequest()
        expected.command = "server"
        #expect(request == expected)
        #expect(faults == [])
        #expect(request.policy == RestartPolicy())
    }

    @Test func everyFieldIsRead() throws {
        let (request, faults) = try read(
            #"""
            {"command":"a b","name":"web","args":["-c",""],"cwd":"/srv","env":{"A":"1","PORT":8080,"ON":true},
             "interpreter":"node","path":"/bin:/usr/bin","autorestart":"on-failure","max_restarts":3,"min_uptime":"1m",
             "restart_delay":"500ms","exp_backoff":true,"max_delay":"2h","restart_on_exit":[75],
             "no_restart_on_exit":[0,255],"kill_signal":"INT","kill_timeout":"0s","log_out":"/o","log_err":"e",
             "max_log_size":"5M"}
            """#
        )
        #expect(faults == [])
        var expected = StartRequest()
        expected.command = "a b"
        expected.name = "web"
        expected.args = ["-c", ""]
        expected.cwd = "/srv"
        expected.env = ["A": "1", "PORT": "8080", "ON": "true"]
        expected.interpreter = "node"
        expected.searchPath = "/bin:/usr/bin"
        expected.policy.mode = .onFailure
        expected.policy.maxRestarts = 3
        expected.policy.minUptime = .seconds(60)
        expected.policy.restartDelay = .milliseconds(500)
        expected.policy.usesBackoff = true
        expected.policy.maxDelay = .seconds(7_200)
        expected.policy.restartOnExit = [75]
        expected.policy.noRestartOnExit = [0, 255]
        expected.policy.killSignal = .interrupt
        expected.policy.killTimeout = .zero
        expected.logOut = "/o"
        expected.logErr = "e"
        expected.maxLogSize = 5 << 20
        #expect(request == expected)
    }

    @Test func nullAndEmptyPathsAreAbsent() throws {
        let (request, faults) = try read(
            #"{"command":"x","args":null,"cwd":"","env":null,"interpreter":"","log_out":"","log_err":null,"max_log_size":null}"#
        )
        var expected = StartRequest()
        expected.command = "x"
        #expect(request == expected)
        #expect(faults == [])
    }

    @Test(
        arguments: [
            (#"{}"#, "command: missing (the program or script to start)"),
            (#"{"command":""}"#, "command: cannot be empty"),
            (#"{"command":7}"#, "command: expected a string, found a number"),
            (#"{"command":null}"#, "command: missing (the program or script to start)"),
        ] as [(String, String)]
    )
    func commandIsNeeded(text: String, fault: String) throws {
        #expect(try read(text).faults == [fault])
    }

    @Test(
        arguments: [
            (#""name":"a/b""#, #"name: "a/b" is not \#(ProcessName.rule)"#),
            (#""name":"all""#, #"name: "all" is not \#(ProcessName.rule)"#),
            (#""name":7"#, "name: expected a string, found a number"),
            (#""args":"-c""#, "args: expected a list of strings, found a string"),
            (#""args":["a",1]"#, "args[1]: expected a string, found a number"),
            (#""args":["a\u0000b"]"#, "args: an argument cannot hold a NUL character"),
            (#""cwd":7"#, "cwd: expected a string, found a number"),
            (#""cwd":"/a\u0000b""#, "cwd: cannot hold a NUL character"),
            (#""env":[]"#, "env: expected an object, found an array"),
            (#""env":{"A":null}"#, "env.A: expected a string, found null"),
            (#""env":{"A":["x"]}"#, "env.A: expected a string, found an array"),
            (#""env":{"":"x"}"#, #"env[""]: a variable's name cannot be empty or hold "=""#),
            (#""env":{"A=B":"x"}"#, #"env["A=B"]: a variable's name cannot be empty or hold "=""#),
            (#""env":{"A":"x\u0000"}"#, "env.A: a variable cannot hold a NUL character"),
            (#""interpreter":true"#, "interpreter: expected a string, found true or false"),
            (#""path":1"#, "path: expected a string, found a number"),
            (#""autorestart":"maybe""#, #"autorestart: "maybe" is not allowed (always, on-failure or never)"#),
            (#""autorestart":true"#, #"autorestart: expected "always", "on-failure" or "never", found true or false"#),
            (#""max_restarts":-1"#, "max_restarts: -1 is out of range (0 to 1000000000)"),
            (#""max_restarts":"3""#, "max_restarts: expected a whole number, found a string"),
            (#""max_restarts":1.5"#, "max_restarts: expected a whole number, found a number"),
            (#""min_uptime":"5""#, #"min_uptime: "5" is not a duration (such as 500ms, 5s, 1m30s, 2h)"#),
            (#""min_uptime":5"#, #"min_uptime: expected a string such as "5s", found a number"#),
            (#""restart_delay":"-5s""#, #"restart_delay: "-5s" is not a duration (such as 500ms, 5s, 1m30s, 2h)"#),
            (#""exp_backoff":"yes""#, "exp_backoff: expected true or false, found a string"),
            (#""max_delay":"soon""#, #"max_delay: "soon" is not a duration (such as 500ms, 5s, 1m30s, 2h)"#),
            (#""restart_on_exit":75"#, "restart_on_exit: expected a list of exit codes, found a number"),
            (#""restart_on_exit":[0,256]"#, "restart_on_exit[1]: 256 is not an exit code (0 to 255)"),
            (#""no_restart_on_exit":["2"]"#, #"no_restart_on_exit[0]: "2" is not an exit code (0 to 255)"#),
            (#""kill_signal":0"#, #"kill_signal: 0 is not a signal (such as SIGINT or 2)"#),
            (#""kill_signal":"FOO""#, #"kill_signal: "FOO" is not a signal (such as SIGINT or 2)"#),
            (#""kill_signal":{}"#, #"kill_signal: an object is not a signal (such as SIGINT or 2)"#),
            (#""kill_timeout":"5 s""#, #"kill_timeout: "5 s" is not a duration (such as 500ms, 5s, 1m30s, 2h)"#),
            (#""log_out":[]"#, "log_out: expected a string, found an array"),
            (#""log_err":"\u0000""#, "log_err: cannot hold a NUL character"),
            (#""max_log_size":"abc""#, #"max_log_size: "abc" is not a size (such as 500K, 10M, 1G; 1K to 1T)"#),
            (#""max_log_size":1023"#, "max_log_size: 1023 is not a size (such as 500K, 10M, 1G; 1K to 1T)"),
            (#""max_log_size":"2T""#, #"max_log_size: "2T" is not a size (such as 500K, 10M, 1G; 1K to 1T)"#),
            (#""max_log_size":true"#, "max_log_size: true is not a size (such as 500K, 10M, 1G; 1K to 1T)"),
        ] as [(String, String)]
    )
    func faults(field: String, fault: String) throws {
        #expect(try read(#"{"command":"x",\#(field)}"#).faults == [fault])
    }

    @Test func aNulInTheCommandIsNamed() throws {
        let fault = try #require(try read(#"{"command":"a\u0000b"}"#).faults.first)
        #expect(fault.contains("NUL"))
    }
}

// MARK: - Writing

extension StartRequestTests {
    @Test func onlyWhatDiffersIsWritten() {
        var request = StartRequest()
        request.command = "/bin/true"
        request.name = "t"
        #expect(written { request.encode(into: &$0) } == #"{"name":"t","command":"/bin/true"}"#)
        request.policy.restartDelay = .seconds(90)
        request.policy.killSignal = .interrupt
        request.maxLogSize = 5 << 20
        #expect(
            written { request.encode(into: &$0) }
                == #"{"name":"t","command":"/bin/true","restart_delay":"1m30s","kill_signal":"SIGINT","max_log_size":"5M"}"#
        )
    }

    @Test func defaultsAreWrittenWhenWanted() throws {
        var request = StartRequest()
        request.command = "x"
        let keys = try object(written { request.encode(into: &$0, includesDefaults: true) }).members.map(\.key)
        let wanted = [
            "command", "autorestart", "max_restarts", "min_uptime", "restart_delay", "exp_backoff", "max_delay",
            "kill_timeout",
        ]
        #expect(keys == wanted)
    }

    @Test(arguments: seeds)
    func exportedRequestParsesBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let request = random.request()
            let text = written { request.encode(into: &$0, includesDefaults: random.chance(50)) }
            var fields = FieldReader(try object(text))
            #expect(StartRequest(from: &fields) == request, "\(text)")
            fields.refuseUnknownKeys()
            #expect(fields.faults == [], "\(text)")
            #expect(refusal(of: #"{"apps":[\#(text)]}"#) == [])
        }
    }
}

extension SeededGenerator {
    private mutating func text() -> String { pick(["x", "/srv/app", "a b", "日本", "\"q\"", "\u{1B}[31m", "-", "~/x"]) }

    private mutating func duration() -> Duration {
        .nanoseconds(Int64.random(in: 0..<1 << Int.random(in: 1...57, using: &self), using: &self))
    }

    private mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? { chance(50) ? make(&self) : nil }

    fileprivate mutating func request() -> StartRequest {
        var request = StartRequest()
        request.command = text()
        request.name = "n\(Int.random(in: 0...999, using: &self))"
        if chance(50) { request.args = [text(), ""] }
        request.cwd = maybe { $0.text() }
        if chance(50) { request.env = ["A": text(), "B_\(text().count)": ""] }
        request.interpreter = maybe { $0.text() }
        request.searchPath = maybe { $0.text() }
        request.policy = policy()
        request.logOut = maybe { $0.text() }
        request.logErr = maybe { $0.text() }
        request.maxLogSize = maybe { Int64.random(in: ByteSize.logSizeRange, using: &$0) }
        return request
    }

    mutating func policy() -> RestartPolicy {
        var policy = RestartPolicy()
        policy.mode = pick(RestartPolicy.Mode.allCases)
        policy.maxRestarts = pick([0, 1, 1_000_000_000])
        policy.minUptime = duration()
        policy.restartDelay = duration()
        policy.usesBackoff = chance(50)
        policy.maxDelay = duration()
        policy.restartOnExit = pick([[], [0], [1, 255]])
        policy.noRestartOnExit = pick([[], [2, 2]])
        // Real-time signals have a test of their own.
        policy.killSignal = Signal(number: Int32.random(in: 1...31, using: &self))
        policy.killTimeout = duration()
        return policy
    }
}
