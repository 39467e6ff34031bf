import GopmJSON
import GopmTestSupport
import Testing

/// Clients that do what they like: a clear error or a closed connection, never growth, never at the cost of others.
@Suite(.daemonLog)
struct SocketTests {
    static let garbage: [(text: String, code: String)] = [
        ("nonsense\n", "invalid_request"), ("{\n", "invalid_request"), ("[]\n", "invalid_request"),
        ("{}\n", "invalid_request"),
        ("\u{0}\u{1}\u{2}\n", "invalid_request"), (#"{"method": 5}"# + "\n", "invalid_request"),
        (#"{"method": "fly"}"# + "\n", "unknown_method"),
        (#"{"method": "list", "params": [1]}"# + "\n", "invalid_request"),
        (#"{"method": "stop"}"# + "\n", "invalid_value"),
        (#"{"method": "stop", "params": {"target": {}}}"# + "\n", "invalid_value"),
        (#"{"method": "describe", "params": {"target": "ghost"}}"# + "\n", "not_found"),
        (#"{"method": "start", "params": {}}"# + "\n", "invalid_value"),
        (#"{"method": "start", "params": {"command": "/bin/true", "min_uptime": 5}}"# + "\n", "invalid_value"),
        (String(repeating: "[", count: 100_000) + "\n", "invalid_request"),
    ]

    @Test(arguments: garbage.indices)
    func garbageGetsAClearErrorAndTheConnectionGoesOn(_ index: Int) throws {
        let (text, code) = Self.garbage[index]
        try DaemonFixture.with { daemon in
            let client = try RawClient(daemon)
            try client.send(text)
            let reply = try client.reply()
            #expect(reply["success"] == false && reply.text("code") == code && !reply.text("error").isEmpty, "\(reply)")
            try client.send(#"{"method":"ping"}"# + "\n")
            #expect(try client.reply()["success"] == true)
        }
    }

    @Test func binaryNoiseDoesNoHarm() throws {
        try DaemonFixture.with { daemon in
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<20 {
                let client = try RawClient(daemon)
                _ = client.send((0..<5000).map { _ in UInt8.random(in: 0...255, using: &generator) })
                client.endSending()
                #expect(client.isClosed(within: .seconds(5)))
            }
            #expect(try daemon.run("ping").status == 0)
        }
    }

    @Test func theShapesOfTheGoClientAreAnsweredInItsShapes() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--say", "hello", "--run-forever")
            func ask(_ request: String) throws -> JSONValue {
                let client = try RawClient(daemon)
                try client.send(request + "\n")
                return try client.reply()
            }
            let ping = try ask(#"{"method":"ping","params":null}"#)
            #expect(ping.keys == ["success", "data"] && ping["data"]?.pid == daemon.daemonPID)
            let ghost = try ask(#"{"method":"stop","params":{"target":"ghost"}}"#)
            #expect(ghost["success"] == false && ghost.text("error") == "process \"ghost\" not found")
            #expect(try ask(#"{"method":"list"}"#)["data"]?.arrayValue?.count == 1)
            #expect(try ask(#"{"method":"describe","params":{"target":"web"}}"#)["data"]?.text("name") == "web")
            #expect(try ask(#"{"method":"isrunning","params":{"target":"0"}}"#)["data"]?["running"] == true)
            #expect(try ask(#"{"method":"restart","params":{"target":"web"}}"#)["data"]?.text("status") == "online")
            #expect(try ask(#"{"method":"restart","params":{"target":"all"}}"#)["data"]?.arrayValue?.count == 1)
            #expect(try ask(#"{"method":"resurrect"}"#)["data"] == [])
            for method in ["stop", "flush", "delete"] {
                #expect(try ask(#"{"method":"\#(method)","params":{"target":"web"}}"#)["success"] == true, "\(method)")
            }
            #expect(try ask(#"{"method":"save"}"#)["success"] == true)
            let start =
                #"{"method":"start","params":{"command":"\#(Programs.testapp)","args":["--run-forever"],"name":"x","autorestart":"never","max_restarts":3,"restart_delay":"1s","max_log_size":"10M"}}"#
            #expect(try ask(start)["data"]?.text("name") == "x")
        }
    }

    @Test func theLogsMethodAnswersContentAndPath() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("web", "--say", "hello", "--run-forever")
            #expect(daemon.logs("hello", "web"))
            let client = try RawClient(daemon)
            try client.send(#"{"method":"logs","params":{"target":"web","lines":5,"err_only":false}}"# + "\n")
            let data = try client.reply()["data"]
            #expect(data?.text("content").contains("hello") == true, "\(data ?? .null)")
            #expect(data?.text("log_path").hasSuffix("web-out.log") == true)
        }
    }

    @Test func idsAreEchoedAndUnnumberedRequestsAreAnsweredInOrder() throws {
        try DaemonFixture.with { daemon in
            try daemon.startReady("slow", "--slow-shutdown", "300ms")
            let client = try RawClient(daemon)
            try client.send(
                #"{"method":"stop","params":{"target":"slow"},"id":1}"# + "\n" + #"{"method":"ping","id":"two"}"# + "\n"
            )
            #expect(try client.reply()["id"] == "two")
            #expect(try client.reply()["id"] == 1)
            try daemon.run("start", "slow").check()
            #expect(eventually { daemon.log("slow").count { $0 == "up" } == 2 })
            try client.send(#"{"method":"stop","params":{"target":"slow"}}"# + "\n" + #"{"method":"ping"}"# + "\n")
            let first = try client.reply()
            #expect(first["id"] == nil && first["data"] == nil && first["success"] == true)
            #expect(try client.reply()["data"]?.pid == daemon.daemonPID)
        }
    }

    @Test func aRequestInPiecesAndManyInOneAreTheSame() throws {
        try DaemonFixture.with { daemon in
            let client = try RawClient(daemon)
            for byte in Array(#"{"method":"ping","id":1}"#.utf8) + [10] { #expect(client.send([byte]) == 1) }
            #expect(try client.reply()["id"] == 1)
            let many = (0..<500).map { "{\"method\":\"ping\",\"id\":\($0)}\r\n" }.joined()
            try client.send(many)
            for number in 0..<500 { #expect(try client.reply().number("id") == number) }
        }
    }

    @Test func aRequestOfTwoMegabytesIsRefused() throws {
        try DaemonFixture.with { daemon in
            let client = try RawClient(daemon)
            let sent = client.send(
                Array((#"{"method":"ping","x":""# + String(repeating: "y", count: 2 << 20) + "\"}\n").utf8)
            )
            #expect(sent <= 2 << 21)
            #expect(try client.reply().text("code") == "too_large")
            #expect(client.isClosed(within: .seconds(5)))
        }
    }

    @Test func aHundredMegabytesWithoutALineEndDoNotMakeTheDaemonGrow() throws {
        try DaemonFixture.with { daemon in
            let pid = try #require(daemon.daemonPID)
            let before = ProcessTable.statusNumber("VmRSS", of: pid) ?? 0
            let block = [UInt8](repeating: 0x41, count: 1 << 20)
            for _ in 0..<5 {
                let client = try RawClient(daemon)
                var sent = 0
                for _ in 0..<100 {
                    let count = client.send(block)
                    sent += count
                    if count < block.count { break }
                }
                #expect(sent < 8 << 20, "\(sent) bytes were taken")
            }
            let grown = (ProcessTable.statusNumber("VmRSS", of: pid) ?? 0) - before
            #expect(grown < 16 << 10, "\(grown) KiB more")
            #expect(try daemon.run("ping").status == 0)
        }
    }

    @Test func twoHundredSilentClientsDoNotSlowAnother() throws {
        try DaemonFixture.with { daemon in
            let silent = try (0..<200).map { _ in try RawClient(daemon) }
            let half = try (0..<20).map { _ in try RawClient(daemon) }
            for client in half { try client.send(#"{"method":"pi"#) }
            let (result, took) = try time { try daemon.run("list") }
            #expect(result.status == 0 && took < .seconds(2), "\(took)")
            withExtendedLifetime(silent) {}
        }
    }

    @Test func moreClientsThanPlacesWaitForTheirTurn() throws {
        try DaemonFixture.with { daemon in
            var silent = try (0..<600).map { _ in try RawClient(daemon) }
            let command = try daemon.begin(["ping"])
            // Proves that it waits instead of failing: 88 clients are before it in the queue of a full house.
            pause(.milliseconds(300))
            silent.removeAll()
            #expect(try command.finish().status == 0)
        }
    }

    @Test func aClientThatNeverReadsCostsBoundedMemory() throws {
        try DaemonFixture.with { daemon in
            for index in 0..<5 {
                try daemon.start(
                    "p\(index)",
                    flags: ["--env", "X=\(String(repeating: "x", count: 20_000))"],
                    "--run-forever"
                )
            }
            let pid = try #require(daemon.daemonPID)
            let before = ProcessTable.statusNumber("VmRSS", of: pid) ?? 0
            let client = try RawClient(daemon)
            // Each answer has 100 KB: 4,000 of them are 400 MB that nobody takes.
            let requests = Array((0..<4000).map { "{\"method\":\"list\",\"id\":\($0)}\n" }.joined().utf8)
            _ = client.send(requests, timeout: .seconds(3))
            let (result, took) = try time { try daemon.run("list") }
            #expect(result.status == 0 && took < .seconds(3), "\(took)")
            let grown = (ProcessTable.statusNumber("VmRSS", of: pid) ?? 0) - before
            #expect(grown < 40 << 10, "\(grown) KiB more")
        }
    }

    @Test func subscribersAreToldOfChanges() throws {
        try DaemonFixture.with { daemon in
            let client = try RawClient(daemon)
            try client.send(#"{"method":"subscribe","id":"s"}"# + "\n")
            #expect(try client.reply()["success"] == true)
            try daemon.start("p", "--run-forever")
            let event = try client.reply()
            #expect(
                event["id"] == "s" && event.text("event") == "changed" && event["data"]?.text("name") == "p",
                "\(event)"
            )
            try daemon.run("delete", "p").check()
            var last = event
            while last.text("event") != "removed" { last = try client.reply() }
            #expect(last["data"]?.text("name") == "p")
        }
    }

    @Test func manyRequestsLeaveTheDaemonAsSmallAsItWas() throws {
        try DaemonFixture.with { daemon in
            let pid = try #require(daemon.daemonPID)
            try daemon.start("p", "--run-forever")
            func ask(_ count: Int) throws {
                let client = try RawClient(daemon)
                for _ in 0..<count {
                    try client.send(#"{"method":"list"}"# + "\n")
                    _ = try client.reply()
                }
            }
            try ask(500)
            let before = ProcessTable.statusNumber("RssAnon", of: pid) ?? 0
            try ask(3000)
            let grown = (ProcessTable.statusNumber("RssAnon", of: pid) ?? 0) - before
            #expect(grown < 2 << 10, "\(grown) KiB more")
        }
    }

    @Test func silentAndHalfRequestsAreClosedAfterHalfAMinute() throws {
        try DaemonFixture.with { daemon in
            let silent = try RawClient(daemon)
            let half = try RawClient(daemon)
            try half.send(#"{"method":"#)
            #expect(half.isClosed(within: .seconds(40)))
            #expect(silent.isClosed(within: .seconds(10)))
            #expect(silent.line()?.contains("timed_out") == true)
        }
    }
}
