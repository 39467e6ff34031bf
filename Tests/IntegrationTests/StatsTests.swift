import Glibc
import GopmJSON
import GopmTestSupport
import Testing

/// The history, and samples as they are taken.
@Suite(.daemonLog)
struct StatsTests {
    private func ask(_ daemon: DaemonFixture, _ params: String = "{}") throws -> JSONValue {
        let client = try RawClient(daemon)
        try client.send(#"{"method":"stats","params":\#(params)}"# + "\n")
        return try client.reply()
    }

    private func points(_ daemon: DaemonFixture, _ name: String) throws -> [JSONValue] {
        try ask(daemon)["data"]?[name]?.arrayValue ?? []
    }

    @Test func snapshotsComeAndOutliveTheDaemon() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try daemon.startSampling(every: "20ms")
            try daemon.startReady("api", "--alloc-mb", "20")
            try daemon.start("job", flags: ["--autorestart", "never"], "--exit", "0")
            #expect(try eventually { try points(daemon, "api").count >= 3 && points(daemon, "job").count >= 3 })
            let point = try #require(try points(daemon, "api").last)
            #expect(point.keys == ["ts", "cpu", "mem", "restarts", "uptime", "status"])
            #expect(point.number("mem") > 20 << 20 && point.text("status") == "online")
            #expect(try points(daemon, "job").last?.text("status") == "stopped")
            let before = try points(daemon, "api").map { $0.number("ts") }
            #expect(before == before.sorted() && abs(before[0] - Int(Glibc.time(nil))) < 60)
            try daemon.run("reboot").check()
            #expect(try Array(points(daemon, "api").prefix(before.count)).map { $0.number("ts") } == before)
            daemon.crashDaemon()
            try daemon.run("ping").check()
            #expect(try eventually { try points(daemon, "api").count > before.count })
            #expect(try Array(points(daemon, "api").prefix(before.count)).map { $0.number("ts") } == before)
            #expect(try ask(daemon, #"{"target":"1","hours":1.5}"#)["data"]?.keys == ["job"])
        }
    }

    @Test func aDeletedProcessLeavesNoHistory() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try daemon.startSampling(every: "20ms")
            try daemon.start("old", "--run-forever")
            #expect(try eventually { try !points(daemon, "old").isEmpty })
            try daemon.run("delete", "old").check()
            let new = try daemon.start("new", "--run-forever")
            #expect(new.number("id") == 0, "it has the id of the old one")
            let first = try #require(try firstValue { try points(daemon, "new").first })
            #expect(first.number("ts") >= Int(Glibc.time(nil)) - 5 && first.number("uptime") <= 2)
            #expect(try ask(daemon)["data"]?.keys == ["new"])
        }
    }

    @Test(arguments: [
        (#"{"target":"ghost"}"#, "not_found"), (#"{"hours":0}"#, "invalid_value"),
        (#"{"hours":18.5}"#, "invalid_value"),
        (#"{"hours":"two"}"#, "invalid_value"), (#"{"target":[]}"#, "invalid_value"),
    ])
    func whatCannotBeAnsweredSaysWhy(params: String, code: String) throws {
        try DaemonFixture.with { daemon in
            let reply = try ask(daemon, params)
            #expect(reply["success"] == false && reply.text("code") == code && !reply.text("error").isEmpty)
        }
    }

    @Test func samplesArePushedToThoseWhoWantThem() throws {
        try DaemonFixture.with { daemon in
            try daemon.start("api", "--run-forever")
            try daemon.start("job", flags: ["--autorestart", "never"], "--exit", "0")
            let (fed, plain) = (try RawClient(daemon), try RawClient(daemon))
            try plain.send(#"{"method":"subscribe","id":1}"# + "\n")
            try fed.send(#"{"method":"subscribe","id":2,"params":{"samples":true}}"# + "\n")
            #expect(try plain.reply()["success"] == true && fed.reply()["success"] == true)
            let event = try #require(
                try firstValue { () -> JSONValue? in
                    let event = try fed.reply()
                    return event.text("event") == "samples" ? event : nil
                }
            )
            let samples = event["data"]?.arrayValue ?? []
            #expect(event["id"] == 2 && samples.map { $0.number("id") } == [0])
            #expect(samples.first?.keys == ["id", "cpu", "memory"] && samples[0].number("memory") > 0)
            try daemon.run("stop", "api").check()
            // What the other one gets in the meantime is no sample.
            while let line = plain.line(timeout: .milliseconds(500)) { #expect(!line.contains("samples"), "\(line)") }
            try fed.send(#"{"method":"subscribe","id":3,"params":{"samples":1}}"# + "\n")
            let refused = try firstValue { () -> JSONValue? in
                let reply = try fed.reply()
                return reply["id"] == 3 ? reply : nil
            }
            #expect(refused?.text("code") == "invalid_value")
        }
    }
}
